"""Figures and episodes by API: the same documents as the command's."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from tests.notices.letters_at import Desk

Api = Callable[[User], APIClient]


@pytest.fixture
def desk(person: Callable[..., User], settings: Any, tmp_path: Any) -> Desk:
    settings.EVIDENCE_DIR = tmp_path
    return Desk(person(Role.OFFICER), person(Role.REVIEWER), person(Role.LIAISON, platform="x"))


def asked() -> dict[str, str]:
    now = timezone.now()
    day = timezone.localdate
    return {
        "from": (day() - timedelta(days=1)).isoformat(),
        "to": (day() + timedelta(days=1)).isoformat(),
        "as_at": now.isoformat().replace("+00:00", "Z"),
    }


def test_figures_are_those_of_the_command(api: Api, desk: Desk, manager: User) -> None:
    desk.sent(lines=2)
    period, out = asked(), io.StringIO()

    document = api(manager).get("/api/v1/figures/", {**period, "by": "platform"}).json()
    call_command(
        "takedown_statistics", f"--from={period['from']}", f"--to={period['to']}",
        f"--as-at={period['as_at']}", "--by=platform", "--format=json", stdout=out,
    )  # fmt: skip

    assert document == json.loads(out.getvalue())
    assert document["groups"][0]["S01"]["notified_items"] == 2


def test_episodes_are_walked_page_by_page_as_at_one_moment(api: Api, desk: Desk, manager: User) -> None:
    notice = desk.sent(lines=3)
    client, seen = api(manager), []
    period = asked()
    address: str | None = f"/api/v1/episodes/?from={period['from']}&to={period['to']}&page_size=2"

    while address:
        page = client.get(address).json()
        seen += [row["item"] for row in page["results"]]
        desk.sent(lines=1)  # known later than the first page
        address = page["next"]

    assert seen == [line.item.reference for line in notice.lines.select_related("item")]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2020-01-01"}, "to"),
        ({"platform": "nowhere"}, "platform"),
        ({"by": "colour"}, "by"),
        ({"by": "platform,platform"}, "by"),
        ({"from": "20200101"}, "from"),
        ({"from": "2020-W05-1"}, "from"),
        ({"from": "1999-12-31"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"as_at": "0001-01-01T00:00:00+14:00"}, "as_at"),
        ({"known_by": "9999-12-31T23:59:59-14:00"}, "known_by"),
        ({"as_at": "2099-01-01T00:00Z"}, "as_at"),
        ({"known_by": "2099-01-01T00:00Z"}, "known_by"),
        ({"platfrm": "x"}, "platfrm"),
        ({"platfrm": ""}, "platfrm"),
        ({"page_size": "5"}, "page_size"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, str], field: str, api: Api, manager: User) -> None:
    response = api(manager).get("/api/v1/figures/", {**asked(), **wrong})

    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


def test_format_may_be_named(api: Api, manager: User) -> None:
    assert api(manager).get("/api/v1/figures/", {**asked(), "format": "json"}).status_code == 200


def test_liaison_gets_no_figures(api: Api, liaison: User) -> None:
    assert api(liaison).get("/api/v1/figures/", asked()).status_code == 403
    assert api(liaison).get("/api/v1/episodes/", asked()).status_code == 403
