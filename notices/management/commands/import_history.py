"""`import_history FILE.jsonl`: bring a recorded history in, all of it or nothing (docs/history.md)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notices.history import HistoryRefused, as_json, import_history


class Command(BaseCommand):
    help = "Bring a recorded history (JSON Lines) in, all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.jsonl")
        parser.add_argument("--dry-run", action="store_true", help="Check everything, store nothing.")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        as_data = options["format"] == "json"
        try:
            result = import_history(options["file"], dry_run=options["dry_run"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}", returncode=1) from error
        except HistoryRefused as refused:
            if as_data:
                self.stdout.write(json.dumps({"lines": refused.lines, "errors": as_json(refused.errors)}))
            for wrong in refused.errors[:50]:
                self.stderr.write(f"line {wrong.line}: {wrong.field or 'record'}: {wrong.message}")
            count = len(refused.errors)
            message = f"Nothing was stored: {count} error{'s' * (count != 1)}."
            raise CommandError(message, returncode=1) from refused
        if as_data:
            self.stdout.write(json.dumps(result))
        else:
            done = "would be stored" if options["dry_run"] else "stored"
            self.stdout.write(f"{result['lines']} records {done} in case {result['case']}.")
