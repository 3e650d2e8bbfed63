"""`import_items FILE --case REF --by EMAIL [--dry-run]` (interfaces.md, section 2)."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.commands import DeskCommand, Refused, acting, unreadable
from accounts.models import User
from casework.imports import cancel_import, import_file, whole
from casework.models import Case, ImportStatus, ItemImport
from casework.sealing import seal_and_tell
from casework.spreadsheets import FileRefused
from casework.transitions import TransitionNotAllowed

COUNTS = ("rows", "accepted", "duplicates", "refused")
SHOWN = 50
EVERY = 2.0  # seconds between two lines of progress


class Command(DeskCommand):
    help = "Bring addresses from a CSV, XLSX, ODS or text file into a case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--case", required=True, metavar="REF")
        parser.add_argument("--by", required=True, metavar="EMAIL")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would become of each row; store no item."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.told = time.monotonic()
        self.job: ItemImport | None = None
        by = acting(options["by"])
        case = Case.objects.visible_to(by).filter(reference=options["case"]).first()
        if case is None:
            raise Refused(f"There is no case {options['case']}; see open_case.", code="unknown_case")
        try:
            job = import_file(options["file"], case=case, by=by, dry_run=options["dry_run"], tell=self._tell)
        except OSError as error:
            raise unreadable(options["file"], error) from error
        except FileRefused as refused:
            if self.as_json:
                nothing = {**dict.fromkeys(COUNTS, 0), "errors": [asdict(whole(refused))], "items": []}
                self.print_json(nothing)
            message = f"The file was refused, nothing is stored: {refused}"
            raise Refused(message, code="file_refused", shown=True) from refused
        except TransitionNotAllowed as error:
            raise Refused(str(error), code="not_possible") from error
        except KeyboardInterrupt:
            self._stop(by)
            raise Refused("Stopped; what had been stored stays.", code="stopped") from None
        seal_and_tell(self.stderr.write)
        self._say(job, options)

    def _tell(self, job: ItemImport) -> None:
        """Progress on standard error, not more than a line every two seconds."""
        self.job = job
        if time.monotonic() - self.told < EVERY:
            return
        self.told = time.monotonic()
        if job.checked_at:
            self.stderr.write(f"{job.rows_done:,} of {job.rows:,} rows: {job.accepted:,} accepted, {job.refused:,} refused")  # fmt: skip  # noqa: E501
        else:
            self.stderr.write(f"{job.rows:,} rows checked")

    def _stop(self, by: User) -> None:
        if self.job:
            cancel_import(self.job, by=by)

    def _say(self, job: ItemImport, options: dict[str, Any]) -> None:
        for error in job.errors[:SHOWN]:
            self.stderr.write(f"row {error['row']}: {error['column'] or 'row'}: {error['message']}")
        for warning in job.warnings[:SHOWN]:
            self.stderr.write(f"row {warning['row']}: {warning['column']}: warning: {warning['message']}")
        if self.as_json:
            self._print_json(job)
        if job.status != ImportStatus.DONE:
            raise Refused(_problem(job), code="file_refused", shown=True)
        done = "would be accepted" if options["dry_run"] else "accepted"
        if not self.as_json:
            self.stdout.write(
                f"{job.rows} rows: {job.accepted} {done}, {job.duplicates} duplicates, {job.refused} refused."
            )

    def _print_json(self, job: ItemImport) -> None:
        """One object, written as it is read: a million references need not be in memory at once."""
        began = job.rows_done > 0
        counts = {name: getattr(job, name) if began else 0 for name in COUNTS}
        self.stdout.write(json.dumps(counts)[:-1], ending="")
        errors = _found(job, "errors") if began else map(json.dumps, job.errors)
        lists = {"errors": errors, "items": map(json.dumps, _references(job))}
        if job.warned:
            lists["warnings"] = _found(job, "warnings")
        for name, written in lists.items():
            self.stdout.write(f', "{name}": [', ending="")
            for place, text in enumerate(written):
                self.stdout.write(f"{', ' if place else ''}{text}", ending="")
            self.stdout.write("]", ending="")
        self.stdout.write("}")


def _problem(job: ItemImport) -> str:
    if job.status == ImportStatus.REFUSED:
        nothing = "" if job.accepted else ", nothing is stored"
        return f"The file was refused{nothing}: {job.problem}"
    if job.status == ImportStatus.CANCELLED:
        return f"The import was stopped; {job.accepted} items had been stored."
    return "The import is being run by a worker already; its page shows how far it is."


def _found(job: ItemImport, name: str) -> Iterator[str]:
    """The `errors` or `warnings` of every part."""
    for found in job.parts.values_list(name, flat=True).iterator(chunk_size=1):
        yield from map(json.dumps, found)


def _references(job: ItemImport) -> Iterator[str]:
    """The references of the items made, which each part keeps as the first and the last of a run."""
    for part in job.parts.iterator(chunk_size=1):
        for first, last in part.items:
            series, _, number = first.rpartition("-")
            for found in range(int(number), int(last.rpartition("-")[2]) + 1):
                yield f"{series}-{found:06d}"
