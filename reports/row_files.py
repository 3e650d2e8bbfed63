"""The rows of a scope, or of a number in it, as a file: written by a job, kept for a week."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from reports import jobs
from reports.choices import Choice
from reports.exports import csv_lines
from reports.facts import ORDER, ROWS, Episode, Scope, reading
from reports.models import FILTERS, Job, JobKind, JobStatus
from reports.periods import Period, day, instant, stamp

LARGE = 20_000  # rows from which on a file is written by a job
KEPT = timedelta(days=7)
CHUNK = 5_000
COLUMNS = ", ".join(Episode._fields)


def begin(scope: Scope, choice: Mapping[str, str], *, by: User, at: datetime | None = None) -> Job:
    """The job that writes the rows; `choice` are the parameters that `Choice.read` takes.

    Raises `ValueError` for a choice that is none.
    """
    require(by, Permission.EXPORT_FIGURES)
    Choice.read(choice)
    question = {
        "from": scope.period.first.isoformat(),
        "to": scope.period.last.isoformat(),
        "as_at": stamp(scope.as_at),
        "known_by": stamp(scope.known_by),
        **scope.filters,
        **choice,
    }
    return jobs.begin(JobKind.EPISODES, question=question, by=by, at=at or timezone.now())


def scope_of(job: Job) -> Scope:
    """What the rows are about."""
    asked = job.question
    return Scope(
        Period(day(asked["from"]), day(asked["to"])),
        instant(asked["as_at"]),
        instant(asked["known_by"]),
        **{name: asked.get(name, "") for name in FILTERS},
    )


def path(job: Job) -> Path:
    return Path(settings.EXPORT_DIR) / f"episodes-{job.pk}.csv"


def write(job: Job) -> None:
    """Write the file from its first row, whatever stood there; raises `jobs.Stopped` when cancelled.

    The rows are found once, in a table of this connection, so that all are as at one moment.
    """
    target = path(job)
    target.parent.mkdir(parents=True, exist_ok=True)
    part, digest = target.with_suffix(".part"), hashlib.sha256()
    jobs.tell(job, stage="Finding the rows")
    try:
        with _found(scope_of(job), Choice.read(job.question)) as rows, part.open("wb") as file:
            jobs.tell(job, stage="Writing the rows", rows=rows)
            for line in csv_lines(_told(job, rows)):
                written = line.encode()
                digest.update(written)
                file.write(written)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    jobs.tell(job, rows_done=rows)
    jobs.end(job, JobStatus.DONE, sha256=digest.hexdigest())


@contextlib.contextmanager
def _found(scope: Scope, choice: Choice) -> Iterator[int]:
    """How many rows there are; they stand in `chosen_row`, numbered in their order."""
    condition, values = choice.condition()
    parameters = {**scope.parameters(), **values}
    with reading(parameters) as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.chosen_row")
        number = f"row_number() OVER ({ORDER}) AS place"
        found = f"SELECT {number}, r.* FROM ({ROWS}{condition}) r"  # noqa: S608 - all names are ours
        cursor.execute(f"CREATE TEMPORARY TABLE chosen_row AS {found}", parameters)
        cursor.execute("CREATE UNIQUE INDEX ON chosen_row (place)")
        cursor.execute("SELECT count(*) FROM chosen_row")
        (count,) = cursor.fetchone()
    try:
        yield count
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE pg_temp.chosen_row")


def _told(job: Job, rows: int) -> Iterator[Episode]:
    """The rows in their order; the job learns after each chunk how many have been read."""
    for done in range(0, rows, CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {COLUMNS} FROM pg_temp.chosen_row WHERE place > %s AND place <= %s ORDER BY place",  # noqa: S608
                [done, done + CHUNK],
            )
            yield from (Episode(*row) for row in cursor.fetchall())
        jobs.tell(job, rows_done=min(done + CHUNK, rows))


def forget(*, at: datetime | None = None) -> int:
    """Delete files that have been kept long enough; returns how many."""
    old = Job.objects.filter(kind=JobKind.EPISODES, finished_at__lt=(at or timezone.now()) - KEPT)
    files = [path(job) for job in old.exclude(sha256="")]
    kept = [file for file in files if file.exists()]
    for file in kept:
        file.unlink()
    return len(kept)


def details(job: Job) -> dict[str, Any]:
    """The job's scope, and in words which of its rows were chosen."""
    return {"scope": scope_of(job), "chosen": Choice.read(job.question).words()}
