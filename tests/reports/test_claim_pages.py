"""The claim check by page, API and command: one answer."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from reports.models import Edition, EditionEvent
from reports.views.claims import PUBLIC
from tests.reports.conftest import item, notice
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items

SENTENCE = "3 posts on X were taken down within 24 hours in January 2026, as at 1 March 2026"
FIELDS = {
    "phrase": "exactly", "value": "3", "statistic": "S05", "window": "24h", "platform": "x", "kind": "post",
    "from": "2026-01-01", "to": "2026-01-31", "as_at": "2026-03-01",
}  # fmt: skip


@pytest.fixture
def edition(bring_in: Callable[..., None], manager: User, reviewer: User) -> Edition:
    """A draft of January by platform, frozen before an eleventh item of January was brought in."""
    bring_in(ten_items())
    frozen = Office(manager, reviewer).computed(grouped_by="platform")
    bring_in([item("i20"), notice("2026-01-05T12:00:00Z", "i20", ref="n20")])
    return frozen


@pytest.fixture
def reader(manager: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(manager)


def test_page_shows_verdict_sentence_and_what_was_read(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in(ten_items())

    response = reader.get("/reports/claims/", {"sentence": SENTENCE})

    page = response.content.decode()
    assert (response.status_code, response.context["verdict"].verdict) == (200, "supported")
    assert "Of 9 posts notified from 1 January to 31 January 2026" in page
    assert 'value="2026-01-31"' in page


def test_fields_of_the_address_are_checked(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in(ten_items())

    response = reader.get("/reports/claims/", FIELDS)

    assert response.context["verdict"].as_dict()["ratio"] == "3/9"


def test_page_without_anything_asks(db: None, reader: Client) -> None:
    page = reader.get("/reports/claims/").content.decode()

    assert ("Check the sentence" in page, "What was read" in page) == (True, False)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"sentence": ""}, "This field is required"),
        ({"sentence": "x" * 1001}, "at most 1000 characters"),
        ({"value": "many"}, "is no number"),
        ({"platform": "nowhere"}, "Select a valid choice"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "The period ends"),
        ({"as_at": "9999-01-01"}, "as_at: "),
    ],
)
def test_page_says_what_is_wrong(db: None, reader: Client, asked: dict[str, str], message: str) -> None:
    response = reader.get("/reports/claims/", asked)

    assert response.status_code == 422
    assert message in response.content.decode()


def test_public_claims_stand_with_their_source(db: None, reader: Client) -> None:
    response = reader.get("/reports/claims/public/")

    rows = response.context["rows"]
    assert [row["words"] for row in rows] == [entry["words"] for entry in PUBLIC]
    assert rows[0]["left_open"] == ["the period", "the as-at", "the window"]
    assert all(row["source"].startswith("https://") and row["title"] and row["by"] for row in rows)
    assert all(row["left_open"] for row in rows)


def test_api_and_command_give_the_same_document(
    bring_in: Callable[..., None], api: Callable[[User], APIClient], manager: User
) -> None:
    bring_in(ten_items())
    out = StringIO()

    call_command("check_claim", SENTENCE, "--format", "json", stdout=out)
    by_sentence = api(manager).get("/api/v1/claims/check/", {"sentence": SENTENCE}).json()
    by_fields = api(manager).get("/api/v1/claims/check/", FIELDS).json()

    assert json.loads(out.getvalue()) == by_sentence == by_fields
    assert (by_sentence["verdict"], by_sentence["ratio"]) == ("supported", "3/9")


def test_command_tells_a_person(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())
    out = StringIO()

    call_command("check_claim", "posts on X were removed in January 2026", stdout=out)

    assert out.getvalue().startswith(
        "Cannot be said\nWhich number? Say a percentage, a fraction or a count.\nAs at when?"
    )


@pytest.mark.parametrize(
    "asked",
    [{}, {"sentence": SENTENCE, "value": "90%"}, {"value": "many"}, {"colour": "red"}, {"as_at": "soon"}],
)
def test_api_refuses_what_is_no_claim(
    db: None, api: Callable[[User], APIClient], manager: User, asked: dict[str, Any]
) -> None:
    assert api(manager).get("/api/v1/claims/check/", asked).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"platform": "nowhere"}, "There is no platform “nowhere”. Known: "),
        ({"category": "cheese"}, "There is no category “cheese”. Known: "),
        ({"edition": "E2020-000001"}, "There is no edition E2020-000001."),
    ],
)
def test_api_names_what_there_is_not(
    db: None, api: Callable[[User], APIClient], manager: User, wrong: dict[str, str], said: str
) -> None:
    response = api(manager).get("/api/v1/claims/check/", {**FIELDS, **wrong})

    ((field, messages),) = response.json()["errors"].items()
    assert (response.status_code, field) == (400, *wrong)
    assert messages[0].startswith(said)


def test_edition_answers_from_its_frozen_figures(
    edition: Edition, api: Callable[[User], APIClient], manager: User, reader: Client
) -> None:
    out, asked = StringIO(), {"sentence": SENTENCE, "edition": edition.reference.lower()}
    as_of_now = api(manager).get("/api/v1/claims/check/", {"sentence": SENTENCE}).json()

    by_api = api(manager).get("/api/v1/claims/check/", asked).json()
    by_fields = api(manager).get("/api/v1/claims/check/", {**FIELDS, "edition": edition.reference}).json()
    call_command("check_claim", SENTENCE, "--edition", edition.reference, "--format", "json", stdout=out)
    page = reader.get("/reports/claims/", {"sentence": SENTENCE, "edition": edition.reference})

    frozen = (by_api["verdict"], by_api["scope"]["edition"], by_api["scope"]["rows"])
    assert frozen == ("supported", edition.reference, 10)
    assert (as_of_now["ratio"], by_api["ratio"]) == ("3/10", "3/9")
    assert json.loads(out.getvalue()) == by_api == by_fields == page.context["verdict"].as_dict()
    assert f'<a class="govuk-link" href="/reports/editions/{edition.reference}/">' in page.content.decode()


def test_reading_a_draft_through_a_claim_is_noted(
    edition: Edition, api: Callable[[User], APIClient], manager: User, reader: Client
) -> None:
    asked = {"sentence": SENTENCE, "edition": edition.reference}

    api(manager).get("/api/v1/claims/check/", asked)
    reader.get("/reports/claims/", asked)

    opened = EditionEvent.objects.filter(edition=edition, kind="edition.opened")
    assert [event.actor for event in opened] == [manager, manager]


def test_edition_that_one_may_not_see_answers_nothing(
    edition: Edition, api: Callable[[User], APIClient], officer: User, signed_in: Callable[[User], Client]
) -> None:
    asked = {"sentence": SENTENCE, "edition": edition.reference}

    assert api(officer).get("/api/v1/claims/check/", asked).status_code == 400
    assert signed_in(officer).get("/reports/claims/", asked).status_code == 422


def test_edition_of_another_period_does_not_answer(
    edition: Edition, api: Callable[[User], APIClient], manager: User
) -> None:
    asked = {"sentence": SENTENCE.replace("January", "February"), "edition": edition.reference}

    verdict = api(manager).get("/api/v1/claims/check/", asked).json()

    assert (verdict["verdict"], verdict["missing"]) == (
        "cannot be said",
        ["The claim is about 2026-02-01 to 2026-02-28, the figures about 2026-01-01 to 2026-01-31."],
    )


@pytest.mark.parametrize(("reference", "message"), [("E2020-000001", "There is no"), ("", "not frozen yet")])
def test_command_refuses_an_edition_without_figures(
    manager: User, reviewer: User, reference: str, message: str
) -> None:
    draft = Office(manager, reviewer).draft()

    with pytest.raises(CommandError, match=message) as refused:
        call_command("check_claim", SENTENCE, "--edition", reference or draft.reference, stdout=StringIO())

    assert refused.value.returncode == 1
