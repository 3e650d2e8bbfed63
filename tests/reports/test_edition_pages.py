"""The pages of editions, schedules and jobs, and the same by API."""

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from reports import editions, job_files, jobs, row_files, work
from reports.models import Edition, EditionEvent, Job, Schedule
from tests.reports.conftest import scope
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items

ASKED = "title=January&from=2026-01-01&to=2026-01-31&grouped_by=kind,%20channel&threshold=8&rounding=5"
PREPARE = f"/reports/editions/prepare/?{ASKED}"
NEW = {"title": "January", "from": "2026-01-01", "to": "2026-01-31", "by": "kind"}


@pytest.fixture
def office(
    person: Callable[..., User], bring_in: Callable[..., None], settings: Any, tmp_path: Path
) -> Office:
    settings.EXPORT_DIR = tmp_path / "exports"
    bring_in(ten_items())
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


@pytest.fixture
def desk(office: Office, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(office.first)


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(response.content.decode())).split())


def page(edition: Edition, *more: str) -> str:
    return "/".join(["/reports/editions", edition.reference, *more, ""])


LINK = re.compile(
    r'<a [^>]*href="(/reports/(?:episodes|chasers|collateral)/\?[^"]*)"[^>]*>([\d,]+)(?![\d.,%])'
)


def test_numbers_of_an_edition_lead_to_their_rows(desk: Client, office: Office) -> None:
    shown = desk.get(page(office.computed(grouped_by="kind,channel"))).content.decode()

    links = {unescape(address): int(count) for address, count in LINK.findall(shown)}

    assert {address: desk.get(address).context["count"] for address in links} == links
    assert sum("group=kind%3Apost%3Bchannel" in address for address in links) == 6
    assert len(links) == 84
    sets = {parse_qs(address.partition("?")[2]).get("set", [""])[0] for address in links}
    assert {
        "verified",
        "seen_since",
        "looked_at_since",
        "removed",
        "at_risk",
        "disputed",
        "refused_due",
    } < sets
    (collateral,) = [
        number for address, number in links.items() if address.startswith("/reports/collateral/")
    ]
    (flow,) = [number for address, number in links.items() if "removed=" in address]
    assert (collateral, flow) == (0, 3)


def test_edition_has_every_table_with_a_way_to_it(desk: Client, office: Office) -> None:
    shown = desk.get(page(office.computed(grouped_by="kind"))).content.decode()

    ways = re.findall(r'<li><a class="govuk-link" href="#([a-z-]+)"', shown)

    assert ways[:5] == ["headline", "windows", "outcomes", "exclusions", "groups"]
    assert len(ways) == 10
    assert [place for place in ways if f'id="{place}"' not in shown] == []


# -- Prepared --------------------------------------------------------------------------------------


def test_headline_is_shown_before_it_is_frozen(desk: Client) -> None:
    said = words(desk.get(PREPARE))

    assert "As it would be frozen" in said
    assert "3 of 9" in said
    assert "as at 1 Mar 2026, 00:00 GMT , from what was recorded by 4 Mar 2026, 00:00 GMT" in said
    assert not Edition.objects.exists()


def test_confirmed_headline_becomes_an_edition(desk: Client, office: Office) -> None:
    freeze = re.search(r'action="([^"]*prepare/[^"]+)"', desk.get(PREPARE).content.decode())
    assert freeze is not None

    response = desk.post(unescape(freeze[1]), {"confirmed": "yes"})

    edition = Edition.objects.get()
    assert response.url == page(edition)
    assert (edition.title, edition.by, edition.threshold, edition.rounding) == (
        "January",
        ["kind", "channel"],
        8,
        5,
    )
    assert "Waiting for a worker" in words(desk.get(page(edition)))
    assert "3 of 9" in words(desk.get(page(office.frozen(edition))))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("title", "", "This field is required"),
        ("grouped_by", "colour", "Cannot group by colour"),
        ("as_at", "2099-01-01T00:00", "This time has not come yet"),
        ("to", "9999-12-31", "This is after the year 2100"),
        ("threshold", "4", "Select a valid choice"),
    ],
)
def test_wrong_question_is_explained(desk: Client, name: str, value: str, said: str) -> None:
    address = f"/reports/editions/prepare/?{urlencode({**dict(parse_qsl(ASKED)), name: value})}"

    for response in (desk.get(address), desk.post(address)):
        assert response.status_code == 422
        assert said in words(response)


def test_moment_too_near_is_refused_by_the_verb(desk: Client) -> None:
    now = timezone.now().isoformat().replace("+00:00", "Z")

    response = desk.post(
        f"/reports/editions/prepare/?{urlencode({**dict(parse_qsl(ASKED)), 'known_by': now})}"
    )

    assert response.status_code == 422
    assert "at least a minute ago" in words(response)


def test_question_of_the_rates_is_taken_over(desk: Client) -> None:
    text = desk.get("/reports/editions/prepare/?from=2026-01-01&to=2026-01-31&platform=x").content.decode()

    assert 'value="2026-01-01"' in text
    assert '<option value="x" selected>' in text


# -- Read and decided ------------------------------------------------------------------------------


