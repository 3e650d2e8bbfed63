"""The claim check by page, API and command: one answer."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from reports.views.claims import PUBLIC
from tests.reports.histories import ten_items

SENTENCE = "3 posts on X were taken down within 24 hours in January 2026, as at 1 March 2026"
FIELDS = {
    "phrase": "exactly", "value": "3", "statistic": "S05", "window": "24h", "platform": "x", "kind": "post",
    "from": "2026-01-01", "to": "2026-01-31", "as_at": "2026-03-01",
}  # fmt: skip


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
