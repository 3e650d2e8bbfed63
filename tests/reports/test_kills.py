"""A worker killed (SIGKILL) in the midst of a file of rows or a report: it is written anew, whole and the same."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from accounts.roles import Role
from notices.typesetting import Variant
from platforms.models import Platform
from reports import job_files, report_files, row_files, tasks, work
from reports.exports import csv_lines
from reports.facts import episodes
from reports.models import Job
from reports.printing import print_rates
from tests.reports.conftest import item, notice, scope

ITEMS = 60
WORKER = (
    "import sys, time, django; django.setup(); from reports import jobs, row_files, work\n"
    "row_files.CHUNK, tell = 10, jobs.tell\n"
    "def slowly(job, **progress):\n    tell(job, **progress)\n    time.sleep(0.2)\n"
    "jobs.tell = slowly\n"
    "work.run(int(sys.argv[1]))"
)
PATIENCE = 180.0  # seconds, for a program to do what it will do at once on a quiet machine


def start(job: Job) -> subprocess.Popen:
    """A worker of its own against the same database and folder, ten rows at a time."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST'].replace('/', '%2F')}"
    variables = {
        "DATABASE_URL": f"{url}:{database['PORT']}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EXPORT_DIR": str(settings.EXPORT_DIR),
    }
    command = [sys.executable, "-c", WORKER, str(job.pk)]
    return subprocess.Popen(command, env={**os.environ, **variables}, cwd=settings.BASE_DIR)


def wait_until(begun: Callable[[Job], bool], job: Job, worker: subprocess.Popen) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and worker.poll() is None:
        job.refresh_from_db()
        if begun(job):
            return
        time.sleep(0.01)
    raise AssertionError("the worker never came so far")


@pytest.mark.slow
def test_file_whose_worker_was_killed_is_written_anew(
    transactional_db: None,
    person: Callable[..., User],
    bring_in: Callable[..., None],
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"
    refs = [f"i{number}" for number in range(1, ITEMS + 1)]
    bring_in([*map(item, refs), notice("2026-01-05T12:00:00Z", *refs)])
    job = row_files.begin(scope(), {}, by=person(Role.MANAGER))
    worker = start(job)
    wait_until(lambda job: job.rows_done > 0, job, worker)

    worker.send_signal(signal.SIGKILL)
    assert worker.wait(PATIENCE) == -signal.SIGKILL
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("running", 1)
    assert not job_files.path(job).exists()

    done = work.run(job.pk)

    assert (done.status, done.attempts, done.rows_done) == ("done", 2, ITEMS)
    assert job_files.path(done).read_bytes().decode() == "".join(csv_lines(episodes(scope())))
    assert [file.suffix for file in settings.EXPORT_DIR.iterdir()] == [".csv"]
    assert tasks.resume_jobs() == 0


@pytest.mark.slow
def test_report_whose_worker_was_killed_is_printed_anew(
    transactional_db: None,
    person: Callable[..., User],
    bring_in: Callable[..., None],
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"
    bring_in([item("i1"), notice("2026-01-05T12:00:00Z", "i1")])
    job = report_files.begin(scope(), Variant.ACCESSIBLE, by=person(Role.MANAGER))
    worker = start(job)
    wait_until(lambda job: job.stage == report_files.SETTING, job, worker)

    worker.send_signal(signal.SIGKILL)
    assert worker.wait(PATIENCE) == -signal.SIGKILL
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("running", 1)
    assert not job_files.path(job).exists()

    done = work.run(job.pk)

    names = dict(Platform.objects.values_list("slug", "name"))
    assert (done.status, done.attempts) == ("done", 2)
    assert job_files.path(done).read_bytes() == print_rates(scope(), names)