def test_edition_is_approved_and_published_by_another(
    desk: Client, office: Office, signed_in: Callable[[User], Client]
) -> None:
    edition, other = office.computed(grouped_by="channel"), signed_in(office.second)
    assert "Approve" not in words(desk.get(page(edition)))

    for verb in ("approve", "publish"):
        assert other.post(page(edition, verb)).status_code == 302

    said = words(other.get(page(edition)))
    assert "Portal 4 3" in said
    assert "Published" in said
    assert Edition.objects.get().status == "published"


def test_refused_verb_leads_back(desk: Client, office: Office) -> None:
    edition = office.computed()

    response = desk.post(page(edition, "approve"), follow=True)

    assert "somebody else must" in words(response)


def test_revision_shows_what_it_revises(desk: Client, office: Office) -> None:
    edition = office.published()
    sent = {"kind": "correction", "reason": "A look was wrong.", "as_at": "2026-02-01T00:00", "known_by": ""}
    assert desk.post(page(edition, "revise"), sent).status_code == 422
    later = {**sent, "as_at": "2026-04-01T00:00", "known_by": "2026-04-01T00:00", "substantial": "on"}

    response = desk.post(page(edition, "revise"), later)

    made = office.frozen(Edition.objects.get(supersedes=edition))
    assert response.url == page(made)
    said = words(desk.get(page(made)))
    assert f"Correction of an error of {edition} , substantial : A look was wrong." in said
    assert f"No figure differs from {edition}" in said
    assert f"Being revised by {made}" in words(desk.get(page(edition)))


def test_figures_are_handed_out_byte_for_byte_and_in_public_without_small_counts(
    desk: Client, office: Office
) -> None:
    edition = office.published()
    assert edition.frozen is not None

    assert desk.get(f"{page(edition)}figures.json").content.decode() == edition.frozen.document
    public = json.loads(desk.get(f"{page(edition)}public.json").content)
    assert public == editions.public_figures(edition)
    assert public["groups"][0]["S03"]["outcomes"]["REFUSED"] == "c"


@pytest.mark.parametrize("address", ["figures.json", "public.json"])
def test_figures_that_are_not_frozen_cannot_be_handed_out(desk: Client, office: Office, address: str) -> None:
    assert desk.get(f"{page(office.draft())}{address}").status_code == 404


def test_every_reading_before_the_release_is_noted(desk: Client, office: Office) -> None:
    draft, other = office.computed(), office.published()
    for address in (page(draft), f"{page(draft)}figures.json", f"{page(draft)}public.json", page(other)):
        desk.get(address)
    desk.get(f"/reports/editions/compare/?first={draft}&second={other}")

    opened = EditionEvent.objects.filter(kind="edition.opened")
    assert [(event.edition, event.actor) for event in opened] == [(draft, office.first)] * 4
    assert "Opened the figures before their release by Manager 1" in words(desk.get(page(draft)))


def test_draft_is_not_there_for_who_may_not_see_it(
    office: Office, officer: User, signed_in: Callable[[User], Client]
) -> None:
    draft, out = office.computed(), office.published()
    client = signed_in(officer)

    assert client.get(page(draft)).status_code == 404
    assert client.get(f"{page(draft)}figures.json").status_code == 404
    assert client.get(page(out)).status_code == 200
    assert draft.reference not in words(client.get("/reports/editions/"))
    compared = client.get(f"/reports/editions/compare/?first={out}&second={draft}")
    assert (compared.status_code, "There is no such edition" in words(compared)) == (422, True)


def test_two_editions_are_compared(desk: Client, office: Office) -> None:
    first = office.computed()
    second = office.computed(as_at="2026-01-08T00:00:00Z", platform="x")
    waiting = office.draft()

    said = words(desk.get(f"/reports/editions/compare/?first={first}&second={second}"))
    assert "They are not about the same period" in said
    assert "All S03 outcomes REINSTATED 1 0" in said
    assert "not frozen yet" in words(desk.get(f"/reports/editions/compare/?first={first}&second={waiting}"))
    assert desk.get("/reports/editions/compare/").status_code == 200


def test_edition_is_computed_again(desk: Client, office: Office) -> None:
    said = words(desk.post(page(office.computed(), "rerun"), follow=True))

    assert "every byte is the same" in said


def test_failed_edition_offers_to_compute_again(desk: Client, office: Office) -> None:
    edition = office.draft()
    jobs.cancel(edition.jobs.get(), by=office.first)
    assert "The figures have not been computed" in words(desk.get(page(edition)))

    desk.post(page(edition, "compute"))

    assert [job.status for job in edition.jobs.all()] == ["queued", "cancelled"]


