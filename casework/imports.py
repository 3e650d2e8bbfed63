"""Files of addresses into a case: read to the end first, then stored part by part, taken up again after a kill."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import IO

from celery import current_app
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as NoBroker

from accounts.models import User
from accounts.roles import Permission, require
from casework import events, store, trial
from casework.alone import alone
from casework.import_rows import Batch, batches
from casework.intake import RowError, RowReader, lock, may_take, open_keys, save, sift
from casework.models import Case, ImportPart, ImportStatus, ItemImport
from casework.spreadsheets import FileRefused, Row, Source, opened, read_rows
from casework.transitions import TransitionNotAllowed

CHECKED_AT_ONCE = 20_000  # rows between two notes of progress while a file is checked
MOST_ERRORS_KEPT = 1_000
MOST_ITEMS_KEPT = 10_000
PATIENCE = timedelta(seconds=10)  # how long a job may wait before the clock takes it up
LOCK = 0x1390  # the class of our advisory locks on imports
TASK = "casework.tasks.run_import"
UNFINISHED = frozenset({ImportStatus.QUEUED, ImportStatus.RUNNING})
STOPS = (TransitionNotAllowed, PermissionDenied, DataError, IntegrityError)

Tell = Callable[[ItemImport], None]


# -- Beginning -------------------------------------------------------------------------------------


def start_import(
    content: Source | IO[bytes], filename: str, *, case: Case, dry_run: bool, by: User, queue: bool = True
) -> ItemImport:
    """Keep the file and queue the job; raises `ValidationError` for a file that is no table or too large.

    A worker begins as soon as this is committed; without a broker the clock takes the job up within a minute.
    `queue=False` leaves it to the caller to run it.
    """
    try:
        sha256 = keep_file(content, filename, case=case, by=by)
    except FileRefused as refused:
        raise ValidationError({"file": refused.message}) from refused
    job = _job(sha256, filename, case=case, dry_run=dry_run, by=by)
    if queue:
        transaction.on_commit(lambda: _queue(job.pk))
    return job


def again(trial_run: ItemImport, *, by: User) -> ItemImport:
    """After a trial: the same file again, and this time store its items."""
    kept = store.path(trial_run.sha256)
    return start_import(kept, trial_run.filename, case=trial_run.case, dry_run=False, by=by)


def keep_file(content: Source | IO[bytes], filename: str, *, case: Case, by: User) -> str:
    """The SHA-256 of the file in the store; raises `FileRefused` if its beginning is no table, or it is too large."""
    may_take(case, by)
    source = _source(content)
    limit = settings.IMPORT_MAX_BYTES
    with opened(source) as file:
        if file.seek(0, 2) > limit:
            raise FileRefused(f"The file is larger than {limit // 1024**2} MB; split it.", code="too_large")
        read_rows(source, filename)
        file.seek(0)
        return store.put_stream(file)


def _source(content: Source | IO[bytes]) -> Source:
    """An upload that is on disk already is read from there."""
    if isinstance(content, bytes | Path):
        return content
    if on_disk := getattr(content, "temporary_file_path", None):
        return Path(on_disk())
    return content.read(settings.IMPORT_MAX_BYTES + 1)


def _job(sha256: str, filename: str, *, case: Case, dry_run: bool, by: User) -> ItemImport:
    name = Path(filename).name[-200:]
    return ItemImport.objects.create(case=case, filename=name, sha256=sha256, dry_run=dry_run, created_by=by)


def _queue(pk: int) -> None:
    with contextlib.suppress(NoBroker):
        current_app.send_task(TASK, args=[pk])


def import_file(
    path: Path, *, case: Case, by: User, dry_run: bool = False, tell: Tell | None = None
) -> ItemImport:
    """Bring a file in and wait for it: the command. Raises `FileRefused`, `OSError`, and what `may_take` raises.

    The same file for the same case that was left unfinished, because it was killed, is taken up where it stands.
    """
    sha256 = keep_file(path, path.name, case=case, by=by)
    left = ItemImport.objects.filter(
        case=case, sha256=sha256, dry_run=dry_run, created_by=by, status__in=UNFINISHED
    )
    job = left.first() or _job(sha256, path.name, case=case, dry_run=dry_run, by=by)
    return run_import(job.pk, tell=tell)


# -- Running ---------------------------------------------------------------------------------------


def run_import(pk: int, *, tell: Tell | None = None) -> ItemImport:
    """Bring the job's remaining rows in, in parts, each in a transaction of its own with its progress.

    The file is read to its end first, so one that is broken anywhere is refused before its first row is stored. Killed
    at any point, the job goes on behind the last part that was stored; a second worker leaves it alone. A dry run
    stores nothing but its counts and errors. `tell` is called with the job as it gets on.
    """
    tell = tell or (lambda job: None)
    with alone(LOCK, pk) as mine:
        if mine and (job := _begin(pk)):
            try:
                _go_through(job, tell)
            except (FileRefused, FileNotFoundError) as refused:
                _refuse(pk, refused)
    return ItemImport.objects.get(pk=pk)


def _locked(pk: int) -> ItemImport:
    return ItemImport.objects.select_for_update(of=("self",)).select_related("case", "created_by").get(pk=pk)


def _begin(pk: int) -> ItemImport | None:
    """The job, running; None if nothing is left to do. What a trial had found is found anew: it kept no keys."""
    with transaction.atomic():
        job = _locked(pk)
        if job.status not in UNFINISHED:
            return None
        job.status, job.started_at = ImportStatus.RUNNING, job.started_at or timezone.now()
        if job.dry_run:
            job.parts.all().delete()
            job.rows_done = job.accepted = job.duplicates = job.refused = job.warned = 0
            job.errors = job.warnings = []
        job.save()
        return job


def _go_through(job: ItemImport, tell: Tell) -> None:
    path = store.path(job.sha256)
    if not job.checked_at and not _check(job, read_rows(path, job.filename).rows, tell):
        return
    reader = RowReader(timezone.now())
    rows = islice(read_rows(path, job.filename).rows, job.rows_done, None)
    with trial.keys() if job.dry_run else contextlib.nullcontext():
        for batch in _ahead(batches(rows, reader)):
            stored = _store(job.pk, batch, reader)
            if stored is None:
                return
            tell(stored)
    _finish(job.pk)


def _check(job: ItemImport, rows: Iterator[Row], tell: Tell) -> bool:
    """Read the file to its end; False if the job was cancelled meanwhile."""
    running = ItemImport.objects.filter(pk=job.pk, status=ImportStatus.RUNNING)
    job.rows = 0
    for _ in rows:
        job.rows += 1
        if not job.rows % CHECKED_AT_ONCE:
            if not running.update(rows=job.rows):
                return False
            tell(job)
    if not job.rows:
        raise FileRefused("The file has a header and no row below it.", code="no_rows")
    job.checked_at = timezone.now()
    return bool(running.update(rows=job.rows, checked_at=job.checked_at))


def _ahead(found: Iterator[Batch]) -> Iterator[Batch]:
    """A batch is read while the one before is stored: Python and PostgreSQL work side by side."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, found, None)
        while batch := coming.result():
            coming = reader.submit(next, found, None)
            yield batch


