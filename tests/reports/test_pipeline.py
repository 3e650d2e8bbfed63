"""How far the items first seen in January had come, and looks at those notified; as at 1 March."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework.models import ItemStatus
from reports import looks, pipeline
from reports.looks import Looks
from reports.periods import Period
from tests.factories import assess, item_at, make_item
from tests.reports.conftest import check, item, notice, scope
from tests.reports.histories import day, ten_items, twelve_items

JANUARY = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z"
LATER = [  # i11 is told nobody of, i12 only in February, i13 was first seen before the period
    item("i11"),
    item("i12", at=day(20)),
    notice("2026-02-03T12:00:00Z", "i12", ref="n12"),
    {"type": "delivery_failed", "notice": "n12", "at": "2026-02-03T12:05:00Z", "reason": "bounced"},
    item("i13", at="2025-12-31T12:00:00Z"),
    notice(day(5), "i13", ref="n13"),
]


def test_each_stage_has_those_that_came_so_far(bring_in: Callable[..., None]) -> None:
    bring_in([*ten_items(), *LATER])

    assert pipeline.counts(scope()) == {
        "identified": 12, "assessed": 11, "approved": 11, "notified": 11, "delivered": 10, "answered": 5,
        "said_down": 4, "gone": 4,
    }  # fmt: skip


def test_what_happened_later_or_was_not_known_is_not_counted(bring_in: Callable[..., None]) -> None:
    bring_in([*ten_items(), *LATER])

    found = pipeline.counts(scope(as_at="2026-01-05T18:00:00Z"))

    assert (found["identified"], found["notified"], found["answered"], found["gone"]) == (11, 10, 2, 0)


def test_items_of_the_desk_are_assessed_and_approved_before_they_are_notified(
    db: None, settings: Any, tmp_path: Path
) -> None:
    settings.EVIDENCE_DIR = tmp_path
    make_item()
    assess(make_item())
    item_at(ItemStatus.APPROVED)

    today, now = timezone.localdate(), timezone.now()
    around = Period(today - timedelta(days=2), today + timedelta(days=1))
    found = pipeline.counts(scope(period=around, as_at=now))

    assert [found[stage] for stage in ("identified", "assessed", "approved", "notified")] == [3, 2, 1, 0]


@pytest.mark.parametrize(
    ("filters", "number"),
    [({"category": "fraud"}, 2), ({"channel": "portal"}, 4), ({"platform": "tiktok"}, 0)],
)
def test_filters_narrow_the_cohort(
    filters: dict[str, str], number: int, bring_in: Callable[..., None]
) -> None:
    bring_in([*ten_items(), *LATER])

    assert pipeline.counts(scope(**filters))["identified"] == number


def test_looks_are_counted_by_whom_and_whether_they_told_something(bring_in: Callable[..., None]) -> None:
    bring_in(
        [
            item(),
            check("2026-01-05T11:45:00Z", "live"),
            notice(),
            check(day(6), "live"),
            check(day(7), "login_required", method="automatic"),
            check(day(8), "gone", method="automatic"),
        ]
    )

    assert looks.by_platform(scope()) == [Looks("x", 3, 1, 2, 1)]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("items/?stage=gone", 200),
        ("items/?stage=lost", 400),
        ("looks/?by=blind", 200),
        ("looks/?by=nobody", 400),
        ("chasers/?page=1", 200),
        ("letters/?page=1", 404),
        ("items/?page=2", 404),
        ("items/?platform=nowhere", 422),
    ],
)
def test_records_are_asked_for_by_what_is_known(
    address: str, status: int, db: None, manager: User, signed_in: Callable[[User], Client]
) -> None:
    assert signed_in(manager).get(f"/reports/{address}&{JANUARY}").status_code == status


@pytest.mark.parametrize("kind", ["items", "looks", "chasers"])
@pytest.mark.parametrize("number", [1, 3])
def test_records_need_a_fixed_number_of_queries(
    kind: str, number: int, bring_in: Callable[..., None], person: Callable[..., User],
    signed_in: Callable[[User], Client], django_assert_num_queries: Callable[..., Any],
) -> None:  # fmt: skip
    refs = [f"i{place}" for place in range(1, number + 1)]
    bring_in(
        [
            *map(item, refs),
            notice("2026-01-05T12:00:00Z", *refs),
            *(notice(day(8), ref, ref=f"c{ref}", kind="chaser") for ref in refs),
            *(check(day(9), "live", ref=ref) for ref in refs),
        ]
    )
    client = signed_in(person(Role.AUDITOR))

    with django_assert_num_queries(QUERIES[kind]):
        page = client.get(f"/reports/{kind}/?{JANUARY}").context

    assert (page["count"], len(page["page"])) == (number, number)


QUERIES = {"items": 12, "looks": 10, "chasers": 6}


def test_items_gone_with_their_account_are_listed(
    bring_in: Callable[..., None], manager: User, signed_in: Callable[[User], Client]
) -> None:
    bring_in(twelve_items())

    response = signed_in(manager).get(f"/reports/collateral/?{JANUARY}")

    assert response.context["count"] == 1
    assert [shown.canonical.rpartition("/")[2] for shown in response.context["page"]] == ["1013"]