@pytest.mark.parametrize("count", [1, 3])
def test_lists_need_a_fixed_number_of_queries(
    desk: Client, office: Office, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(count):
        office.draft()

    with django_assert_num_queries(4):
        desk.get("/reports/editions/")
    with django_assert_num_queries(4):
        desk.get("/reports/jobs/")


def test_empty_lists_say_what_to_do(desk: Client, auditor: User, signed_in: Callable[[User], Client]) -> None:
    readers = (desk, signed_in(auditor))
    for address in ("/reports/editions/", "/reports/schedules/", "/reports/jobs/"):
        for client in readers:
            assert " yet" in words(client.get(address))
    assert "No edition fits these filters" in words(desk.get("/reports/editions/?q=x&covers=2026-01-05"))
    assert "No job fits these filters" in words(desk.get("/reports/jobs/?status=done"))


# -- Schedules and jobs ----------------------------------------------------------------------------


def test_schedule_is_added_and_stopped(desk: Client) -> None:
    sent = {
        "title": "Rate",
        "frequency": "quarterly",
        "since": "2026-02-10",
        "grouped_by": "platform",
        "platform": "x",
    }

    desk.post("/reports/schedules/add/", sent)

    schedule = Schedule.objects.get()
    assert (str(schedule.since), schedule.filters, schedule.by, schedule.threshold) == (
        "2026-01-01", {"platform": "x"}, ["platform"], 5,
    )  # fmt: skip
    assert "Rate has stopped." in words(desk.post(f"/reports/schedules/{schedule.pk}/stop/", follow=True))


def test_many_rows_are_written_by_a_job(desk: Client, office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr(row_files, "LARGE", 1)
    asked = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z&eligible=1"
    offer = desk.get(f"/reports/episodes.csv?{asked}")
    assert "9 rows (Eligible) are written in the background" in words(offer)
    start = re.search(r'action="([^"]+export/[^"]+)"', offer.content.decode())
    assert start is not None

    begun = desk.post(unescape(start[1]), {"confirmed": "yes"})

    job = Job.objects.get()
    assert begun.url == reverse("reports:job_detail", args=[job.pk])
    assert "Waiting for a worker" in words(desk.get(begun.url))
    work.run(job.pk)
    assert "Download the file" in words(desk.get(begun.url))
    file = b"".join(desk.get(f"/reports/jobs/{job.pk}/file/").streaming_content)
    assert len(file.decode().splitlines()) == 10
    job_files.path(job).unlink()
    assert "The file was kept for a week" in words(desk.get(begun.url))
    assert desk.get(f"/reports/jobs/{job.pk}/file/").status_code == 404


def test_job_is_stopped(desk: Client, office: Office) -> None:
    job = row_files.begin(scope(), {}, by=office.first)

    said = words(desk.post(f"/reports/jobs/{job.pk}/cancel/", follow=True))

    assert "Nothing of it is kept." in said


# -- By API ----------------------------------------------------------------------------------------


def test_edition_by_api_from_its_preparation_to_its_revision(
    office: Office, api: Callable[[User], APIClient]
) -> None:
    first, second = api(office.first), api(office.second)
    made = first.post("/api/v1/editions/", {**NEW, "threshold": 3})
    assert (made.status_code, made.json()["frozen"], made.json()["as_at"]) == (
        202,
        None,
        "2026-03-01T00:00:00Z",
    )
    edition = office.frozen(Edition.objects.get())
    address = f"/api/v1/editions/{edition}"

    assert second.get(f"{address}/").json()["actions"] == ["approve", "discard"]
    refused = first.post(f"{address}/approve/")
    assert (refused.status_code, refused.json()["actions"]) == (409, ["discard"])
    assert second.post(f"{address}/approve/").json()["status"] == "approved"
    assert second.post(f"{address}/publish/", {"reason": "?"}).status_code == 400
    assert second.post(f"{address}/publish/").json()["status"] == "published"
    assert first.post(f"{address}/withdraw/").json()["errors"] == {"reason": ["Give a reason."]}
    later = {
        "as_at": "2026-04-01T00:00:00Z",
        "known_by": "2026-04-01T00:00:00Z",
        "kind": "scheduled",
        "reason": "Late.",
    }
    revision = first.post(f"{address}/revise/", later)

    assert (revision.status_code, revision.json()["supersedes"]) == (202, edition.reference)
    office.frozen(Edition.objects.get(supersedes=edition))
    assert first.get(f"/api/v1/editions/{revision.json()['reference']}/revisions/").json() == []


def test_figures_by_api_are_those_that_were_frozen(office: Office, api: Callable[[User], APIClient]) -> None:
    edition, client = office.computed(), api(office.first)
    address = f"/api/v1/editions/{edition}"
    assert edition.frozen is not None

    assert client.get(f"{address}/figures/").content.decode() == edition.frozen.document
    assert client.get(f"{address}/public/").json() == editions.public_figures(edition)
    assert client.post(f"{address}/rerun/").json()["equal"] is True
    kinds = [event["kind"] for event in client.get(f"{address}/events/").json()["results"]]
    assert kinds == ["edition.opened"] * 3 + ["edition.computed", "edition.prepared"]
    assert client.get(f"/api/v1/editions/{office.draft()}/figures/").status_code == 404


def test_jobs_by_api(office: Office, api: Callable[[User], APIClient]) -> None:
    office.draft()
    client, job = api(office.first), Job.objects.get()

    assert [row["status"] for row in client.get("/api/v1/jobs/").json()["results"]] == ["queued"]
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel/").json()["status"] == "cancelled"
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 409
