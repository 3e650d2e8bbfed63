"""Files of addresses into a case: a dry run first, in batches, with progress, taken up again after a kill."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import User
from accounts.roles import Permission, require
from casework import events, store
from casework.intake import NewItem, RowError, identify
from casework.models import Case, CaseStatus, ImportStatus, ItemImport
from casework.spreadsheets import FileRefused, Row, read_rows
from casework.transitions import TransitionNotAllowed

BATCH = 5000
MOST_ERRORS_KEPT = 10_000


@dataclass
class Tally:
    """What has become of the rows so far, in the words of interfaces.md, section 2."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)

    def refuse(self, errors: list[RowError]) -> None:
        self.refused += len({error.row for error in errors})
        self.errors += [asdict(error) for error in errors]


class ImportRefused(Exception):
    """The file was refused whole and nothing stored; `error` names the place."""

    def __init__(self, error: RowError) -> None:
        super().__init__(error.message)
        self.error = error


class _Undo(Exception):
    """Ends a dry run by rolling its transaction back."""


# -- The command -----------------------------------------------------------------------------------


def import_file(path: str | Path, *, case: Case, by: User, dry_run: bool = False) -> dict[str, Any]:
    """Bring a file in with one transaction; returns the counts of interfaces.md, section 2.

    Raises `ImportRefused` (nothing is stored), `PermissionDenied`, `TransitionNotAllowed` and `OSError`.
    """
    tally = Tally()
    try:
        with contextlib.suppress(_Undo), transaction.atomic():
            for batch in _batches(read_rows(Path(path), Path(path).name).rows):
                _take(batch, tally, case=case, by=by, at=timezone.now())
            if not dry_run:
                _record(case, tally, Path(path).name, by)
            else:
                raise _Undo
    except FileRefused as refused:
        raise ImportRefused(_whole(refused)) from refused
    if dry_run:
        tally.items = []
    return asdict(tally)


def _whole(refused: FileRefused) -> RowError:
    return RowError(refused.row, refused.column, refused.code, refused.message)


def _batches(rows: Iterator[Row], size: int = BATCH) -> Iterator[list[Row]]:
    while batch := list(islice(rows, size)):
        yield batch


def _take(batch: list[Row], tally: Tally, *, case: Case, by: User, at: datetime) -> None:
    tally.rows += len(batch)
    good: list[tuple[int, NewItem]] = []
    for row in batch:
        new, errors = _new_item(row)
        if errors:
            tally.refuse(errors)
        elif new:
            good.append((row.number, new))
    result = identify([new for _, new in good], case=case, by=by, at=at)
    numbers = [number for number, _ in good]
    tally.accepted += len(result.items)
    tally.items += [item.reference for item in result.items]
    tally.duplicates += len(result.duplicates)
    tally.refuse(
        [
            RowError(numbers[error.row - 1], error.column, error.code, error.message)
            for error in result.refused
        ]
    )


def _new_item(row: Row) -> tuple[NewItem | None, list[RowError]]:
    if row.problem:
        code, _, column = row.code.partition(":")
        return None, [RowError(row.number, column, code, row.problem)]
    cells = dict(row.cells)
    errors = []
    found_at = priority = None
    if not cells["address"]:
        errors.append(RowError(row.number, "address", "missing", "The row has no address."))
    if given := cells.pop("found_at", ""):
        found_at = read_time(given)
        if found_at is None:
            errors.append(
                RowError(
                    row.number,
                    "found_at",
                    "not_a_time",
                    f"{given!r} is no time; write 2026-03-01T14:30+00:00.",
                )
            )
    if given := cells.pop("priority", ""):
        priority = int(given) if given.isdecimal() and given.isascii() else None
        if priority is None:
            errors.append(
                RowError(row.number, "priority", "out_of_range", "The priority is a number from 1 to 5.")
            )
    if errors:
        return None, errors
    return NewItem(**cells, found_at=found_at, priority=3 if priority is None else priority), []


def read_time(text: str) -> datetime | None:
    """A date or time in ISO 8601; without a zone it is Europe/London. None if it is neither."""
    try:
        parsed = parse_datetime(text)
        if parsed is None and (day := parse_date(text)):
            parsed = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - made aware below
    except ValueError:
        return None
    if parsed is None:
        return None
    return timezone.make_aware(parsed) if timezone.is_naive(parsed) else parsed


