"""The pages that everybody may read."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from accounts.models import User
from accounts.roles import Role
from reports import editions, public_copies
from reports.models import Edition, PublicCopy
from tests.journeys.pdf import text_of
from tests.reports.editions_at import Office
from tests.reports.test_public_copies import NAMED, january, removals

FILES = ("figures.json", "figures.csv", "figures.ods", "figures.xlsx", "report.pdf", "annual-table.csv")


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> None:
    settings.PUBLIC_TRANSPARENCY = True
    settings.SENDER_ORGANISATION = "Referral Centre"
    settings.INDEPENDENCE_STATEMENT = "No platform pays for a decision."


@pytest.fixture
def office(person: Callable[..., User]) -> Office:
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


@pytest.fixture
def edition(bring_in: Callable[..., None], office: Office) -> Edition:
    bring_in([*removals(5, 20, 100), *removals(15, 3, 300)])
    return office.published(grouped_by="platform")


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def addresses(edition: Edition) -> list[str]:
    start = f"/transparency/{edition}/"
    return ["/transparency/", "/transparency/method/", start, *(f"{start}{name}" for name in FILES)]


def test_nothing_is_there_unless_the_office_switched_it_on(
    edition: Edition, office: Office, settings: Any
) -> None:
    public_copies.make_public(edition, by=office.first)
    shown = [Client().get(address).status_code for address in addresses(edition)]
    settings.PUBLIC_TRANSPARENCY = False

    assert shown == [200] * 9
    assert [Client().get(address).status_code for address in addresses(edition)] == [404] * 9


def test_only_what_was_made_public_and_still_holds_is_shown(edition: Edition, office: Office) -> None:
    reader = Client()

    before = reader.get("/transparency/")
    assert "Nothing has been published yet" in words(before)
    assert reader.get(f"/transparency/{edition}/").status_code == 404
    public_copies.make_public(edition, by=office.first)
    assert "January 2026" in words(reader.get("/transparency/"))
    editions.withdraw(edition, reason="Wrong.", by=office.second)
    assert "Nothing has been published yet" in words(reader.get("/transparency/"))
    assert {reader.get(f"/transparency/{edition}/{name}").status_code for name in FILES} == {404}


def test_page_has_headline_tables_and_statement(edition: Edition, office: Office) -> None:
    public_copies.make_public(edition, by=office.first, **NAMED)

    page = words(Client().get("/transparency/"))

    for words_there in (
        "Of 46 posts notified from 1 January to 31 January 2026",
        "Eligible items by outcome",
        "Taken down within a window",
        "Taken down to date, by platform",
        "Notices by provider, type of content and action taken",
        "No platform pays for a decision.",
    ):
        assert words_there in page


def test_page_without_sign_off_names_no_platform(edition: Edition, office: Office) -> None:
    public_copies.make_public(edition, by=office.first)

    page = words(Client().get("/transparency/"))

    assert "by platform" not in page
    assert "All providers" in page


def test_caches_may_keep_it_and_it_knows_nobody(
    edition: Edition, office: Office, signed_in: Callable[[User], Client]
) -> None:
    public_copies.make_public(edition, by=office.first, **NAMED)
    reader, anonymous = signed_in(office.first), Client()

    for address in addresses(edition):
        mine, theirs = reader.get(address), anonymous.get(address)
        assert mine.content == theirs.content
        assert theirs["Cache-Control"] == "public, max-age=300"
        assert (theirs.has_header("Set-Cookie"), mine.has_header("Set-Cookie")) == (False, False)


def test_nothing_of_an_item_or_a_person_is_in_any_of_it(edition: Edition, office: Office) -> None:
    public_copies.make_public(edition, by=office.first, **NAMED)
    secrets = ("/nobody", "status/", ">2026-00", '"2026-00', office.first.name, office.second.name, "example.org",
               NAMED["shared"])  # fmt: skip

    for address in addresses(edition):
        content = Client().get(address).content
        told = content.decode("latin-1")
        if address.endswith(("ods", "xlsx")):
            book = CalamineWorkbook.from_filelike(BytesIO(content))
            told = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
        assert [secret for secret in secrets if str(secret) in told] == []


def test_every_count_in_every_file_is_under_disclosure_control(edition: Edition, office: Office) -> None:
    """Three of the removals, late, are told by nothing."""
    copy = public_copies.make_public(edition, by=office.first, **NAMED)

    content = Client().get(f"/transparency/{edition}/figures.json").content
    assert content.decode() == copy.document
    assert {count for row in json.loads(content)["S20"] for count in (row["count"], row["lines"])} == {23, 46}
    book = CalamineWorkbook.from_filelike(
        BytesIO(Client().get(f"/transparency/{edition}/figures.xlsx").content)
    )
    about = dict(row[:2] for row in book.get_sheet_by_name("About").to_python()[3:])
    assert about["Status"].startswith(f"Edition {edition}, public")
    assert "Management information" not in str(about)
    assert book.sheet_names[-1] == "S20"


def test_page_of_withheld_figures_says_so(bring_in: Callable[..., None], office: Office) -> None:
    bring_in(removals(5, 3, 100))
    edition = office.published()
    public_copies.make_public(edition, by=office.first)

    page = words(Client().get(f"/transparency/{edition}/"))

    assert "is not shown: the number is small, or would give a small one away." in page
    assert {Client().get(f"/transparency/{edition}/{name}").status_code for name in FILES} == {200}


def test_other_editions_are_listed(bring_in: Callable[..., None], office: Office) -> None:
    bring_in([*removals(5, 20, 100), *removals(15, 21, 200)])
    first, second = (office.published(period=january(day, day + 9), title=f"From {day}") for day in (1, 11))
    for edition in (first, second):
        public_copies.make_public(edition, by=office.first)

    newest = Client().get("/transparency/").content.decode()

    assert "<title>From 11" in newest
    assert f'<a class="govuk-link" href="/transparency/{first}/">From 1</a>' in newest


def test_manager_makes_an_edition_public_by_hand(
    edition: Edition, office: Office, signed_in: Callable[[User], Client]
) -> None:
    manager = signed_in(office.first)
    address = f"/reports/editions/{edition}/make-public/"

    assert address in manager.get(f"/reports/editions/{edition}/").content.decode()
    refused = manager.post(address, {"names_platforms": "on", "shared": ""})
    assert (refused.status_code, PublicCopy.objects.count()) == (422, 0)
    assert "factual check" in words(refused)
    assert manager.post(address, {"shared": ""}).status_code == 302
    page = manager.get(f"/reports/editions/{edition}/").content.decode()
    assert "The edition is public." in page
    assert address not in page
    assert f'href="/transparency/{edition}/">What everybody sees' in page
    assert PublicCopy.objects.get().names_platforms is False


def test_manager_sees_what_was_left_out_beside_earlier_editions(
    edition: Edition, bring_in: Callable[..., None], office: Office, signed_in: Callable[[User], Client]
) -> None:
    manager = signed_in(office.first)
    public_copies.make_public(edition, by=office.first)
    part = office.published(period=january(1, 14))

    told = manager.post(f"/reports/editions/{part}/make-public/", {}, follow=True)

    assert f"All: S04 numerator, beside {edition}" in words(told)
    assert "counts are left out because earlier public editions would give them away" in words(told)


def test_api_makes_an_edition_public(edition: Edition, office: Office, api: Callable[[User], Any]) -> None:
    client, address = api(office.first), f"/api/v1/editions/{edition}/make_public/"

    refused = client.post(address, {"names_platforms": True})
    made = client.post(address, NAMED)
    again = client.post(address, NAMED)

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["shared"])
    assert made.status_code == 201
    assert {name: made.json()[name] for name in ("edition", "shared", "withheld_beside")} == {
        "edition": edition.reference,
        "shared": NAMED["shared"],
        "withheld_beside": [],
    }
    assert again.status_code == 409


def test_copy_on_paper_says_what_the_page_says_and_names_nobody(edition: Edition, office: Office) -> None:
    public_copies.make_public(edition, by=office.first, **NAMED)

    response = Client().get(f"/transparency/{edition}/report.pdf")
    pages = text_of(response.content)

    assert response["Content-Type"] == "application/pdf"
    for words_there in (
        f"Edition {edition}, public",
        "Of 46 posts notified from 1 January to 31 January 2026",
        "Notices by provider, type of content and action taken",
        "No platform pays for a decision.",
    ):
        assert "".join(words_there.split()) in pages
    for secret in ("Management information", "x.com", office.first.name, office.second.name):
        assert "".join(secret.split()) not in pages
