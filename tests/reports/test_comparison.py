"""S19 against statsmodels, scipy and numbers worked by hand."""

from typing import Any

import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from reports.comparison import (
    broken,
    compared,
    difference,
    funnel,
    funnel_limits,
    like_for_like,
    standardised,
    trend,
)
from reports.intervals import Z998, wilson
from reports.measures import proportion


def group(numerator: int, denominator: int, immature: int = 0, **named: str) -> dict[str, Any]:
    return {"group": named, "S05": {"7d": {**proportion(numerator, denominator), "immature": immature}}}


def test_difference_agrees_with_statsmodels() -> None:
    found = difference(proportion(56, 70), proportion(48, 80))

    expected = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")
    assert found["difference"] == pytest.approx(0.2)
    assert found["interval"] == pytest.approx(expected, abs=1e-9)


def test_difference_from_nothing_is_none() -> None:
    assert difference(proportion(1, 2), proportion(0, 0)) == {"difference": None, "interval": None}


def test_trend_shows_mature_cohorts_alone_and_marks_breaks() -> None:
    months = [
        group(3, 10, 2, month="2026-04"), group(50, 100, month="2026-01"), group(60, 100, month="2026-02"),
        group(70, 100, month="2026-03"),
    ]  # fmt: skip

    rows = trend(months, breaks={"2026-03": "Adverts are counted one by one."})

    assert [(row["month"], row["rate"], row["mature"]) for row in rows] == [
        ("2026-01", 0.5, True), ("2026-02", 0.6, True), ("2026-03", 0.7, True), ("2026-04", None, False),
    ]  # fmt: skip
    assert rows[1]["limits_95"] == pytest.approx(proportion_confint(60, 100, method="wilson"))
    assert rows[1]["limits_998"] == pytest.approx(proportion_confint(60, 100, alpha=0.002, method="wilson"))
    assert rows[1]["change"]["difference"] == pytest.approx(0.1)
    assert [row["change"] for row in (rows[0], rows[2], rows[3])] == [None, None, None]
    assert rows[2]["break"] == "Adverts are counted one by one."


def test_break_in_a_month_without_items_is_that_of_the_next_month() -> None:
    months = [
        group(50, 100, month="2026-01"),
        group(60, 100, month="2026-04"),
        group(60, 100, month="2026-05"),
    ]

    rows = trend(months, breaks={"2026-02": "One", "2026-03": "Two"})

    assert [row["break"] for row in rows] == [None, "One; Two", None]
    assert [row["change"] is None for row in rows] == [True, True, False]
    assert broken(rows) == {"2026-04": 1}


def test_funnel_marks_who_lies_outside() -> None:
    found = funnel(
        [group(500, 1000, platform="x"), group(90, 100, platform="vk"), group(0, 0, platform="ok")]
    )

    assert found["pooled"] == {"numerator": 590, "denominator": 1100, "rate": 590 / 1100}
    assert [(point["platform"], point["outside"]) for point in found["points"]] == [
        ("x", False),
        ("vk", True),
    ]


@pytest.mark.parametrize(("pooled", "n"), [(0.5, 10), (0.9, 40), (0.05, 1000)])
def test_funnel_limits_are_where_wilson_begins_to_leave_the_pooled_rate_out(pooled: float, n: int) -> None:
    assert norm.ppf(0.999) == pytest.approx(Z998)
    low, high = funnel_limits(pooled, n, Z998)

    for successes in range(n + 1):
        ends = wilson(successes, n, Z998) or (0, 0)
        assert (low <= successes / n <= high) == (ends[0] <= pooled <= ends[1])


def test_standardised_rate_takes_the_mix_of_the_reference() -> None:
    """Better everywhere, and worse pooled, since the harder platform has grown."""
    earlier = [
        group(80, 100, platform="x", kind="post"),
        group(10, 50, platform="vk", kind="post"),
        group(1, 10, platform="ok", kind="post"),
    ]
    later = [group(45, 50, platform="x", kind="post"), group(60, 200, platform="vk", kind="post")]

    found = standardised(later, earlier)

    assert found["rate"] == pytest.approx((100 * 0.9 + 50 * 0.3) / 150)
    assert found["covered"] == pytest.approx(150 / 160)
    variance = (100 / 150) ** 2 * 0.09 / 50 + (50 / 150) ** 2 * 0.21 / 200
    assert found["interval"] == pytest.approx(norm.interval(0.95, found["rate"], variance**0.5))


def test_standardised_without_anything_in_common_is_none() -> None:
    assert standardised([], [group(1, 2, platform="x", kind="post")])["rate"] is None


def test_like_for_like_leaves_out_what_only_one_has() -> None:
    found = like_for_like(
        [group(60, 100, platform="x"), group(0, 100, platform="vk")],
        [group(50, 100, platform="x"), group(0, 0, platform="vk")],
    )

    assert (found["later"]["rate"], found["earlier"]["rate"], found["left_out"]) == (0.6, 0.5, [["vk"]])
    assert found["difference"] == pytest.approx(0.1)


def test_documents_by_month_have_a_trend_and_by_platform_limits() -> None:
    total = group(60, 100)

    assert set(compared([total, group(60, 100, month="2026-01")], ["month"]) or {}) == {"trend"}
    assert set(compared([total, group(60, 100, platform="x")], ["platform"]) or {}) == {"funnel"}
    assert compared([total], ["kind"]) is None
