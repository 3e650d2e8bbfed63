"""S11: how soon and how far platforms react to notices, never called takedown (statistics.md, section 2)."""

from datetime import timedelta
from typing import Any

import numpy as np

from reports.columns import Array, Columns, bounds, counts, moment
from reports.elapsed import Moments, by_deadline, hours, known, quantiles
from reports.facts import Scope
from reports.measures import each, proportions

DAY = timedelta(days=1)
DECIDED = {"decided_24h": DAY, "decided_48h": 2 * DAY, "decided_7d": 7 * DAY}


def s11(columns: Columns, scope: Scope) -> list[dict[str, Any]]:
    """Delivered notices that a person acknowledged, that were decided in part or whole, that brought any reaction.

    One notice counts once, with the first T0 and the first reaction of its lines. Medians in hours.
    """
    between, (t0, acknowledged, decided, feedback) = _by_notice(
        columns, "t0", "acknowledged_at", "notice_decided_at", "feedback_at"
    )
    reacted = proportions(counts(known(feedback), between), np.diff(between).tolist())
    return each(
        acknowledged_24h=by_deadline(t0, acknowledged, DAY, scope.as_at, between),
        **{name: by_deadline(t0, decided, length, scope.as_at, between) for name, length in DECIDED.items()},
        feedback=[{**rate, "immature": 0} for rate in reacted],
        median_acknowledged_hours=_medians(t0, acknowledged, scope, between),
        median_decided_hours=_medians(t0, decided, scope, between),
    )


def _by_notice(columns: Columns, *names: str) -> tuple[Array, list[Moments]]:
    """The bounds of the groups' delivered notices, and for each notice the earliest of its rows' moments, per name."""
    never = np.datetime64("NaT")
    found = [
        columns.batches.earliest(np.where(columns.delivered, getattr(columns, name), never)) for name in names
    ]
    delivered = known(found[0])
    numbers = counts(delivered, columns.batches.bounds)
    return bounds(numbers), [moments[delivered] for moments in found]


def _medians(t0: Moments, event: Moments, scope: Scope, between: Array) -> list[float | None]:
    had = known(event)
    waits = hours(t0, np.where(had, event, moment(scope.as_at)))
    return [found["median"] for found in quantiles(waits, had, {"median": 0.5}, between)]
