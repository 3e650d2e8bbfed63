"""S13: whether what was taken down stays so (statistics.md, section 2)."""

from datetime import timedelta
from typing import Any

import numpy as np

from reports.columns import Columns, moment
from reports.elapsed import Moments, by_deadline, count, hours, known, later
from reports.facts import Scope
from reports.measures import NUMERATOR, proportion, share
from reports.survival import Curve, kaplan_meier

FOLLOW_UPS = {"28d": timedelta(days=28), "90d": timedelta(days=90), "180d": timedelta(days=180)}


def s13(columns: Columns, scope: Scope) -> dict[str, Any]:
    """Of first removals not by the uploader: seen live again at the same address, or as a linked copy elsewhere.

    `survival` gives, by Kaplan-Meier, the share not come back, and not copied, censored at the last look; `net` is how
    many of those ever taken down are so at the as-at.
    """
    eligible = columns.where(columns.is_("exclusion", None))
    down = eligible.where(known(eligible.taken_down_at))
    return {
        "reinstated": {name: _reinstated(down, length, scope) for name, length in FOLLOW_UPS.items()},
        "reappeared": {
            name: by_deadline(down.taken_down_at, down.copied_at, length, scope.as_at)
            for name, length in FOLLOW_UPS.items()
        },
        "survival": {
            what: {name: list(curve.at(length.total_seconds() / 3600)) for name, length in FOLLOW_UPS.items()}
            if len(down)
            else None
            for what, curve in staying(columns).items()
        },
        "net": proportion(count(eligible.is_("outcome", *NUMERATOR)), len(down)),
    }


def staying(columns: Columns) -> dict[str, Curve]:
    """By Kaplan-Meier the share of first removals not seen live again, and without a copy; to the last look."""
    down = columns.where(columns.is_("exclusion", None) & known(columns.taken_down_at))
    return {
        "reinstated": _followed(down, down.reinstated_at),
        "reappeared": _followed(down, down.copied_at),
    }


def _reinstated(down: Columns, length: timedelta, scope: Scope) -> dict[str, Any]:
    """As S05: where no look at or after the deadline tells, it counts as still down, and `high` adds it."""
    deadline = later(down.taken_down_at, length)
    mature = deadline <= moment(scope.as_at)
    back = mature & (down.reinstated_at <= deadline)
    unseen = mature & ~back & ~(down.observed_at >= deadline)
    return {
        **proportion(count(back), count(mature)),
        "immature": count(~mature),
        "indeterminate": count(unseen),
        "high": share(count(back | unseen), count(mature)),
    }


def _followed(down: Columns, event: Moments) -> Curve:
    had = known(event)
    return kaplan_meier(hours(down.taken_down_at, np.where(had, event, down.observed_at)), had)
