"""`import_history FILE.jsonl`: bring a recorded history in, all of it or nothing (docs/history.md)."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.commands import DeskCommand, Refused, unreadable
from casework.sealing import seal_and_tell
from notices.history import HistoryRefused, as_json, import_history


class Command(DeskCommand):
    help = "Bring a recorded history (JSON Lines) in, all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.jsonl")
        parser.add_argument("--dry-run", action="store_true", help="Check everything, store nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = import_history(options["file"], dry_run=options["dry_run"])
        except OSError as error:
            raise unreadable(options["file"], error) from error
        except HistoryRefused as refused:
            if self.as_json:
                self.print_json({"lines": refused.lines, "errors": as_json(refused.errors)})
            for wrong in refused.errors[:50]:
                self.stderr.write(f"line {wrong.line}: {wrong.field or 'record'}: {wrong.message}")
            count = len(refused.errors)
            message = f"Nothing was stored: {count} error{'s' * (count != 1)}."
            raise Refused(message, code="file_refused", shown=True) from refused
        seal_and_tell(self.stderr.write)
        if self.as_json:
            self.print_json(result)
        else:
            done = "would be stored" if options["dry_run"] else "stored"
            self.stdout.write(f"{result['lines']} records {done} in case {result['case']}.")
