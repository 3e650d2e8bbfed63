"""The rows of a scope, or of a number in it, as a file: written by a job, kept for a week."""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from reports import job_files, jobs
from reports.choices import Choice
from reports.exports import csv_lines
from reports.facts import ORDER, ROWS, Episode, Scope, reading
from reports.models import FILTERS, Job, JobKind, JobStatus
from reports.periods import Period, day, instant, stamp

LARGE = 20_000  # rows from which on a file is written by a job
CHUNK = 5_000
COLUMNS = ", ".join(Episode._fields)


def begin(scope: Scope, choice: Mapping[str, str], *, by: User, at: datetime | None = None) -> Job:
    """The job that writes the rows; `choice` are the parameters that `Choice.read` takes.

    Raises `ValueError` for a choice that is none.
    """
    require(by, Permission.EXPORT_FIGURES)
    Choice.read(choice)
    return jobs.begin(JobKind.EPISODES, question={**asked(scope), **choice}, by=by, at=at or timezone.now())


def asked(scope: Scope) -> dict[str, str]:
    """The scope as a job's question, which `scope_of` reads."""
    return {
        "from": scope.period.first.isoformat(),
        "to": scope.period.last.isoformat(),
        "as_at": stamp(scope.as_at),
        "known_by": stamp(scope.known_by),
        **scope.filters,
    }


def scope_of(job: Job) -> Scope:
    """What the rows or the report are about."""
    question = job.question
    return Scope(
        Period(day(question["from"]), day(question["to"])),
        instant(question["as_at"]),
        instant(question["known_by"]),
        **{name: question.get(name, "") for name in FILTERS},
    )


def write(job: Job) -> None:
    """Write the file; raises `jobs.Stopped` when cancelled.

    The rows are found once, in a table of this connection, so that all are as at one moment.
    """
    jobs.tell(job, stage="Finding the rows")
    with _found(scope_of(job), Choice.read(job.question)) as rows:
        jobs.tell(job, stage="Writing the rows", rows=rows)
        sha256 = job_files.put(job, (line.encode() for line in csv_lines(_told(job, rows))))
    jobs.tell(job, rows_done=rows)
    jobs.end(job, JobStatus.DONE, sha256=sha256)


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


def details(job: Job) -> dict[str, Any]:
    """The job's scope, and in words which of its rows were chosen."""
    return {"scope": scope_of(job), "chosen": Choice.read(job.question).words()}
