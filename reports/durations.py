"""S07 to S10 and S18: what needs the episode rows themselves (statistics.md, section 2)."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from reports.facts import WINDOWS, Episode, Scope
from reports.measures import proportion
from reports.survival import aalen_johansen, kaplan_meier

HORIZON_HOURS = 672
LEAST_EVENTS = 10
REMOVALS = ("platform", "unattributed")
CAUSES = (*REMOVALS, "uploader", "restricted", "hold")
AGES = {"0-1d": 1, "1-2d": 2, "2-7d": 7, "7-28d": 28, "28d+": float("inf")}
LIVE = ("REINSTATED", "CONTRADICTED", "LIMITED", "REFUSED", "PENDING")


def s07(rows: Sequence[Episode], scope: Scope) -> dict[str, Any]:
    """The share of removals, claimed or seen, that we looked at since; and how many of them we saw live."""
    eligible = [row for row in rows if row.exclusion is None]
    claimed = [row for row in eligible if row.claimed_at]
    unclaimed = [row for row in eligible if not row.claimed_at and row.first_removed_at]
    checked = [row for row in claimed if _since(row.observed_at, row.claimed_at)]
    live = [row for row in checked if _since(row.last_live_at, row.claimed_at)]
    return {
        **proportion(len(checked) + len(unclaimed), len(claimed) + len(unclaimed)),
        "contradiction": proportion(len(live), len(checked)),
    }


def s08(rows: Sequence[Episode], scope: Scope) -> dict[str, Any]:
    """Hours from T0 to the first confirmed removal, by Kaplan-Meier; quantiles need ten events."""
    waits, causes = _first_events(rows)
    observed = [cause in REMOVALS for cause in causes]
    curve, events = kaplan_meier(waits, observed), sum(observed)
    quantiles = {
        f"{name}_hours": curve.quantile(q)[0] if events >= LEAST_EVENTS else None
        for name, q in (("median", 0.5), ("p75", 0.75), ("p90", 0.9))
    }
    limits = list(curve.quantile(0.5)[1:]) if events >= LEAST_EVENTS else None
    return {
        "n": len(waits),
        "events": events,
        **quantiles,
        "median_interval_hours": limits,
        "survival": {name: list(curve.at(_hours(window))) for name, window in WINDOWS.items()}
        if waits
        else None,
    }


def s09(rows: Sequence[Episode], scope: Scope) -> dict[str, Any]:
    """Mean hours live in the first 28 days."""
    waits, causes = _first_events(rows)
    curve = kaplan_meier(waits, [cause in REMOVALS for cause in causes])
    return {"hours": curve.restricted_mean(HORIZON_HOURS) if waits else None, "horizon_hours": HORIZON_HOURS}


def s10(rows: Sequence[Episode], scope: Scope) -> dict[str, Any]:
    """The share that each cause has ended first, by Aalen-Johansen; with “live” they sum to 1."""
    waits, causes = _first_events(rows)
    curves = aalen_johansen(waits, causes)
    return {name: _shares(curves, _hours(WINDOWS[name])) if waits else None for name in ("24h", "7d", "28d")}


def s18(rows: Sequence[Episode], scope: Scope) -> dict[str, Any]:
    """Eligible items that are live at the as-at, by age since T0 and by outcome."""
    live = [row for row in rows if row.outcome in LIVE]
    ages = Counter(_age((scope.as_at - row.t0).total_seconds() / 86400) for row in live)
    outcomes = Counter(row.outcome for row in live)
    return {
        "live": len(live),
        "by_age": {band: ages[band] for band in AGES},
        "by_outcome": {name: outcomes[name] for name in LIVE},
    }


TIMED: dict[str, Callable[[Sequence[Episode], Scope], dict[str, Any]]] = {
    "S07": s07, "S08": s08, "S09": s09, "S10": s10, "S18": s18,
}  # fmt: skip


def timed(rows: Sequence[Episode], scope: Scope) -> dict[str, Any]:
    """The measures of this module for one group's rows."""
    return {name: measure(rows, scope) for name, measure in TIMED.items()}


def _first_events(rows: Sequence[Episode]) -> tuple[list[float], list[str | None]]:
    """Hours to what ended each episode's first spell, and its cause; None while it was last seen live.

    Items that came under a hold after T0 take part here, also when they are excluded from S03 to S06 by it.
    """
    found = [_first_event(row) for row in rows if row.exclusion is None or _held_later(row)]
    return [hours for hours, _ in found], [cause for _, cause in found]


def _first_event(row: Episode) -> tuple[float, str | None]:
    events = [
        (at, cause)
        for at, cause in (
            (row.first_removed_at, row.first_cause),
            (row.restricted_at, "restricted"),
            (row.held_at, "hold"),
        )
        if at is not None
    ]
    if not events:
        return _elapsed(row, row.observed_at or row.t0), None
    at, cause = min(events, key=lambda event: event[0])
    return _elapsed(row, at), cause


def _held_later(row: Episode) -> bool:
    return row.exclusion == "X6" and row.held_at is not None and row.held_at > row.t0


def _elapsed(row: Episode, at: datetime) -> float:
    return max(0.0, (at - row.t0).total_seconds() / 3600)


def _hours(window: timedelta) -> float:
    return window.total_seconds() / 3600


def _shares(curves: dict[str, Any], hours: float) -> dict[str, float]:
    shares = {cause: curves[cause].at(hours)[0] if cause in curves else 0.0 for cause in CAUSES}
    return {**shares, "live": 1.0 - sum(shares.values())}


def _age(days: float) -> str:
    return next(band for band, end in AGES.items() if days < end)


def _since(at: datetime | None, earlier: datetime | None) -> bool:
    return at is not None and earlier is not None and at >= earlier
