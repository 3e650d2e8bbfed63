"""`open_case REF --title T --by EMAIL` (interfaces.md, section 2)."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from casework.cases import open_case


class Command(BaseCommand):
    help = "Open a case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", metavar="REF")
        parser.add_argument("--title", required=True)
        parser.add_argument("--by", required=True, metavar="EMAIL")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            by = User.objects.get(email=options["by"].lower())
            case = open_case(options["reference"], title=options["title"], by=by)
        except User.DoesNotExist:
            raise CommandError(
                f"Nobody here has the address {options['by']}; see add_person.", returncode=1
            ) from None
        except (ValidationError, PermissionDenied) as error:
            raise CommandError(" ".join(getattr(error, "messages", [str(error)])), returncode=1) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps({"reference": case.reference, "title": case.title}))
        else:
            self.stdout.write(f"Case {case.reference} is open.")
