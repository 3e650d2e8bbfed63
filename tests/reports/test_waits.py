"""Medians and curves of S11, S13 and S15 against lifelines, over many made-up rows."""

from math import isinf
from random import Random
from typing import Any

import pytest
from lifelines import KaplanMeierFitter

from reports.durability import s13
from reports.own_speed import s15
from reports.responsiveness import s11
from tests.reports.conftest import scope
from tests.reports.made import T0, after, columns

AS_AT_HOURS = (scope().as_at - T0).total_seconds() / 3600


def fitted(waits: list[float], had: list[bool]) -> KaplanMeierFitter:
    return KaplanMeierFitter().fit(waits, had)


def median(fit: KaplanMeierFitter) -> float | None:
    """Lifelines says infinity where the curve never comes down to a half."""
    return None if isinf(fit.median_survival_time_) else fit.median_survival_time_


def perhaps(draw: Random, share: float, most: int) -> float | None:
    return float(draw.randrange(most)) if draw.random() < share else None


@pytest.fixture(params=range(5))
def draw(request: pytest.FixtureRequest) -> Random:
    return Random(request.param)


def test_medians_of_responsiveness_are_those_of_lifelines(draw: Random) -> None:
    acknowledged = [perhaps(draw, 0.7, 60) for _ in range(400)]
    decided = [perhaps(draw, 0.6, 900) for _ in range(400)]
    rows = [
        {"acknowledged_at": after(a), "notice_decided_at": after(d)}
        for a, d in zip(acknowledged, decided, strict=True)
    ]

    (figures,) = s11(columns(rows), scope())

    for name, waits in (("acknowledged", acknowledged), ("decided", decided)):
        fit = fitted([AS_AT_HOURS if w is None else w for w in waits], [w is not None for w in waits])
        assert figures[f"median_{name}_hours"] == pytest.approx(median(fit)), name


def test_survival_of_removals_is_that_of_lifelines(draw: Random) -> None:
    rows: list[dict[str, Any]] = []
    waits, had = [], []
    for _ in range(300):
        back, seen = perhaps(draw, 0.4, 3000), float(draw.randrange(3000))
        rows.append(
            {"taken_down_at": T0, "reinstated_at": after(back), "observed_at": after(max(seen, back or 0))}
        )
        waits.append(seen if back is None else back)
        had.append(back is not None)

    survival = s13(columns(rows), scope())[0]["survival"]["reinstated"]

    fit = fitted(waits, had)
    band = fit.confidence_interval_
    for name, hours in (("28d", 672), ("90d", 2160)):
        value, low, high = survival[name]
        assert value == pytest.approx(float(fit.predict(hours)))
        lower, upper = band[band.index <= hours].iloc[-1]
        assert (low, high) == (pytest.approx(float(lower)), pytest.approx(float(upper)))


def test_own_speed_is_that_of_lifelines(draw: Random) -> None:
    """Removals by the uploader, blocks and holds censor, as does the last look."""
    rows: list[dict[str, Any]] = []
    waits, had = [], []
    for _ in range(500):
        removed, blocked, held = perhaps(draw, 0.6, 400), perhaps(draw, 0.2, 400), perhaps(draw, 0.1, 400)
        cause, last = draw.choice(["platform", "unattributed", "uploader"]), float(draw.randrange(400, 500))
        rows.append(
            {"first_removed_at": after(removed), "first_cause": cause, "restricted_at": after(blocked),
             "held_at": after(held), "observed_at": after(last), "found_at": after(-10), "approved_at": after(-4)}
        )  # fmt: skip
        first = min((at for at in (removed, blocked, held) if at is not None), default=last)
        waits.append(first + 10)
        had.append(removed is not None and first == removed and cause != "uploader")

    (figures,) = s15(columns(rows), scope())

    fit = fitted(waits, had)
    whole = figures["seen_to_removal"]
    assert (whole["n"], whole["events"]) == (500, sum(had))
    assert whole["median_hours"] == pytest.approx(median(fit))
    assert whole["p90_hours"] is None
    assert figures["seen_to_approved"] == {"n": 500, "events": 500, "median_hours": 6.0, "p90_hours": 6.0}
    assert figures["approved_to_sent"]["median_hours"] == 4.0


@pytest.mark.parametrize(("notices", "median"), [(9, None), (10, 3.0)])
def test_a_median_needs_ten_events(notices: int, median: float | None) -> None:
    rows = [{"acknowledged_at": after(3)}] * notices + [{}] * 3

    assert s11(columns(rows), scope())[0]["median_acknowledged_hours"] == median
