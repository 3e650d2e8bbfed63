"""Long reports written by a job: the same pages as at once, stopped while being set, found by who may see them."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from notices.typesetting import Variant
from reports import job_files, jobs, report_files, work
from reports.figure_files import of_scope
from reports.models import Job
from reports.printing import print_edition
from reports.views.figure_files import platform_names
from tests.reports.conftest import scope
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items

JANUARY = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00Z&known_by=2026-03-01T00:00Z"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture
def office(person: Callable[..., User], bring_in: Callable[..., None]) -> Office:
    bring_in(ten_items())
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


def test_job_prints_what_is_printed_at_once(office: Office) -> None:
    edition = office.published(grouped_by="platform")

    job = work.run(report_files.begin(edition, Variant.ARCHIVE, by=office.first).pk)

    content = job_files.path(job).read_bytes()
    assert (job.status, job.rows, job.rows_done) == ("done", 10, 10)
    assert job.sha256 == hashlib.sha256(content).hexdigest()
    assert content == print_edition(edition, platform_names(), Variant.ARCHIVE)


def test_job_that_is_stopped_while_the_pages_are_set_leaves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, tell = report_files.begin(scope(), Variant.ACCESSIBLE, by=office.first), jobs.tell

    def stop(running: Job, **progress: Any) -> None:
        tell(running, **progress)
        if "rows" in progress:
            jobs.cancel(Job.objects.get(pk=job.pk), by=office.first)

    monkeypatch.setattr(jobs, "tell", stop)
    monkeypatch.setattr("reports.printing.LOOK_EVERY", 0.05)

    assert work.run(job.pk).status == "cancelled"
    assert not job_files.path(job).exists()


def test_report_that_takes_too_much_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_files, "MOST_SECONDS", 0)

    job = work.run(report_files.begin(scope(), Variant.ACCESSIBLE, by=office.first).pk)

    assert job.status == "failed"
    assert job.problem.startswith("The report takes more time or memory than it may.")


def test_long_report_is_offered_begun_and_found_again(
    office: Office, signed_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = signed_in(office.first)
    monkeypatch.setattr(report_files, "MANY_ROWS", 9)

    offer = desk.get(f"/reports/takedown-rate.archive.pdf?{JANUARY}")
    begun = desk.post(offer.context["start_url"])
    job = work.run(Job.objects.get().pk)

    assert begun.url == f"/reports/jobs/{job.pk}/"
    assert job.question["variant"] == Variant.ARCHIVE
    assert "Download the file" in desk.get(begun.url).content.decode()
    file = desk.get(f"{begun.url}file/")
    assert b"".join(file.streaming_content) == job_files.path(job).read_bytes()
    assert (
        file["Content-Disposition"]
        == 'attachment; filename="takedown-rate-2026-01-01-to-2026-01-31-archive.pdf"'
    )


def test_edition_of_many_groups_is_printed_by_a_job(
    office: Office, signed_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    edition, desk = office.computed(grouped_by="platform"), signed_in(office.second)
    monkeypatch.setattr(report_files, "MANY_GROUPS", 1)

    offer = desk.get(f"/reports/editions/{edition}/report.pdf")
    begun = desk.post(offer.context["start_url"])
    job = work.run(Job.objects.get(kind="report").pk)

    file = desk.get(f"{begun.url}file/")
    assert b"".join(file.streaming_content) == job_files.path(job).read_bytes()
    assert file["Content-Disposition"] == f'attachment; filename="{edition}.pdf"'
    assert job.edition == edition
    assert edition.events.filter(kind="edition.opened").count() > 0


def test_short_report_is_printed_at_once(office: Office) -> None:
    assert not report_files.is_long(scope())
    assert not report_files.is_long(office.computed())
    assert of_scope(scope(), {}).document["rows"] < report_files.MANY_ROWS


def test_unknown_variant_is_refused(office: Office, signed_in: Callable[[User], Client]) -> None:
    refused = signed_in(office.first).post(f"/reports/takedown-rate/print/?{JANUARY}&variant=pdf/x")

    assert refused.status_code == 400
    assert not Job.objects.exists()
