"""`seal_history`: seal what was added to the histories; the clock does the same every ten seconds."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from accounts.commands import DeskCommand, Refused
from casework import sealing
from casework.sealing import CannotSeal, Sealed


class Command(DeskCommand):
    help = "Seal what was added to the histories, so that a later change of it is found."

    def add_arguments(self, parser: CommandParser) -> None:
        special = parser.add_mutually_exclusive_group()
        special.add_argument(
            "--restored", metavar="REASON", help="A backup was restored: give up the seals made after it."
        )
        special.add_argument("--new-key", action="store_true", help="The key is lost: make another.")

    def handle(self, *args: Any, **options: Any) -> None:
        lost = 0
        try:
            if options["restored"] is not None:
                lost = sealing.accept_restored(options["restored"])
            done = sealing.seal_history(new_key=options["new_key"])
        except CannotSeal as error:
            raise Refused(f"The history was not sealed: {error}", code="not_sealed") from error
        for table in done.behind:
            self.stderr.write(
                f"{table} is left for the next time: a transaction that adds to it has not ended."
            )
        if self.as_json:
            self.print_json({**asdict(done), "given_up": lost})
        else:
            self._say(done, lost)

    def _say(self, done: Sealed, lost: int) -> None:
        if lost:
            self.stdout.write(f"{lost} seals were given up.")
        if done.busy:
            self.stdout.write("Another sealer is at work.")
        else:
            self.stdout.write(f"{done.rows} rows were sealed with {done.seals} seals.")
