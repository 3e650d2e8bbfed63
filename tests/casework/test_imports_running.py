"""An import at work: it begins at once, says how far it is, stops when told, and survives being killed."""

import json
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
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from casework import import_rows, imports
from casework.management.commands import import_items
from casework.models import Case, Event, ImportPart, ImportStatus, Item, ItemImport
from casework.tasks import run_import
from config.celery import app
from tests.factories import make_case

pytestmark = pytest.mark.django_db
PATIENCE = 180.0  # seconds, for a program to do what it will do at once on a quiet machine


@pytest.fixture
def case(officer: User) -> Case:
    return make_case(reference="OP-1", by=officer)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "BATCH", 2)


def posts(count: int) -> bytes:
    lines = (f"https://x.com/a/status/{10**15 + number}" for number in range(count))
    return "\n".join(["address", *lines, ""]).encode()


def started(content: bytes, case: Case, by: User, *, dry_run: bool = False) -> ItemImport:
    return imports.start_import(content, "a.csv", case=case, dry_run=dry_run, by=by)


def test_import_is_handed_to_a_worker_as_soon_as_the_page_has_submitted(
    case: Case, officer: User, signed_in: Callable[[User], Client], django_capture_on_commit_callbacks: Any
) -> None:
    file = SimpleUploadedFile("a.csv", posts(3))

    with app.connection_or_acquire() as broker, broker.SimpleQueue("celery") as queue:
        queue.clear()
        with django_capture_on_commit_callbacks(execute=True):
            signed_in(officer).post(f"/cases/{case.reference}/import/", {"file": file})
        message = queue.get(block=False)

    assert message.headers["task"] == run_import.name
    assert message.payload[0] == [ItemImport.objects.get().pk]


def test_page_shows_how_far_it_is(
    case: Case, officer: User, small_batches: None, signed_in: Callable[[User], Client]
) -> None:
    desk, seen = signed_in(officer), []
    job = started(posts(5), case, officer)
    waiting = desk.get(f"/imports/{job.pk}/").content.decode()

    imports.run_import(job.pk, tell=lambda job: seen.append(desk.get(f"/imports/{job.pk}/").content.decode()))

    assert "Checking the whole file" in waiting
    assert [
        f"Reading the rows</strong>: {done} of 5" in page for done, page in zip((2, 4, 5), seen, strict=True)
    ] == [True] * 3


def test_progress_stands_on_standard_error(
    case: Case,
    officer: User,
    small_batches: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_items, "EVERY", 0)
    monkeypatch.setattr(imports, "CHECKED_AT_ONCE", 4)
    path = tmp_path / "a.csv"
    path.write_bytes(posts(5))

    call_command(
        "import_items", str(path), "--case", "OP-1", "--by", officer.email, "--dry-run", "--format", "json"
    )

    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "4 rows checked",
        "2 of 5 rows: 2 accepted, 0 refused",
        "4 of 5 rows: 4 accepted, 0 refused",
        "5 of 5 rows: 5 accepted, 0 refused",
    ]
    assert json.loads(printed.out) == {
        "rows": 5, "accepted": 5, "duplicates": 0, "refused": 0, "errors": [], "items": [],
    }  # fmt: skip


