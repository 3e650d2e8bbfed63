"""Spans of time over whole columns: hours between moments, shares by a deadline, and quantiles of waits; by group."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.columns import Array, counts, moment
from reports.durations import LEAST_EVENTS
from reports.measures import proportions
from reports.survival import kaplan_meiers

Moments = NDArray[np.datetime64]
Mask = NDArray[np.bool_]


def later(since: Moments, length: timedelta) -> Moments:
    return since + np.timedelta64(length, "us")


def known(moments: Moments) -> Mask:
    """Where there is a moment."""
    return ~np.isnat(moments)


def hours(since: Moments, until: Moments | np.datetime64) -> NDArray[np.float64]:
    """Elapsed hours, never below 0; NaN where either is missing."""
    return np.maximum((until - since) / np.timedelta64(1, "h"), 0.0)


def by_deadline(
    since: Moments, event: Moments, length: timedelta, as_at: datetime, bounds: Array
) -> list[dict[str, Any]]:
    """The proportion with the event by `since + length`, of those for which that is not after the as-at.

    The others are counted as `immature`, whatever became of them. One for each group, which lie between `bounds`.
    """
    deadline = later(since, length)
    mature = deadline <= moment(as_at)
    found = proportions(counts(mature & (event <= deadline), bounds), counts(mature, bounds))
    return [{**rate, "immature": number} for rate, number in zip(found, counts(~mature, bounds), strict=True)]


def quantiles(
    waits: NDArray[np.float64], observed: Mask, wanted: dict[str, float], bounds: Array
) -> list[dict[str, Any]]:
    """How many waits each group has, how many of them ended, and Kaplan-Meier quantiles of hours under their names.

    A quantile is None where it is not reached, or below ten events.
    """
    events, curves = counts(observed, bounds), kaplan_meiers(waits, observed, bounds)
    return [
        {
            "n": number,
            "events": had,
            **{name: curve.reached(share) if had >= LEAST_EVENTS else None for name, share in wanted.items()},
        }
        for number, had, curve in zip(np.diff(bounds).tolist(), events, curves, strict=True)
    ]
