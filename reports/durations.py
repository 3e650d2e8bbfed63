"""S07 to S10 and S18 of each group: what needs the episode rows themselves (statistics.md, section 2)."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np

from reports.columns import Array, Columns, counts, moment
from reports.facts import WINDOWS, Scope
from reports.measures import each, proportion
from reports.survival import Curve, incidences_by_group, kaplan_meiers, order_within

HORIZON_HOURS = 672
LEAST_EVENTS = 10
REMOVALS = ("platform", "unattributed")
CAUSES = (*REMOVALS, "uploader", "restricted", "hold")
STILL_LIVE = -1
AGES = {"0-1d": 1, "1-2d": 2, "2-7d": 7, "7-28d": 28, "28d+": None}
LIVE = ("REINSTATED", "CONTRADICTED", "LIMITED", "REFUSED", "PENDING")
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Spells:
    """Hours from T0 to what ended each episode's first spell, ascending in each group, with its place in `CAUSES`."""

    hours: Array
    causes: Array
    bounds: Array

    def __len__(self) -> int:
        return len(self.hours)

    @property
    def removed(self) -> Array:
        return (self.causes >= 0) & (self.causes < len(REMOVALS))

    @cached_property
    def curves(self) -> list[Curve]:
        """The survival of each group until removal."""
        return kaplan_meiers(self.hours, self.removed, self.bounds)

    @cached_property
    def incidences(self) -> list[list[Curve]]:
        """For each group the incidence of each cause."""
        found = incidences_by_group(self.hours, self.causes, len(CAUSES), self.bounds)
        return [list(curves) for curves in zip(*found, strict=True)]

    def sizes(self) -> list[int]:
        """How many spells each group has."""
        found: list[int] = np.diff(self.bounds).tolist()
        return found


def timed(columns: Columns, scope: Scope) -> list[dict[str, Any]]:
    """The measures of this module for each group."""
    spells = first_spells(columns)
    return each(S07=s07(columns), S08=s08(spells), S09=s09(spells), S10=s10(spells), S18=s18(columns, scope))


def s07(columns: Columns) -> list[dict[str, Any]]:
    """The share of removals, claimed or seen, that we looked at since; and how many of them we saw live."""
    eligible = columns.is_("exclusion", None)
    claimed = eligible & ~np.isnat(columns.claimed_at)
    unclaimed = eligible & ~claimed & ~np.isnat(columns.first_removed_at)
    checked = claimed & (columns.observed_at >= columns.claimed_at)
    live = checked & (columns.last_live_at >= columns.claimed_at)
    return [
        {**proportion(seen + unasked, said + unasked), "contradiction": proportion(back, seen)}
        for seen, unasked, said, back in zip(
            *map(columns.counts, (checked, unclaimed, claimed, live)), strict=True
        )
    ]


def s08(spells: Spells) -> list[dict[str, Any]]:
    """Hours from T0 to the first confirmed removal, by Kaplan-Meier; quantiles need ten events."""
    return [
        _survival(curve, number, events)
        for curve, number, events in zip(
            spells.curves, spells.sizes(), counts(spells.removed, spells.bounds), strict=True
        )
    ]


def _survival(curve: Curve, number: int, events: int) -> dict[str, Any]:
    enough = events >= LEAST_EVENTS
    quantiles = {
        f"{name}_hours": curve.reached(q) if enough else None
        for name, q in (("median", 0.5), ("p75", 0.75), ("p90", 0.9))
    }
    at = {name: list(curve.at(_hours(window))) for name, window in WINDOWS.items()}
    return {
        "n": number,
        "events": events,
        **quantiles,
        "median_interval_hours": list(curve.quantile(0.5)[1:]) if enough else None,
        "survival": at if number else None,
    }


def s09(spells: Spells) -> list[dict[str, Any]]:
    """Mean hours live in the first 28 days."""
    return [
        {"hours": curve.restricted_mean(HORIZON_HOURS) if number else None, "horizon_hours": HORIZON_HOURS}
        for curve, number in zip(spells.curves, spells.sizes(), strict=True)
    ]


def s10(spells: Spells) -> list[dict[str, Any]]:
    """The share that each cause has ended first, by Aalen-Johansen; with “live” they sum to 1."""
    return [
        {name: _shares(curves, _hours(WINDOWS[name])) if number else None for name in ("24h", "7d", "28d")}
        for curves, number in zip(spells.incidences, spells.sizes(), strict=True)
    ]


def s18(columns: Columns, scope: Scope) -> list[dict[str, Any]]:
    """Eligible items that are live at the as-at, by age since T0 and by outcome."""
    live = columns.where(columns.is_("outcome", *LIVE))
    ends = [np.timedelta64(days, "D") for days in AGES.values() if days]
    bands = np.searchsorted(np.array(ends, "m8[us]"), moment(scope.as_at) - live.t0, "right")
    ages = np.bincount(live.group * len(AGES) + bands, minlength=live.groups * len(AGES))
    return [
        {
            "live": number,
            "by_age": dict(zip(AGES, by_age, strict=True)),
            "by_outcome": {name: outcomes.get(name, 0) for name in LIVE},
        }
        for number, by_age, outcomes in zip(
            live.counts(), ages.reshape(-1, len(AGES)).tolist(), live.count("outcome"), strict=True
        )
    ]


def first_spells(columns: Columns) -> Spells:
    """How the episodes' first spells ended: by the first of removal, UK block and hold.

    Without an end it is when the item was last observed. Items that came under a hold after T0 take part here, also
    when they are excluded from S03 to S06 by it.
    """
    held_later = columns.is_("exclusion", "X6") & (columns.held_at > columns.t0)
    rows = columns.where(columns.is_("exclusion", None) | held_later)
    ends = np.stack(
        [_or_never(rows.first_removed_at), _or_never(rows.restricted_at), _or_never(rows.held_at)]
    )
    first, at = ends.argmin(axis=0), ends.min(axis=0)
    places = [CAUSES.index(cause) if cause else STILL_LIVE for cause in rows.values["first_cause"]]
    removal = np.array(places, np.int64)[rows.first_cause]
    causes = np.choose(first, [removal, CAUSES.index("restricted"), CAUSES.index("hold")])
    open_ = at == NEVER
    causes[open_] = STILL_LIVE
    observed = np.where(np.isnat(rows.observed_at), rows.t0, rows.observed_at)
    waits = np.where(open_, observed.astype(np.int64), at) - rows.t0.astype(np.int64)
    hours = np.maximum(waits, 0) / 1e6 / 3600
    order = order_within(hours, rows.bounds)
    return Spells(hours[order], causes[order], rows.bounds)


def _or_never(times: Array) -> Array:
    return np.where(np.isnat(times), NEVER, times.astype(np.int64))


def _hours(window: timedelta) -> float:
    return window.total_seconds() / 3600


def _shares(curves: list[Curve], hours: float) -> dict[str, float]:
    shares = {cause: curve.value_at(hours) for cause, curve in zip(CAUSES, curves, strict=True)}
    return {**shares, "live": 1.0 - sum(shares.values())}
