"""Schedules by API: the verbs of their page."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from accounts.roles import Role
from reports import schedules
from reports.models import Schedule
from tests.reports.editions_at import Office, monthly

Api = Callable[[User], APIClient]
NEW = {
    "title": "Takedown rate", "frequency": "quarterly", "since": "2026-02-10", "platform": "x",
    "category": "people_smuggling", "kind": "post", "channel": "mail", "language": "ar", "severity": "high",
    "by": "month,kind", "threshold": 10,
}  # fmt: skip
MARCH = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def office(person: Callable[..., User]) -> Office:
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


def test_schedule_is_added_as_it_was_sent(api: Api, manager: User) -> None:
    response = api(manager).post("/api/v1/schedules/", NEW, format="json")

    told = response.json()
    assert response.status_code == 201
    assert {name: told[name] for name in NEW if name != "by"} == {**_sent(), "since": "2026-01-01"}
    assert (told["grouped_by"], told["rounding"], told["editions"]) == ("month,kind", 1, 0)
    assert (told["created_by"], told["stopped_at"], told["actions"]) == (str(manager), None, ["stop"])


def _sent() -> dict[str, Any]:
    return {name: value for name, value in NEW.items() if name != "by"}


def test_schedules_are_listed_with_what_they_prepared(api: Api, office: Office, auditor: User) -> None:
    first, second = monthly(office), monthly(office, title="Other", platform="x")
    schedules.prepare_due(MARCH)

    rows = api(auditor).get("/api/v1/schedules/").json()["results"]

    assert [(row["id"], row["editions"], row["actions"]) for row in rows] == [
        (second.pk, 2, []), (first.pk, 2, []),
    ]  # fmt: skip


def test_schedule_is_stopped_once(api: Api, office: Office) -> None:
    schedule = monthly(office)
    client = api(office.second)

    stopped = client.post(f"/api/v1/schedules/{schedule.pk}/stop/").json()
    again = client.post(f"/api/v1/schedules/{schedule.pk}/stop/")

    assert (stopped["stopped_by"], stopped["actions"]) == (str(office.second), [])
    assert (again.status_code, again.json()["status_of_record"]) == (409, "stopped")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"frequency": "daily"}, "frequency"),
        ({"since": "9999-01-01"}, "since"),
        ({"since": 5}, "since"),
        ({"platform": "nowhere"}, "platform"),
        ({"category": ["people_smuggling"]}, "category"),
        ({"by": "colour"}, "by"),
        ({"by": "month,month"}, "by"),
        ({"threshold": 4}, "threshold"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_added(
    api: Api, manager: User, wrong: dict[str, Any], field: str
) -> None:
    response = api(manager).post("/api/v1/schedules/", {**NEW, **wrong}, format="json")

    assert (response.status_code, list(response.json()["errors"])) == (400, [field])
    assert not Schedule.objects.exists()


def test_token_needs_the_scope(office: Office) -> None:
    client = APIClient()
    codes = {}
    for scope in ("see_unreleased", "prepare_edition"):
        _, secret = tokens.issue(office.first, name=scope, scopes=[scope], by=office.first)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        codes[scope] = (
            client.get("/api/v1/schedules/").status_code,
            client.post("/api/v1/schedules/", NEW, format="json").status_code,
        )

    assert codes == {"see_unreleased": (200, 403), "prepare_edition": (403, 201)}
