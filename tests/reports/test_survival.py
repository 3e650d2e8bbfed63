"""By hand, and against scipy where it gives the same."""

from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from reports.survival import aalen_johansen, kaplan_meier

HISTORIES = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=2, max_size=60)


def test_kaplan_meier_by_hand() -> None:
    """Five items: 3/4 after the first event of four at risk (one was censored before), then 3/8, then 0."""
    curve = kaplan_meier([1, 2, 3, 4, 6], [False, True, False, True, True])

    assert [curve.at(t)[0] for t in (0, 1, 2, 3.9, 4, 6, 99)] == [1.0, 1.0, 0.75, 0.75, 0.375, 0.0, 0.0]
    assert curve.restricted_mean(5) == 2 + 0.75 * 2 + 0.375 * 1
    assert curve.quantile(0.5)[0] == 4


def test_events_come_before_censorings_at_the_same_time() -> None:
    assert kaplan_meier([1, 1], [True, False]).at(1)[0] == 0.5


def test_quantile_that_is_not_reached_is_none() -> None:
    assert kaplan_meier([1, 2, 3, 4], [True, False, False, False]).quantile(0.5) == (None, 1, None)


def test_no_items_stay_at_one() -> None:
    curve = kaplan_meier([], [])

    assert (curve.at(5), curve.restricted_mean(10)) == ((1.0, 1.0, 1.0), 10.0)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@given(HISTORIES)
def test_kaplan_meier_agrees_with_scipy(history: list[tuple[int, bool]]) -> None:
    seen = [t for t, observed in history if observed]
    if not seen:
        return
    expected = ecdf(CensoredData(uncensored=seen, right=[t for t, observed in history if not observed])).sf
    band = expected.confidence_interval(method="log-log")
    curve = kaplan_meier([t for t, _ in history], [observed for _, observed in history])
    for t in set(seen):
        value, low, high = curve.at(t)
        assert value == pytest.approx(float(expected.evaluate(t)), abs=1e-12)
        limits = float(band.low.evaluate(t)), float(band.high.evaluate(t))
        if not any(map(isnan, limits)) and 0 < value < 1:
            assert (low, high) == pytest.approx(limits, abs=1e-9)


def test_aalen_johansen_by_hand() -> None:
    """Four items: a at 1 (1/4), b at 2 (3/4 of 1/3), one censored at 3, a at 4 (the rest)."""
    curves = aalen_johansen([1, 2, 3, 4], ["a", "b", None, "a"])

    assert [curves["a"].at(t)[0] for t in (0.5, 1, 2, 4)] == pytest.approx([0, 0.25, 0.25, 0.75])
    assert [curves["b"].at(t)[0] for t in (1, 2, 4)] == pytest.approx([0, 0.25, 0.25])


@given(st.lists(st.tuples(st.integers(1, 30), st.sampled_from(["a", "b", None])), min_size=1, max_size=60))
def test_incidences_and_survival_sum_to_one(history: list[tuple[int, str | None]]) -> None:
    durations, causes = [t for t, _ in history], [cause for _, cause in history]
    survival, curves = (
        kaplan_meier(durations, [cause is not None for cause in causes]),
        aalen_johansen(durations, causes),
    )
    for t in durations:
        points = [curve.at(t) for curve in curves.values()]
        assert survival.at(t)[0] + sum(value for value, _, _ in points) == pytest.approx(1)
        assert all(low <= value <= high for value, low, high in points)


@given(HISTORIES)
def test_one_cause_alone_is_what_survival_lacks(history: list[tuple[int, bool]]) -> None:
    durations = [t for t, _ in history]
    curves = aalen_johansen(durations, ["a" if seen else None for _, seen in history])
    survival = kaplan_meier(durations, [seen for _, seen in history])
    for t in durations if curves else []:
        assert curves["a"].at(t)[0] == pytest.approx(1 - survival.at(t)[0])


def test_negative_durations_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        kaplan_meier([-1], [True])
