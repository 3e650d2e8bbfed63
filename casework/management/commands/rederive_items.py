"""`rederive_items`: read items' addresses by today's rules; the clock does the same every minute."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.commands import DeskCommand
from casework import rereading
from casework.models import Effect
from casework.rereading import Reread


class Command(DeskCommand):
    help = "Read the addresses of items by today's rules; what changes an item's identity is proposed to a person."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be proposed; store nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        all_due = rereading.due().count()
        done = rereading.reread_items(
            dry_run=options["dry_run"], tell=lambda done: self._progress(done, all_due)
        )
        if self.as_json:
            said = {name: getattr(done, name) for name in ("read", "updated", "left", "busy")}
            self.print_json({**said, "proposed": dict(done.proposed), "dry_run": options["dry_run"]})
        else:
            self._say(done)

    def _progress(self, done: Reread, all_due: int) -> None:
        if not self.as_json:
            self.stderr.write(f"{done.read:,} of {all_due:,} items read")

    def _say(self, done: Reread) -> None:
        if done.busy:
            self.stdout.write("Another run is reading items anew.")
            return
        self.stdout.write(f"{done.read:,} items read, {done.updated:,} updated without a question.")
        for effect, count in sorted(done.proposed.items()):
            self.stdout.write(f"{Effect(effect).label}: {count:,} to decide.")
