"""`import_items FILE --case REF --by EMAIL [--dry-run]` (interfaces.md, section 2)."""

import json
from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from casework.imports import ImportRefused, import_file
from casework.models import Case
from casework.transitions import TransitionNotAllowed

NOTHING = {"rows": 0, "accepted": 0, "duplicates": 0, "refused": 0, "items": []}


class Command(BaseCommand):
    help = "Bring addresses from a CSV, XLSX, ODS or text file into a case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--case", required=True, metavar="REF")
        parser.add_argument("--by", required=True, metavar="EMAIL")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would become of each row; store nothing."
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            by = User.objects.get(email=options["by"].lower())
            case = Case.objects.visible_to(by).get(reference=options["case"])
            result = import_file(options["file"], case=case, by=by, dry_run=options["dry_run"])
        except User.DoesNotExist:
            raise CommandError(
                f"Nobody here has the address {options['by']}; see add_person.", returncode=1
            ) from None
        except Case.DoesNotExist:
            raise CommandError(f"There is no case {options['case']}; see open_case.", returncode=1) from None
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}", returncode=1) from error
        except ImportRefused as refused:
            if options["format"] == "json":
                self.stdout.write(json.dumps({**NOTHING, "errors": [asdict(refused.error)]}))
            raise CommandError(
                f"The file was refused, nothing is stored: {refused}", returncode=1
            ) from refused
        except (PermissionDenied, TransitionNotAllowed) as error:
            raise CommandError(str(error), returncode=1) from error
        self._say(result, options)

    def _say(self, result: dict[str, Any], options: dict[str, Any]) -> None:
        for error in result["errors"][:50]:
            self.stderr.write(f"row {error['row']}: {error['column'] or 'row'}: {error['message']}")
        if options["format"] == "json":
            self.stdout.write(json.dumps(result))
            return
        done = "would be accepted" if options["dry_run"] else "accepted"
        self.stdout.write(
            f"{result['rows']} rows: {result['accepted']} {done}, {result['duplicates']} duplicates, "
            f"{result['refused']} refused."
        )
