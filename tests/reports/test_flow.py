"""S17: removals by the month in which they fall, of all cohorts, and what went with its account beside them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from reports import flow
from reports.columns import Columns
from reports.periods import Period
from tests.reports.conftest import Records, check, item, notice, scope
from tests.reports.histories import day, twelve_items

FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))


@pytest.fixture
def months(bring_in: Callable[[Records], None]) -> None:
    """The twelve items of January, and i14 of the same cohort, a video that went as February began in London."""
    bring_in(
        [
            *twelve_items(),
            item("i14", kind="video"),
            notice(day(5), "i14", ref="n6", channel="portal"),
            check("2026-02-01T00:00:00Z", "gone", ref="i14"),
        ]
    )


def stated(by: tuple[str, ...] = (), **changes: Any) -> dict[Any, dict[str, Any]]:
    asked = scope(**changes)
    found = flow.by_group(Columns.read(asked), asked, by)
    return {key: removals.stated() for key, removals in found.items()}


def test_a_removal_counts_in_its_own_month_whatever_its_cohort(months: None) -> None:
    assert stated(period=FEBRUARY) == {
        (): {
            "removed": 1,
            "by_kind": {"video": 1},
            "by_month": {"2026-02": 1},
            "since": "2026-01",
            "before": 3,
            "cumulative": {"2026-02": 4},
            "collateral": {"removed": 0, "by_month": {}},
        }
    }


def test_groups_have_the_month_of_the_removal(months: None) -> None:
    whole = Period(date(2026, 1, 1), date(2026, 2, 28))

    groups = stated(("month",), period=whole)

    assert {key: part["removed"] for key, part in groups.items()} == {
        (): 4, ("2026-01",): 3, ("2026-02",): 1
    }  # fmt: skip
    assert groups[("2026-01",)]["collateral"] == {"removed": 1, "by_month": {"2026-01": 1}}


def test_filters_narrow_removals_and_collateral(months: None) -> None:
    whole = Period(date(2026, 1, 1), date(2026, 2, 28))

    portal = stated(period=whole, channel="portal")[()]

    assert (portal["by_kind"], portal["collateral"]["removed"]) == ({"video": 1}, 0)
    assert stated(period=whole, kind="post")[()]["collateral"]["removed"] == 1
    assert stated(period=whole, platform="facebook") == {}


@pytest.mark.parametrize(
    ("records", "collateral"),
    [
        ([check(day(10), "account_gone", ref="i2")], 1),
        ([check(day(10), "gone", ref="i2", cause="account_suspended")], 1),
        ([check(day(10), "gone", ref="i2")], 0),
        ([check(day(10), "account_gone", ref="i2"), check(day(11), "live", ref="i2")], 0),
        ([check(day(10), "account_gone", ref="i2", method="automatic")], 0),
        ([check(day(d), "account_gone", ref="i2", method="automatic") for d in (10, 11)], 1),
        ([notice(day(5), "i2"), check(day(10), "account_gone", ref="i2")], 0),
    ],
    ids=["with account", "page says so", "alone", "back", "one automatic look", "two looks", "notified"],
)
def test_what_goes_with_its_account(
    bring_in: Callable[[Records], None], records: Records, collateral: int
) -> None:
    bring_in([item("i2"), *records])

    assert flow.by_group(Columns.read(scope()), scope())[()].collateral.total() == collateral


def test_unknown_grouping_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="Cannot group by"):
        flow.by_group(Columns.of_rows([]), scope(), ("item",))
