"""Files of addresses into a case: a dry run first, in batches, with progress, taken up again after a kill."""

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from psycopg.errors import LockNotAvailable

from accounts.models import User
from accounts.roles import Permission, require
from casework import events, store
from casework.intake import NewItem, RowError, identify
from casework.models import Case, CaseStatus, ImportStatus, ItemImport
from casework.spreadsheets import FileRefused, Row, read_rows
from casework.transitions import TransitionNotAllowed

BATCH = 5000
MOST_ERRORS_KEPT = 10_000
PATIENCE = timedelta(seconds=10)  # how long a job may wait before the clock takes it up
SLUGS = frozenset({"category", "kind", "language", "platform"})
LOCK = 0x1390  # the class of our advisory locks on jobs
LOCK_WAIT = "2s"
PRIORITIES = frozenset("12345")
UNFINISHED = frozenset({ImportStatus.QUEUED, ImportStatus.RUNNING})


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
            for batch in _batches(read_rows(_content(Path(path)), Path(path).name).rows):
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


def _content(path: Path) -> bytes:
    if path.stat().st_size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024**2
        raise FileRefused(f"The file is larger than {limit} MB; split it.", code="too_large")
    return path.read_bytes()


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
    tally.refuse([replace(error, row=numbers[error.row - 1]) for error in result.refused])
    tally.errors.sort(key=lambda error: error["row"])


def _new_item(row: Row) -> tuple[NewItem | None, list[RowError]]:
    if row.problem:
        return None, [RowError(row.number, row.column, row.code, row.problem)]
    cells = {name: cell.lower() if name in SLUGS else cell for name, cell in row.cells.items()}
    errors = []
    found_at = priority = None
    if not cells["address"]:
        errors.append(RowError(row.number, "address", "missing", "The row has no address."))
    if given := cells.pop("found_at", ""):
        found_at = read_time(given)
        if found_at is None:
            message = f"“{given}” is no time; write it like 2026-03-01T14:30+00:00."
            errors.append(RowError(row.number, "found_at", "not_a_time", message))
    if given := cells.pop("priority", ""):
        priority = int(given) if given in PRIORITIES else None
        if priority is None:
            message = f"“{given}” is no priority; write a number from 1 to 5."
            errors.append(RowError(row.number, "priority", "out_of_range", message))
    if errors:
        return None, errors
    return NewItem(**cells, found_at=found_at, priority=priority or 3), []


def read_time(text: str) -> datetime | None:
    """A date or time in ISO 8601; without a zone it is Europe/London. None if it is neither."""
    try:
        parsed = parse_datetime(text)
        if parsed is None and (day := parse_date(text)):
            parsed = datetime(day.year, day.month, day.day)
    except ValueError:
        return None
    if parsed is None:
        return None
    return timezone.make_aware(parsed) if timezone.is_naive(parsed) else parsed


def _record(case: Case, tally: Tally, filename: str, by: User) -> None:
    counts = {"accepted": tally.accepted, "duplicates": tally.duplicates, "refused": tally.refused}
    details = {"file": filename, **counts}
    events.record("case.items_imported", by=by, at=timezone.now(), case=case, details=details)


# -- The page and the API: a job with progress -----------------------------------------------------


def start_import(
    content: bytes | IO[bytes], filename: str, *, case: Case, dry_run: bool, by: User
) -> ItemImport:
    """Keep the file and queue the job; raises `ValidationError` for a file that is no table or too large."""
    require(by, Permission.IDENTIFY_ITEM)
    if case.status == CaseStatus.CLOSED:
        raise TransitionNotAllowed(f"Case {case.reference} is closed.", status=case.status)
    limit = settings.IMPORT_MAX_BYTES
    kept = content if isinstance(content, bytes) else content.read(limit + 1)
    if len(kept) > limit:
        raise ValidationError({"file": f"The file is larger than {limit // 1024**2} MB; split it."})
    try:
        read_rows(kept, filename)
    except FileRefused as refused:
        raise ValidationError({"file": refused.message}) from refused
    return ItemImport.objects.create(
        case=case,
        filename=Path(filename).name[-200:],
        sha256=store.put(kept),
        dry_run=dry_run,
        created_by=by,
    )


def run_import(pk: int) -> ItemImport:
    """Bring the job's remaining rows in, in batches, each in a transaction of its own with its progress.

    A file that cannot be read to its end is refused before its first row is stored. Killed at any point, the
    job goes on behind the last batch that was stored; a second worker leaves it alone. A dry run stores nothing
    but its counts.
    """
    with _alone(pk) as alone:
        if alone and (rows := _begin(pk)):
            while _run_batch(pk, rows):
                pass
    return ItemImport.objects.get(pk=pk)


@contextlib.contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether no other worker is at this job; given back even when the worker dies, with its connection.

    A worker just killed may hold it a moment longer, so it is waited for a little.
    """
    alone = _take_lock(pk)
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk])


def _take_lock(pk: int) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, pk])
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True


def _locked(pk: int) -> ItemImport:
    return ItemImport.objects.select_for_update(of=("self",)).select_related("case", "created_by").get(pk=pk)


def _begin(pk: int) -> Iterator[Row] | None:
    """The rows still to do; None if nothing is left or the file is refused."""
    with transaction.atomic():
        job = _locked(pk)
        if job.status not in UNFINISHED:
            return None
        try:
            content = store.get(job.sha256)
            if job.status == ImportStatus.QUEUED:
                job.rows = sum(1 for _ in read_rows(content, job.filename).rows)
                job.status, job.started_at = ImportStatus.RUNNING, timezone.now()
            rows = read_rows(content, job.filename).rows
        except (FileRefused, FileNotFoundError) as refused:
            _refuse(job, str(refused))
            return None
        job.save()
        return islice(rows, job.rows_done, None)


def _run_batch(pk: int, rows: Iterator[Row]) -> bool:
    """One batch; False when there is nothing left to do. A dry run is one batch, which is undone."""
    with transaction.atomic():
        job = _locked(pk)
        if job.status != ImportStatus.RUNNING:
            return False
        at = timezone.now()
        batch = list(islice(rows, None if job.dry_run else BATCH))
        tally = Tally(job.rows_done, job.accepted, job.duplicates, job.refused, job.errors, job.items)
        try:
            with contextlib.suppress(_Undo), transaction.atomic():
                _take(batch, tally, case=job.case, by=job.created_by, at=at)
                if job.dry_run:
                    raise _Undo
        except (TransitionNotAllowed, PermissionDenied, DataError, IntegrityError) as refused:
            _refuse(job, str(refused))
            return False
        _progress(job, tally, done=job.dry_run or len(batch) < BATCH, at=at)
        job.save()
        return job.status == ImportStatus.RUNNING


def _refuse(job: ItemImport, problem: str) -> None:
    before = f" {job.accepted} items had been stored before." if job.accepted else ""
    job.status, job.problem, job.finished_at = ImportStatus.REFUSED, problem + before, timezone.now()
    job.save()


def _progress(job: ItemImport, tally: Tally, *, done: bool, at: datetime) -> None:
    job.rows_done = tally.rows
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
        if locked.status not in UNFINISHED:
            raise TransitionNotAllowed("The import has finished already.", status=locked.status)
        locked.status, locked.finished_at = ImportStatus.CANCELLED, timezone.now()
        locked.save(update_fields=["status", "finished_at"])
    job.refresh_from_db()
    return job
