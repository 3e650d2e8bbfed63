"""`verify_history`: whether evidence and histories are as they were written (interfaces.md, section 7)."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.commands import DeskCommand, Refused, unreadable
from casework import verification

SHOWN = 50


class Command(DeskCommand):
    help = (
        "Compare the histories with their seals, hash every exhibit anew, and look whether the fences stand."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor", type=Path, metavar="FILE", help="A copy of the anchor that was kept elsewhere."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = verification.verify(anchor_file=options["anchor"])
        except OSError as error:
            raise unreadable(error.filename, error) from error
        for remark in report["remarks"]:
            self.stderr.write(f"Remark: {remark}.")
        if self.as_json:
            self.print_json(report)
        if broken := report["broken"]:
            for place in broken[1:SHOWN]:
                self.stderr.write(f"Broken too: {place}")
            raise Refused(f"First broken place: {broken[0]}", code="broken", shown=True)
        if not self.as_json:
            self._say(report)

    def _say(self, report: dict[str, Any]) -> None:
        self.stdout.write(
            f"{report['exhibits']} exhibits and {report['events']} events are as they were written.\n"
            f"{report['sealed']} rows of all histories are sealed, {report['unsealed']} not yet."
        )
        if report["seals"]:
            self.stdout.write(
                f"The last seal is number {report['seals']}, SHA-256 {report['last_seal_sha256']}."
            )
