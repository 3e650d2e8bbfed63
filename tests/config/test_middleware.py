"""What holds for every request: NUL is refused, nothing is kept by the browser, JSON and years have an end."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from casework.models import Hold, ItemStatus
from platforms.models import Platform
from reports import charts
from tests.factories import item_at, make_case, make_item

Api = Callable[[User], APIClient]
Page = Callable[[User], Client]
PROBLEM = "application/problem+json"
LISTS = ("tokens", "platforms", "cases", "categories", "grounds", "items", "imports", "notices", "dispatches")


@pytest.mark.parametrize(
    "address",
    [
        "/items/?q=%00",
        "/items/?platform=%00",
        "/items/?a%00=b",
        "/cases/?q=%00",
        "/notices/?platform=x%00",
        "/reports/?platform=%00",
        "/reports/episodes.csv?category=%00",
        "/people/?page=%00",
        "/nowhere/?q=%00",
    ],
)
def test_nul_in_the_address_of_a_page(address: str, manager: User, signed_in: Page) -> None:
    response = signed_in(manager).get(address)

    assert response.status_code == 400
    assert "holds a character that cannot be stored" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    ["figures/?platform=%00", "episodes/?cursor=%00", "items/?q=%00", "items/?cursor=%00", "nowhere/?q=%00"],
)
def test_nul_in_the_address_of_the_api(address: str, manager: User, api: Api) -> None:
    response = api(manager).get(f"/api/v1/{address}")

    assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)
    assert "cannot be stored" in response.json()["detail"]


def test_nul_in_what_is_sent_to_the_api(officer: User, api: Api) -> None:
    item = make_item(by=officer)
    sent = {
        "category": "\x00",
        "ground": "\x00",
        "rationale": "R",
        "severity": "low",
        "protected_speech": "no",
    }

    response = api(officer).post(f"/api/v1/items/{item.reference}/assess/", sent)

    assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)


def test_nul_in_what_is_sent_to_a_page(officer: User, signed_in: Page) -> None:
    item = make_item(by=officer)

    response = signed_in(officer).post(f"/items/{item.reference}/assess/", {"category": "\x00"})

    assert response.status_code in {400, 422}


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"a":' * 50_000, "[" * 500 + "]" * 500, '{"case":' + "[" * 21 + "]" * 21 + "}"]
)
@pytest.mark.parametrize("key", [{}, {"HTTP_IDEMPOTENCY_KEY": "once"}])
def test_deep_json_is_refused(body: str, key: dict[str, Any], officer: User, api: Api) -> None:
    response = api(officer).generic("POST", "/api/v1/items/", body, "application/json", **key)

    assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)
    assert response.json()["detail"] == "The JSON is nested too deeply: at most 20 levels."


def test_json_that_is_not_deep_is_read(officer: User, api: Api) -> None:
    response = api(officer).generic(
        "POST", "/api/v1/cases/", '{"x":' + "[" * 19 + "]" * 19 + "}", "application/json"
    )

    assert "x" in response.json()["errors"]


def test_large_json_is_refused(officer: User, api: Api, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000

    response = api(officer).post("/api/v1/cases/", {"reference": "x" * 1_000})

    assert (response.status_code, response["Content-Type"]) == (413, PROBLEM)


@pytest.mark.parametrize("resource", LISTS)
def test_unknown_parameter_of_a_list_is_named(resource: str, reviewer: User, api: Api) -> None:
    client = api(reviewer)

    response = client.get(f"/api/v1/{resource}/", {"platfrm": "x", "page_size": "5", "format": "json"})

    assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)
    assert list(response.json()["errors"]) == ["platfrm"]
    assert "cursor, page_size, format." in response.json()["errors"]["platfrm"][0]
    assert client.get(f"/api/v1/{resource}/", {"page_size": "5", "format": "json"}).status_code == 200


def test_known_filters_are_named(reviewer: User, api: Api) -> None:
    said = api(reviewer).get("/api/v1/notices/?state=sent").json()["errors"]["state"]

    assert said == [
        "Not known here; known: q, queue, status, platform, kind, channel, overdue, clock, cursor, page_size, format."
    ]


def test_parameters_of_one_thing_and_of_its_parts(officer: User, api: Api) -> None:
    address, client = f"/api/v1/items/{make_item(by=officer).reference}/", api(officer)

    assert client.get(f"{address}?status=reported").status_code == 400
    assert client.get(f"{address}?format=json").status_code == 200
    assert client.get(f"{address}checks/?verdict=gone").status_code == 400
    assert client.get(f"{address}checks/?page_size=1").status_code == 200


@pytest.mark.parametrize(
    "address", ["/items/", "/cases/", "/notices/", "/reports/", "/platforms/", "/tokens/", "/nowhere/"]
)
def test_no_page_is_kept(address: str, manager: User, signed_in: Page) -> None:
    make_case()

    assert signed_in(manager).get(address)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "address", ["items/", "figures/?from=2026-01-01&to=2026-01-31", "items/nowhere/", "me/"]
)
def test_no_answer_of_the_api_is_kept(address: str, manager: User, api: Api) -> None:
    assert api(manager).get(f"/api/v1/{address}")["Cache-Control"] == "private, no-store"


def test_what_says_how_long_it_may_be_kept_still_does(manager: User, signed_in: Page, settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = True
    token = charts.outcomes({}).token
    client, file = signed_in(manager), "css/print.css"

    assert client.get(f"/reports/chart/{token}.svg")["Cache-Control"] == "private, max-age=86400"
    assert finders.find(file)
    static = client.get(f"/static/{file}")
    assert "no-store" not in static["Cache-Control"]
    static.close()


def test_form_says_which_hour_and_takes_it_as_told(officer: User, signed_in: Page) -> None:
    address = f"/items/{item_at(ItemStatus.IN_ASSESSMENT, by=officer).reference}/hold/"
    client, sent = signed_in(officer), {"authority": "Police", "reason": "R", "review_at": "2027-10-31T01:30"}

    page = client.post(address, sent).content.decode()
    taken = client.post(address, {**sent, "review_at": "2027-10-31T01:30+00:00"})

    assert "01:30 comes twice. Write 2027-10-31T01:30+01:00 for the first (BST)" in page
    assert '<input type="text" name="review_at" value="2027-10-31T01:30"' in page
    assert taken.status_code == 302
    assert Hold.objects.get().review_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("review_at", ["0001-01-01T00:00", "0001-01-01T00:00:00+14:00"])
def test_hold_of_year_one_is_refused_by_page_and_api(
    review_at: str, officer: User, signed_in: Page, api: Api
) -> None:
    reference = make_item(by=officer).reference
    sent = {"authority": "Police", "reason": "R", "review_at": review_at}

    page = signed_in(officer).post(f"/items/{reference}/hold/", sent)
    answer = api(officer).post(f"/api/v1/items/{reference}/hold/", sent)

    assert page.status_code == 422
    assert "This is before the year 2000: check the year." in page.content.decode()
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["review_at"])


def test_liaison_of_one_platform_is_not_asked_for_which(person: Callable[..., User], signed_in: Page) -> None:
    one, two = person("liaison", platform="x"), person("liaison", platform="x", number=2)
    Platform.objects.get(slug="facebook").liaisons.add(two)
    alone, both = (signed_in(each).get("/notices/").content.decode() for each in (one, two))

    assert ('<select name="platform"' in alone, '<select name="platform"' in both) == (False, True)
    assert signed_in(one).get("/notices/?platform=facebook").status_code == 200
