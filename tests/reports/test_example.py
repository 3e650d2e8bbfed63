"""The twelve items of docs/statistics.md: every statistic, worked out by hand.

T0 of all is 5 January 2026, 12:00 UTC; the as-at is 1 March.
"""

from collections.abc import Callable
from math import hypot
from pathlib import Path
from typing import Any

import pytest

from reports import provider_actions
from reports.claims import check
from reports.comparison import difference
from reports.definitions import DEFINITIONS
from reports.figures import figures
from reports.intervals import wilson
from reports.phrases import PHRASES
from tests.reports.conftest import scope
from tests.reports.histories import Records, twelve_items

DOCS = Path(__file__).parents[2] / "docs" / "statistics.md"


@pytest.fixture
def total(bring_in: Callable[[Records], None]) -> dict[str, Any]:
    """The figures of all twelve."""
    bring_in(twelve_items())
    (group,) = figures(scope())["groups"]
    return group


def of(numerator: int, denominator: int, **more: Any) -> dict[str, Any]:
    interval = wilson(numerator, denominator)
    return {
        "numerator": numerator,
        "denominator": denominator,
        "rate": numerator / denominator if denominator else None,
        "interval": list(interval) if interval else None,
        **more,
    }


def test_notified_left_out_and_split(total: dict[str, Any]) -> None:
    """i9 is held (X6) and i12 never arrived (X5); ten are eligible."""
    assert total["S01"] == {"notified_items": 12, "notices": 4, "chasers": 1, "by_kind": {"post": 12}}
    assert total["S02"] == {"X1": 0, "X2": 0, "X3": 0, "X4": 0, "X5": 1, "X6": 1}
    assert total["S03"]["eligible"] == 10
    assert {name: number for name, number in total["S03"]["outcomes"].items() if number} == {
        "REINSTATED": 1, "DOWN_PLATFORM_VERIFIED": 2, "DOWN_UPLOADER": 1, "DOWN_UNATTRIBUTED": 1,
        "REPORTED_DOWN_UNVERIFIED": 1, "CONTRADICTED": 1, "LIMITED": 1, "REFUSED": 1, "PENDING": 1,
    }  # fmt: skip


def test_rates(total: dict[str, Any]) -> None:
    """Down: i1, i2, i3. Within a day: i1, i2, i10; perhaps i7. Decided or down: all but i6 and i10. Claimed: i1, i2,
    i7, i8, of which nobody looked at i7 since; gone and not claimed: i3, i4, i10."""
    s04 = total["S04"]
    assert {name: s04[name] for name in of(3, 10)} == of(3, 10)
    assert (s04["low"], s04["high"], s04["largest_notice_share"]) == (2 / 10, 5 / 10, 6 / 10)
    s05 = of(3, 10, indeterminate=1, immature=0, held=1, high=4 / 10)
    assert {name: total["S05"]["24h"][name] for name in s05} == s05
    assert total["S06"] == of(3, 8)
    assert total["S07"] == of(6, 7, contradiction=of(1, 3))


def test_times_to_removal(total: dict[str, Any]) -> None:
    """Hours: i1, i2 down at 0, i10 at 24, i3 at 96; i4 by the uploader at 23, i9 held at 24; last seen i7 at 0,
    i5, i6, i8 at 48, i11 at 72. At risk: 11 at 0 hours, 8 at 23, 7 at 24, 1 at 96."""
    assert (total["S08"]["n"], total["S08"]["events"], total["S08"]["median_hours"]) == (11, 4, None)
    assert total["S08"]["survival"]["24h"][0] == pytest.approx(9 / 11 * 6 / 7)
    assert total["S08"]["survival"]["7d"][0] == 0
    assert total["S09"]["hours"] == pytest.approx(24 * 9 / 11 + 72 * 54 / 77)
    assert total["S10"]["24h"] == pytest.approx(
        {"platform": 16 / 88, "unattributed": 9 / 88, "uploader": 9 / 88, "restricted": 0, "hold": 9 / 88,
         "live": 45 / 88}
    )  # fmt: skip


def test_responsiveness(total: dict[str, Any]) -> None:
    """n1 is acknowledged by a person and decided at once, n2 decided after 24 hours, n4 after 48; n5 never arrived."""
    assert total["S11"] == {
        "acknowledged_24h": of(1, 3, immature=0),
        "decided_24h": of(2, 3, immature=0),
        "decided_48h": of(3, 3, immature=0),
        "decided_7d": of(3, 3, immature=0),
        "feedback": of(3, 3, immature=0),
        "median_acknowledged_hours": None,
        "median_decided_hours": None,
    }


def test_refusals(total: dict[str, Any]) -> None:
    """i3 and i5; i3 went three days later."""
    assert total["S12"] == of(
        2, 10,
        by_reason={"not_against_policy": 1, "not_illegal_in_territory": 0, "insufficient_information": 1,
                 "cannot_locate": 0, "other": 0},
        overturned=of(1, 2, immature=0),
    )  # fmt: skip


def test_durability(total: dict[str, Any]) -> None:
    """i1, i2, i3, i10 were taken down; i10 was back after 336 hours, a copy of i1 found after 168. Last looks: i1, i2
    23 hours after, i3 at once, i10 after 336: nobody looked at the first three after 28 days."""
    s13 = total["S13"]
    assert s13["reinstated"]["28d"] == of(1, 4, immature=0, indeterminate=3, high=1.0)
    assert s13["reinstated"]["90d"] == of(0, 0, immature=4, indeterminate=0, high=None)
    assert s13["reappeared"]["28d"] == of(1, 4, immature=0)
    assert s13["survival"]["reinstated"]["28d"][0] == 0
    assert s13["survival"]["reappeared"]["28d"][0] == 1 / 2
    assert s13["net"] == of(3, 4)


