"""`open_case REF --title T --by EMAIL` (interfaces.md, section 2)."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.commands import DeskCommand, acting
from casework.cases import open_case


class Command(DeskCommand):
    help = "Open a case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", metavar="REF")
        parser.add_argument("--title", required=True)
        parser.add_argument("--by", required=True, metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        case = open_case(options["reference"], title=options["title"], by=acting(options["by"]))
        if self.as_json:
            self.print_json({"reference": case.reference, "title": case.title})
        else:
            self.stdout.write(f"Case {case.reference} is open.")
