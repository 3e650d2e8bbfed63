"""The page of comparisons: two groups that the reader chooses, in one mix, and like for like."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.models import User
from reports.facts import Scope
from reports.forms import ComparisonForm
from reports.sections import Section
from tests.reports.conftest import Records, check, item, notice

JUNE = "from=2026-06-01&to=2026-06-30&as_at=2026-09-01T00:00:00Z"
LINK = re.compile(r'<a [^>]*href="(/reports/episodes/\?[^"]*)"[^>]*>([\d,]+)')


def cohort(first: int, number: int, gone: int, at: str, platform: str = "x", **more: str) -> Records:
    """Items with one notice, of which so many are gone after a day."""
    host = {"x": "https://x.com/nobody/status", "telegram": "https://t.me/nobody"}[platform]
    refs = [f"i{first + place}" for place in range(number)]
    return [
        *(
            item(
                ref, at=f"{at}T10:00:00Z", platform=platform, address=f"{host}/{5000 + int(ref[1:])}", **more
            )
            for ref in refs
        ),
        notice(f"{at}T12:00:00Z", *refs, ref=f"n{first}"),
        *(check(f"{at}T23:00:00Z", "gone", ref=ref) for ref in refs[:gone]),
        *(check(f"{at[:8]}28T12:00:00Z", "live", ref=ref) for ref in refs[gone:]),
    ]


def months() -> Records:
    """In May 8 of 10 posts and 2 of 10 videos go, in June 9 of 10 posts and 12 of 40 videos; 5 of 20 on Telegram."""
    return [
        *cohort(100, 10, 8, "2026-05-05"),
        *cohort(120, 10, 2, "2026-05-06", kind="video"),
        *cohort(200, 10, 9, "2026-06-05"),
        *cohort(220, 40, 12, "2026-06-06", kind="video"),
        *cohort(300, 20, 5, "2026-06-07", platform="telegram"),
    ]


@pytest.fixture
def reader(manager: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(manager)


@pytest.fixture
def beside(bring_in: Callable[[Records], None], reader: Client) -> Callable[[str], dict[str, Section]]:
    bring_in(months())
    return lambda asked: {
        section.title: section
        for section in reader.get(f"/reports/comparison/?{JUNE}&{asked}").context["beside"]
    }


def texts(section: Section) -> dict[str, list[str]]:
    return {label: [cell.text for cell in cells] for label, cells in section.rows}


def test_platform_stands_beside_another(beside: Callable[[str], dict[str, Section]]) -> None:
    found = texts(beside("platform=x&beside_platform=telegram")["Difference between two groups"])

    assert found["7 days: first"][:3] == ["21", "50", "42%"]
    assert found["7 days: second"][:3] == ["5", "20", "25% (low base)"]
    assert found["7 days: difference"] == [
        "–", "–", "+17.0", "\N{MINUS SIGN}8.3 to +36.5",
    ]  # fmt: skip


def test_period_stands_beside_the_one_before_in_its_mix(beside: Callable[[str], dict[str, Section]]) -> None:
    found = beside("platform=x&beside_from=2026-05-01&beside_to=2026-05-31")

    mix = texts(found["In one mix"])
    assert [mix[name][2] for name in mix] == ["42%", "60%", "50% (low base)"]


def test_like_for_like_leaves_out_what_one_alone_has(beside: Callable[[str], dict[str, Section]]) -> None:
    found = beside("beside_from=2026-05-01&beside_to=2026-05-31")["Like for like"]

    assert [cells[:2] for cells in texts(found).values()] == [["21", "50"], ["10", "20"], ["–", "–"]]
    assert found.note == "Within 7 days, of what was notified in both. Left out: Telegram, Post."


def test_numbers_lead_to_their_rows(bring_in: Callable[[Records], None], reader: Client) -> None:
    bring_in(months())

    page = reader.get(
        f"/reports/comparison/?{JUNE}&beside_from=2026-05-01&beside_to=2026-05-31"
    ).content.decode()

    links = [(unescape(address), int(count.replace(",", ""))) for address, count in LINK.findall(page)]
    assert {address: reader.get(address).context["count"] for address, _ in links} == dict(links)
    assert len(links) == 22


@pytest.mark.parametrize(
    ("asked", "platform", "first", "last"),
    [
        ("", "", date(2026, 5, 2), date(2026, 5, 31)),
        ("platform=x", "x", date(2026, 5, 2), date(2026, 5, 31)),
        ("platform=x&beside_platform=telegram", "telegram", date(2026, 6, 1), date(2026, 6, 30)),
        ("beside_platform=telegram", "telegram", date(2026, 5, 2), date(2026, 5, 31)),
        ("beside_from=2026-01-01&beside_to=2026-03-31", "", date(2026, 1, 1), date(2026, 3, 31)),
    ],
)
def test_second_group(db: None, asked: str, platform: str, first: date, last: date) -> None:
    form = ComparisonForm(QueryDict(f"{JUNE}&{asked}"))

    assert form.is_valid()
    found = form.second(form.scope())
    assert isinstance(found, Scope)
    assert (found.platform, found.period.first, found.period.last) == (platform, first, last)


def test_before_all_time_there_is_no_second_group(db: None) -> None:
    form = ComparisonForm(QueryDict("from=2000-01-01&to=2026-06-30"))

    assert form.is_valid()
    assert form.second(form.scope()) is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("beside_from=2026-05-01", "Give both days of the second period, or neither."),
        ("beside_from=2026-05-02&beside_to=2026-05-01", "The period ends before it begins"),
        ("beside_from=2026-06-30&beside_to=2026-07-31", "Both groups would hold the same items"),
        ("beside_from=1999-06-30&beside_to=2026-07-31", "2000"),
        ("beside_platform=nowhere", "Select a valid choice"),
    ],
)
def test_what_cannot_be_compared_is_refused(db: None, asked: str, told: str, reader: Client) -> None:
    response = reader.get(f"/reports/comparison/?{JUNE}&{asked}")

    assert response.status_code == 422
    assert told in response.content.decode()
