"""Spans of time over whole columns: hours between moments, shares by a deadline, and quantiles of waits."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.columns import moment
from reports.durations import LEAST_EVENTS
from reports.measures import proportion
from reports.survival import kaplan_meier

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


def count(mask: Mask) -> int:
    return int(np.count_nonzero(mask))


def by_deadline(since: Moments, event: Moments, length: timedelta, as_at: datetime) -> dict[str, Any]:
    """The proportion with the event by `since + length`, of those for which that is not after the as-at.

    The others are counted as `immature`, whatever became of them.
    """
    deadline = later(since, length)
    mature = deadline <= moment(as_at)
    return {
        **proportion(count(mature & (event <= deadline)), count(mature)),
        "immature": count(~mature),
    }


def quantiles(
    waits: NDArray[np.float64], observed: Mask, wanted: dict[str, float]
) -> dict[str, float | None]:
    """Kaplan-Meier quantiles of hours, under their names; None where not reached, or below ten events."""
    if count(observed) < LEAST_EVENTS:
        return dict.fromkeys(wanted)
    curve = kaplan_meier(waits, observed)
    return {name: curve.reached(share) for name, share in wanted.items()}