def _record(case: Case, tally: Tally, filename: str, by: User) -> None:
    events.record(
        "case.items_imported", by=by, at=timezone.now(), case=case,
        details={"file": filename, "accepted": tally.accepted, "duplicates": tally.duplicates, "refused": tally.refused},
    )  # fmt: skip


# -- The page and the API: a job with progress -----------------------------------------------------


def start_import(content: bytes, filename: str, *, case: Case, dry_run: bool, by: User) -> ItemImport:
    """Keep the file and queue the job; raises `ValidationError` for a file that is no table or too large."""
    require(by, Permission.IDENTIFY_ITEM)
    if case.status == CaseStatus.CLOSED:
        raise TransitionNotAllowed(f"Case {case.reference} is closed.", status=case.status)
    if len(content) > settings.IMPORT_MAX_BYTES:
        raise ValidationError({"file": f"The file is larger than {settings.IMPORT_MAX_BYTES // 1024**2} MB."})
    try:
        read_rows(content, filename)
    except FileRefused as refused:
        raise ValidationError({"file": refused.message}) from refused
    return ItemImport.objects.create(
        case=case,
        filename=Path(filename).name[-200:],
        sha256=store.put(content),
        dry_run=dry_run,
        created_by=by,
    )


def run_import(pk: int) -> ItemImport:
    """Bring the job's remaining batches in, each in a transaction of its own with its progress.

    Killed at any point, the job goes on behind the last batch that was stored; a second worker waits out. A dry
    run stores nothing but its counts.
    """
    while _run_batch(pk):
        pass
    return ItemImport.objects.get(pk=pk)


def _run_batch(pk: int) -> bool:
    """One batch; False when there is nothing left to do."""
    with transaction.atomic():
        job = ItemImport.objects.select_for_update().select_related("case", "created_by").get(pk=pk)
        if job.status not in {ImportStatus.QUEUED, ImportStatus.RUNNING}:
            return False
        at = timezone.now()
        job.status, job.started_at = ImportStatus.RUNNING, job.started_at or at
        tally = Tally(job.rows_done, job.accepted, job.duplicates, job.refused, job.errors, job.items)
        try:
            rows = read_rows(store.get(job.sha256), job.filename).rows
            batch = list(islice(rows, job.rows_done, None if job.dry_run else job.rows_done + BATCH))
            with contextlib.suppress(_Undo), transaction.atomic():
                _take(batch, tally, case=job.case, by=job.created_by, at=at)
                if job.dry_run:
                    raise _Undo
        except (FileRefused, TransitionNotAllowed) as refused:
            job.status, job.problem, job.finished_at = ImportStatus.REFUSED, refused.message, at
        else:
            _progress(job, tally, done=job.dry_run or len(batch) < BATCH, at=at)
        job.save()
        return job.status == ImportStatus.RUNNING


def _progress(job: ItemImport, tally: Tally, *, done: bool, at: datetime) -> None:
    job.rows = job.rows_done = tally.rows
    job.accepted, job.duplicates, job.refused = tally.accepted, tally.duplicates, tally.refused
    job.errors, job.items = tally.errors[:MOST_ERRORS_KEPT], [] if job.dry_run else tally.items
    if done:
        job.status, job.finished_at = ImportStatus.DONE, at
        if not job.dry_run:
            _record(job.case, tally, job.filename, job.created_by)


def cancel_import(job: ItemImport, *, by: User) -> ItemImport:
    """Stop behind the batch that is running; what has been stored stays and is named by the job."""
    require(by, Permission.IDENTIFY_ITEM)
    with transaction.atomic():
        locked = ItemImport.objects.select_for_update().get(pk=job.pk)
        if locked.status not in {ImportStatus.QUEUED, ImportStatus.RUNNING}:
            raise TransitionNotAllowed("The import has finished already.", status=locked.status)
        locked.status, locked.finished_at = ImportStatus.CANCELLED, timezone.now()
        locked.save(update_fields=["status", "finished_at"])
    job.refresh_from_db()
    return job
