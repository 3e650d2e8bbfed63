"""A worker killed (SIGKILL) in the midst of an import: every row is stored, and stored once."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from casework import imports, store
from casework.models import Event, Item, ItemImport
from tests.factories import make_case

ROWS = 7_000
BATCH = 500
WORKER = (
    "import sys, django; django.setup(); from casework import import_rows, imports; "
    f"import_rows.BATCH = {BATCH}; imports.run_import(int(sys.argv[1]))"
)
PATIENCE = 180.0  # seconds, for a program to do what it will do at once on a quiet machine


def start(job: ItemImport) -> subprocess.Popen:
    """A worker of its own against the same database and store."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST'].replace('/', '%2F')}"
    variables = {
        "DATABASE_URL": f"{url}:{database['PORT']}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EVIDENCE_DIR": str(settings.EVIDENCE_DIR),
    }
    command = [sys.executable, "-c", WORKER, str(job.pk)]
    return subprocess.Popen(command, env={**os.environ, **variables}, cwd=settings.BASE_DIR)


def wait_for_the_first_batch(job: ItemImport, worker: subprocess.Popen) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and worker.poll() is None:
        job.refresh_from_db()
        if job.rows_done:
            return
        time.sleep(0.01)
    raise AssertionError("the worker never stored a batch")


@pytest.mark.slow
def test_killed_import_goes_on_where_it_stopped(transactional_db: None, officer: User) -> None:
    rows = "\n".join(f"https://x.com/a/status/17{n:017d}" for n in range(ROWS))
    job = imports.start_import(
        f"address\n{rows}\n".encode(), "a.csv", case=make_case(by=officer), dry_run=False, by=officer
    )
    assert store.verify(job.sha256)
    worker = start(job)
    wait_for_the_first_batch(job, worker)

    worker.send_signal(signal.SIGKILL)
    assert worker.wait(PATIENCE) == -signal.SIGKILL
    stored = Item.objects.count()
    job.refresh_from_db()
    assert 0 < stored < ROWS
    assert job.status == "running"

    done = imports.run_import(job.pk)

    assert (done.status, done.rows_done, done.accepted, done.duplicates) == ("done", ROWS, ROWS, 0)
    assert Item.objects.values("key").distinct().count() == Item.objects.count() == ROWS
    assert Event.objects.filter(kind="item.identified").count() == ROWS