def test_command_names_the_items_and_errors_of_every_part(
    case: Case, officer: User, small_batches: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(posts(5) + b"x\njavascript:y\n")

    call_command("import_items", str(path), "--case", "OP-1", "--by", officer.email, "--format", "json")

    said = json.loads(capsys.readouterr().out)
    assert said["items"] == list(Item.objects.order_by("pk").values_list("reference", flat=True))
    assert [error["row"] for error in said["errors"]] == [7, 8]
    assert (ImportPart.objects.count(), said["rows"], said["refused"]) == (4, 7, 2)


def test_what_the_job_itself_keeps_does_not_grow_with_the_file(
    case: Case, officer: User, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_ERRORS_KEPT", 1)
    monkeypatch.setattr(imports, "MOST_ITEMS_KEPT", 3)

    job = imports.run_import(started(posts(5) + b"x\ny\n", case, officer).pk)

    assert (len(job.errors), len(job.items), job.accepted, job.refused) == (1, 3, 5, 2)
    assert sum(len(part.errors) for part in job.parts.all()) == 2


def test_batch_of_long_cells_is_cut_short(case: Case, officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "MOST_TEXT", 40)

    job = imports.run_import(started(posts(3), case, officer).pk)

    assert (job.accepted, job.parts.count()) == (3, 2)


def test_import_stops_behind_the_part_in_which_it_was_cancelled(
    case: Case, officer: User, small_batches: None
) -> None:
    job = started(posts(5), case, officer)

    job = imports.run_import(job.pk, tell=lambda job: imports.cancel_import(job, by=officer))

    assert (job.status, job.rows_done, Item.objects.count()) == (ImportStatus.CANCELLED, 2, 2)
    assert not Event.objects.filter(kind="case.items_imported").exists()
    rest = imports.run_import(started(posts(5), case, officer).pk)
    assert (rest.accepted, rest.duplicates) == (3, 2)


def test_import_cancelled_while_its_file_is_checked_stores_nothing(
    case: Case, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHECKED_AT_ONCE", 2)
    job = started(posts(5), case, officer)

    job = imports.run_import(job.pk, tell=lambda job: imports.cancel_import(job, by=officer))

    assert (job.status, job.checked_at, Item.objects.count()) == (ImportStatus.CANCELLED, None, 0)


class Killed(BaseException):
    """What ends a worker between two of its steps."""


def test_killed_trial_counts_anew(case: Case, officer: User, small_batches: None) -> None:
    def die(job: ItemImport) -> None:
        if job.rows_done == 4:
            raise Killed

    job = started(posts(5) + posts(1).partition(b"\n")[2], case, officer, dry_run=True)
    with pytest.raises(Killed):
        imports.run_import(job.pk, tell=die)

    job = imports.run_import(job.pk)

    assert (job.status, job.rows_done, job.accepted, job.duplicates) == (ImportStatus.DONE, 6, 5, 1)
    assert (job.parts.count(), Item.objects.count()) == (3, 0)


def test_import_into_a_case_closed_meanwhile_stops_and_says_what_is_stored(
    case: Case, officer: User, small_batches: None
) -> None:
    def close(job: ItemImport) -> None:
        Case.objects.filter(pk=case.pk).update(status="closed", closed_at=job.created_at, closed_by=officer)

    job = imports.run_import(started(posts(5), case, officer).pk, tell=close)

    assert (job.status, job.accepted, Item.objects.count()) == (ImportStatus.REFUSED, 2, 2)
    assert job.problem == "Case OP-1 is closed. 2 items had been stored before."


def test_interrupted_command_stops_its_import(
    case: Case, officer: User, small_batches: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(posts(5))
    tell = import_items.Command._tell

    def interrupt(self: Any, job: ItemImport) -> None:
        tell(self, job)
        raise KeyboardInterrupt

    monkeypatch.setattr(import_items.Command, "_tell", interrupt)
    with pytest.raises(CommandError, match="Stopped"):
        call_command("import_items", str(path), "--case", "OP-1", "--by", officer.email)

    assert ItemImport.objects.get().status == ImportStatus.CANCELLED


ROWS = 6_000
COMMAND = (
    "import sys, django; django.setup(); from casework import import_rows; import_rows.BATCH = 200; "
    "from django.core.management import call_command; call_command('import_items', *sys.argv[1:])"
)


def wait_for_the_first_part(worker: subprocess.Popen) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and worker.poll() is None:
        if Item.objects.exists():
            return
        time.sleep(0.01)
    raise AssertionError("the command never stored a part")


@pytest.mark.slow
def test_killed_command_goes_on_where_it_stood_when_given_again(
    transactional_db: None, officer: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_case(reference="OP-1", by=officer)
    path = tmp_path / "a.csv"
    path.write_bytes(posts(ROWS))
    arguments = [str(path), "--case", "OP-1", "--by", officer.email, "--format", "json"]
    database = connection.settings_dict
    host = database["HOST"].replace("/", "%2F")
    url = (
        f"postgresql://{database['USER']}:{database['PASSWORD']}@{host}:{database['PORT']}/{database['NAME']}"
    )
    variables = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EVIDENCE_DIR": str(settings.EVIDENCE_DIR),
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments], env=variables, cwd=settings.BASE_DIR
    )
    wait_for_the_first_part(worker)

    worker.send_signal(signal.SIGKILL)
    assert worker.wait(PATIENCE) == -signal.SIGKILL
    assert 0 < Item.objects.count() < ROWS
    call_command("import_items", *arguments)

    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], said["accepted"], said["duplicates"], len(set(said["items"]))) == (
        ROWS,
        ROWS,
        0,
        ROWS,
    )
    assert Item.objects.values("key").distinct().count() == Item.objects.count() == ROWS
    assert (ItemImport.objects.count(), Event.objects.filter(kind="item.identified").count()) == (1, ROWS)
