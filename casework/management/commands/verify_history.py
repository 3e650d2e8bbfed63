"""`verify_history`: whether evidence and histories are as they were written (interfaces.md, section 7)."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework import verification


class Command(BaseCommand):
    help = "Hash every exhibit anew and look for histories that can be, or have been, changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verification.verify()
        if options["format"] == "json":
            self.stdout.write(json.dumps(report))
        if report["broken"]:
            raise CommandError(f"First broken place: {report['broken'][0]}", returncode=1)
        if options["format"] == "text":
            self.stdout.write(
                f"{report['exhibits']} exhibits and {report['events']} events are as they were written."
            )
