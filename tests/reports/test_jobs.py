"""Long work: it says how far it is, stops when told, is begun anew after its worker died, and gives up in the end."""

import csv
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework.transitions import TransitionNotAllowed
from config.celery import app
from reports import editions, job_files, jobs, row_files, tasks, work
from reports.choices import Choice, chosen
from reports.exports import csv_lines
from reports.facts import episodes
from reports.models import FrozenFigures, Job, JobKind
from tests.reports.conftest import scope
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def office(person: Callable[..., User], bring_in: Callable[..., None]) -> Office:
    bring_in(ten_items())
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


def file_of(office: Office, **choice: str) -> Job:
    return row_files.begin(scope(), choice, by=office.first)


def test_file_holds_the_rows_of_the_page_in_their_order(office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr(row_files, "CHUNK", 3)

    job = work.run(file_of(office).pk)

    written = job_files.path(job).read_bytes()
    assert written.decode() == "".join(csv_lines(episodes(scope())))
    assert (job.status, job.rows, job.rows_done) == ("done", 10, 10)
    assert job.sha256 == hashlib.sha256(written).hexdigest()


def test_file_of_a_number_holds_its_rows(office: Office) -> None:
    choice = {"outcome": "REFUSED,PENDING", "eligible": "1"}

    job = work.run(file_of(office, **choice).pk)

    rows = csv.DictReader(job_files.path(job).read_text().splitlines())
    assert [row["item"] for row in rows] == [row.item for row in chosen(scope(), Choice.read(choice))]


def test_number_that_is_none_begins_no_file(office: Office) -> None:
    with pytest.raises(ValueError, match="cannot be BURNT"):
        file_of(office, outcome="BURNT")

    assert not Job.objects.exists()


def test_job_is_handed_to_a_worker_as_soon_as_it_is_stored(
    office: Office, django_capture_on_commit_callbacks: Any
) -> None:
    with app.connection_or_acquire() as broker, broker.SimpleQueue("celery") as queue:
        queue.clear()
        with django_capture_on_commit_callbacks(execute=True):
            job = file_of(office)
        message = queue.get(block=False)

    assert (message.headers["task"], message.payload[0]) == (jobs.TASK, [job.pk])
    tasks.run_job(job.pk)
    assert Job.objects.get(pk=job.pk).status == "done"


def test_clock_takes_up_what_nobody_began(office: Office) -> None:
    waiting, fresh = office.draft(), file_of(office)
    Job.objects.filter(edition=waiting).update(created_at=timezone.now() - jobs.PATIENCE)

    assert tasks.resume_jobs() == 1

    assert waiting.frozen is not None
    fresh.refresh_from_db()
    assert fresh.status == "queued"


def test_job_that_was_done_is_not_done_again(office: Office) -> None:
    edition = office.computed()
    job = edition.jobs.get()

    assert work.run(job.pk).attempts == 1
    assert FrozenFigures.objects.count() == 1


def test_edition_whose_worker_died_after_freezing_keeps_its_figures(office: Office) -> None:
    edition = office.computed()
    before = edition.frozen
    Job.objects.filter(edition=edition).update(status="running", finished_at=None)

    job = work.run(edition.jobs.get().pk)

    assert (job.status, edition.frozen) == ("done", before)


def test_job_whose_worker_dies_again_and_again_is_given_up(office: Office) -> None:
    edition = office.draft()
    Job.objects.filter(edition=edition).update(status="running", attempts=jobs.MOST_ATTEMPTS)

    job = work.run(edition.jobs.get().pk)

    assert job.status == "failed"
    assert job.problem.startswith("It was begun 3 times")
    assert office.frozen(editions.compute_again(edition, by=office.first).edition).frozen is not None


def test_job_that_goes_wrong_says_so(office: Office, caplog: Any, settings: Any, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "a file"
    settings.EXPORT_DIR.write_text("")

    job = work.run(file_of(office).pk)

    assert (job.status, job.problem) == ("failed", work.WRONG)
    assert f"Job {job.pk} failed." in caplog.text


def test_stopped_job_leaves_nothing_behind(office: Office, monkeypatch: Any) -> None:
    """Stopped after the first chunk was written."""
    job, tell = file_of(office), jobs.tell

    def stop(running: Job, **progress: Any) -> None:
        if progress.get("rows_done"):
            jobs.cancel(Job.objects.get(pk=job.pk), by=office.first)
        tell(running, **progress)

    monkeypatch.setattr(jobs, "tell", stop)

    assert work.run(job.pk).status == "cancelled"
    assert list(job_files.path(job).parent.iterdir()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.chosen_row')")
        assert cursor.fetchone() == (None,)


def test_who_stops_a_job(office: Office, auditor: User) -> None:
    theirs = row_files.begin(scope(), {}, by=auditor)
    ours = file_of(office)

    with pytest.raises(PermissionDenied):
        jobs.cancel(ours, by=auditor)
    assert jobs.cancel(theirs, by=auditor).status == "cancelled"
    assert jobs.cancel(ours, by=office.second).status == "cancelled"
    with pytest.raises(TransitionNotAllowed, match="has finished already"):
        jobs.cancel(ours, by=office.second)


def test_nothing_is_computed_again_that_is_frozen_or_being_computed(office: Office) -> None:
    for edition in (office.computed(), office.draft()):
        with pytest.raises(TransitionNotAllowed, match="nothing to compute again"):
            editions.compute_again(edition, by=office.first)


def test_files_are_kept_for_a_week(office: Office) -> None:
    job = work.run(file_of(office).pk)
    assert job.finished_at is not None

    assert job_files.forget(at=job.finished_at + job_files.KEPT) == 0
    assert job_files.forget(at=job.finished_at + job_files.KEPT + timedelta(seconds=1)) == 1
    assert not job_files.path(job).exists()


def test_clock_prepares_editions_and_forgets_files(office: Office) -> None:
    job = work.run(file_of(office).pk)
    Job.objects.filter(pk=job.pk).update(finished_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert tasks.prepare_editions() == 0
    assert not job_files.path(job).exists()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"status": "done"}, "finished_stamped"),
        ({"finished_at": datetime(2026, 1, 1, tzinfo=UTC)}, "finished_stamped"),
        ({"kind": "episodes"}, "subject"),
        ({"edition": None}, "subject"),
        ({"kind": "other"}, "(kind|subject)"),
        ({"status": "other"}, "(status|finished_stamped)"),
    ],
)
def test_the_database_holds_jobs_to_their_rules(office: Office, change: dict[str, Any], name: str) -> None:
    edition = office.draft()

    with pytest.raises(IntegrityError, match=f"reports_job_{name}"), transaction.atomic():
        Job.objects.filter(edition=edition).update(**change)


def test_the_database_keeps_one_job_of_an_edition_at_a_time(office: Office) -> None:
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        jobs.begin(JobKind.EDITION, edition=office.draft(), by=office.first, at=timezone.now())
