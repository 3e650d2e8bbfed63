"""S11: how soon and how far platforms react to notices, never called takedown (statistics.md, section 2)."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from reports.columns import Columns, moment
from reports.elapsed import Moments, by_deadline, count, hours, known, quantiles
from reports.facts import Scope
from reports.measures import proportion

DAY = timedelta(days=1)
DECIDED = {"decided_24h": DAY, "decided_48h": 2 * DAY, "decided_7d": 7 * DAY}


def s11(columns: Columns, scope: Scope) -> dict[str, Any]:
    """Delivered notices that a person acknowledged, that were decided in part or whole, that brought any reaction.

    One notice counts once, with the first T0 and the first reaction of its lines. Medians in hours.
    """
    delivered = columns.where(columns.delivered)
    t0, acknowledged, decided, feedback = _by_notice(
        delivered, "t0", "acknowledged_at", "notice_decided_at", "feedback_at"
    )
    return {
        "acknowledged_24h": by_deadline(t0, acknowledged, DAY, scope.as_at),
        **{name: by_deadline(t0, decided, length, scope.as_at) for name, length in DECIDED.items()},
        "feedback": {**proportion(count(known(feedback)), len(t0)), "immature": 0},
        "median_acknowledged_hours": _median(t0, acknowledged, scope.as_at),
        "median_decided_hours": _median(t0, decided, scope.as_at),
    }


def _by_notice(columns: Columns, *names: str) -> list[Moments]:
    """For each notice the earliest of its rows' moments, per name."""
    order = np.argsort(columns.notice_id, kind="stable")
    numbers = columns.notice_id[order]
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    return [
        np.fmin.reduceat(getattr(columns, name)[order], starts) if len(starts) else getattr(columns, name)
        for name in names
    ]


def _median(t0: Moments, event: Moments, as_at: datetime) -> float | None:
    had = known(event)
    waits = hours(t0, np.where(had, event, moment(as_at)))
    return quantiles(waits, had, {"median": 0.5})["median"]