@dataclass
class _Outcome:
    references: list[str]
    accepted: int
    duplicates: int


def _store(pk: int, batch: Batch, reader: RowReader) -> ItemImport | None:
    """One part with its progress, all of it or nothing; None if the job is over."""
    with transaction.atomic():
        job = _locked(pk)
        if job.status != ImportStatus.RUNNING:
            return None
        try:
            with transaction.atomic():
                outcome = _bring_in(job, batch, reader)
        except STOPS as refused:
            _refuse(pk, refused)
            return None
        _note(job, batch, outcome)
        return job


def _bring_in(job: ItemImport, batch: Batch, reader: RowReader) -> _Outcome:
    case = lock(job.case)
    may_take(case, job.created_by)
    known = open_keys(batch.reading, case)
    if job.dry_run:
        known |= trial.seen(batch.reading)
    fresh, duplicates = sift(batch.reading, known)
    if job.dry_run:
        trial.note(fresh)
        return _Outcome([], len(fresh), len(duplicates))
    references = [row["reference"] for row in save(fresh, reader, case=case, by=job.created_by)]
    return _Outcome(references, len(references), len(duplicates))


def _note(job: ItemImport, batch: Batch, outcome: _Outcome) -> None:
    errors = [asdict(error) for error in batch.reading.refused]
    warnings = [asdict(warning) for warning in batch.reading.warned]
    made = outcome.references
    ImportPart.objects.create(
        item_import=job,
        rows_before=job.rows_done,
        rows=batch.count,
        items=[[made[0], made[-1]]] if made else [],
        errors=errors,
        warnings=warnings,
    )
    job.rows_done += batch.count
    job.accepted += outcome.accepted
    job.duplicates += outcome.duplicates
    job.refused += batch.refused
    job.warned += len({warning["row"] for warning in warnings})
    job.errors = [*job.errors, *errors[: MOST_ERRORS_KEPT - len(job.errors)]]
    job.warnings = [*job.warnings, *warnings[: MOST_ERRORS_KEPT - len(job.warnings)]]
    job.items = [*job.items, *made[: MOST_ITEMS_KEPT - len(job.items)]]
    job.save()


# -- Ending ----------------------------------------------------------------------------------------


def _finish(pk: int) -> None:
    with transaction.atomic():
        job = _locked(pk)
        if job.status != ImportStatus.RUNNING:
            return
        job.status, job.finished_at = ImportStatus.DONE, timezone.now()
        job.save()
        if not job.dry_run:
            counts = {"accepted": job.accepted, "duplicates": job.duplicates, "refused": job.refused}
            details = {"file": job.filename, **counts}
            events.record(
                "case.items_imported", by=job.created_by, at=job.finished_at, case=job.case, details=details
            )


def _refuse(pk: int, refused: Exception) -> None:
    """For what is wrong with the file the job keeps the place; it stood there before the first row was stored."""
    job = ItemImport.objects.get(pk=pk)
    stored = job.accepted and not job.dry_run
    before = f" {job.accepted:,} items had been stored before." if stored else ""
    job.status, job.finished_at = ImportStatus.REFUSED, timezone.now()
    job.problem = (
        "The file is no longer kept; upload it again." if isinstance(refused, OSError) else str(refused)
    )
    job.problem += before
    if isinstance(refused, FileRefused):
        job.errors = [asdict(whole(refused))]
    job.save()


def whole(refused: FileRefused) -> RowError:
    """The error of a file that is refused as a whole."""
    return RowError(refused.row, refused.column, refused.code, refused.message)


def cancel_import(job: ItemImport, *, by: User) -> ItemImport:
    """Stop behind the part that is running; what has been stored stays and is named by the job."""
    require(by, Permission.IDENTIFY_ITEM)
    with transaction.atomic():
        locked = ItemImport.objects.select_for_update().get(pk=job.pk)
        if locked.status not in UNFINISHED:
            raise TransitionNotAllowed("The import has finished already.", status=locked.status)
        locked.status, locked.finished_at = ImportStatus.CANCELLED, timezone.now()
        locked.save(update_fields=["status", "finished_at"])
    job.refresh_from_db()
    return job