def test_restricted(total: dict[str, Any]) -> None:
    """i11 is disabled in France; not reachable from the UK are i1, i2, i3 and i4."""
    assert total["S14"] == {
        "restricted_uk": of(0, 10, by_measure={}),
        "limited": of(1, 10, by_measure={"access_disabled FR": 1}),
        "not_reachable_uk": of(4, 10),
    }


def test_own_speed_and_quality(total: dict[str, Any]) -> None:
    """Recorded histories have no approvals; all ten arrived as they were sent. Decided: i1, i2, i3, i5, i7, i8, i11.
    Disputed: i3, refused and gone, and i8, said to be down and live."""
    none = {"n": 0, "events": 0, "median_hours": None, "p90_hours": None}
    assert total["S15"] == {
        "seen_to_approved": none,
        "approved_to_sent": none,
        "sent_to_t0": {"n": 10, "events": 10, "median_hours": 0.0, "p90_hours": 0.0},
        "seen_to_removal": {"n": 11, "events": 4, "median_hours": None, "p90_hours": None},
    }
    assert total["S16"] == {
        "valid_notices": of(3, 3),
        "valid_items": of(11, 11),
        "upheld": of(3, 7),
        "disputed": of(2, 10),
        "called_error": of(0, 11),
        "undelivered_notices": of(1, 4),
        "undelivered_items": of(1, 12),
    }


def test_flow_and_backlog(total: dict[str, Any]) -> None:
    """i1, i2, i3 went in January, and i13, which nobody was notified of, with its account."""
    assert total["S17"] == {
        "removed": 3,
        "by_kind": {"post": 3},
        "by_month": {"2026-01": 3},
        "since": "2026-01",
        "before": 0,
        "cumulative": {"2026-01": 3},
        "collateral": {"removed": 1, "by_month": {"2026-01": 1}},
    }
    assert total["S18"] == {
        "live": 5,
        "by_age": {"0-1d": 0, "1-2d": 0, "2-7d": 0, "7-28d": 0, "28d+": 5},
        "by_outcome": {"REINSTATED": 1, "CONTRADICTED": 1, "LIMITED": 1, "REFUSED": 1, "PENDING": 1},
    }


def test_difference_of_two_channels(bring_in: Callable[[Records], None]) -> None:
    """Within a day 1 of 3 by the portal, i10 of i7, i8 and i10; 2 of 7 by mail, i1 and i2 of i1 to i6 and i11."""
    bring_in(twelve_items())
    rates = {
        group["group"].get("channel"): group["S05"]["24h"]
        for group in figures(scope(), ["channel"])["groups"]
    }
    (low1, high1), (low2, high2) = wilson(1, 3), wilson(2, 7)  # type: ignore[misc]

    found = difference(rates["portal"], rates["mail"])

    assert found["difference"] == pytest.approx(1 / 3 - 2 / 7)
    assert found["interval"] == pytest.approx(
        [1 / 21 - hypot(1 / 3 - low1, high2 - 2 / 7), 1 / 21 + hypot(high1 - 1 / 3, 2 / 7 - low2)]
    )
    assert [round(100 * end, 1) for end in found["interval"]] == [-40.0, 55.0]


def test_annual_table(bring_in: Callable[[Records], None]) -> None:
    """Fraud: i1, i2. The others: i7, i8 removed, i11 disabled in France, i3 and i5 refused; somebody acknowledged
    i4 and i6; nobody reacted to i9 and i10. i12 did not arrive."""
    bring_in(twelve_items())

    rows = provider_actions.read(scope(), {"fraud": "KEYWORD_FRAUD"})

    assert [tuple(row.values())[2:9] for row in rows] == [
        ("x", None, "KEYWORD_OTHER", 3, 9, "removed", 2),
        ("x", None, "KEYWORD_OTHER", 3, 9, "disabled_in_territories", 1),
        ("x", None, "KEYWORD_OTHER", 3, 9, "no_action", 2),
        ("x", None, "KEYWORD_OTHER", 3, 9, "undecided", 2),
        ("x", None, "KEYWORD_OTHER", 3, 9, "no_response", 2),
        ("x", "fraud", "KEYWORD_FRAUD", 1, 2, "removed", 2),
    ]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("30% of posts were taken down", "supported"),
        ("over 30% of posts were taken down", "not supported"),
        ("at least 30% of posts were taken down within 24 hours", "supported"),
        ("at least 40% of posts were taken down within 24 hours", "not supported"),
    ],
)
def test_claims(bring_in: Callable[[Records], None], claim: str, verdict: str) -> None:
    """3 of 10, both to date and within a day; i7, of which nobody knows, counts as up."""
    bring_in(twelve_items())

    found = check(f"{claim}, notices of January 2026, as at 1 March 2026", figures(scope()))

    assert (found.verdict, found.ratio) == (verdict, "3/10")


def test_the_page_states_the_rule_of_every_phrase() -> None:
    page = DOCS.read_text(encoding="utf-8").splitlines()
    rules = [
        f"| {'exactly, or the number alone' if name == 'exactly' else phrase.words} | {phrase.rule} |"
        for name, phrase in PHRASES.items()
    ]

    assert [line for line in page if line in rules] == rules


def test_the_page_about_statistics_states_each_definition() -> None:
    rows = [
        f"| {code} | {d.name} | {d.unit} | {d.numerator} | {d.denominator or '–'} | {d.source} |"
        for code, d in DEFINITIONS.items()
    ]
    assert [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line in rows] == rows


def test_every_statistic_that_is_printed_has_a_definition(total: dict[str, Any]) -> None:
    assert sorted({*total, "S20"} - {"group"}) == sorted(DEFINITIONS)  # S20 has a table of its own
