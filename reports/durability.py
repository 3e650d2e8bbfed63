"""S13: whether what was taken down stays so (statistics.md, section 2)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np

from reports.columns import Columns, moment
from reports.elapsed import Moments, by_deadline, hours, known, later
from reports.facts import Scope
from reports.measures import NUMERATOR, each, proportion, proportions, share
from reports.survival import Curve, kaplan_meiers

FOLLOW_UPS = {"28d": timedelta(days=28), "90d": timedelta(days=90), "180d": timedelta(days=180)}


def s13(columns: Columns, scope: Scope) -> list[dict[str, Any]]:
    """Of first removals not by the uploader: seen live again at the same address, or as a linked copy elsewhere.

    `survival` gives, by Kaplan-Meier, the share not come back, and not copied, censored at the last look; `net` is how
    many of those ever taken down are so at the as-at.
    """
    eligible = columns.eligible
    down = eligible.where(known(eligible.taken_down_at))
    copied = {
        name: by_deadline(down.taken_down_at, down.copied_at, length, scope.as_at, down.bounds)
        for name, length in FOLLOW_UPS.items()
    }
    return each(
        reinstated=each(**{name: _reinstated(down, length, scope) for name, length in FOLLOW_UPS.items()}),
        reappeared=each(**copied),
        survival=each(**{what: _survival(down, curves) for what, curves in staying(columns).items()}),
        net=proportions(eligible.counts(eligible.is_("outcome", *NUMERATOR)), down.counts()),
    )


def staying(columns: Columns) -> dict[str, list[Curve]]:
    """By Kaplan-Meier the share of first removals not seen live again, and without a copy; to the last look."""
    down = columns.eligible.where(known(columns.eligible.taken_down_at))
    return {
        "reinstated": _followed(down, down.reinstated_at),
        "reappeared": _followed(down, down.copied_at),
    }


def _reinstated(down: Columns, length: timedelta, scope: Scope) -> list[dict[str, Any]]:
    """As S05: where no look at or after the deadline tells, it counts as still down, and `high` adds it."""
    deadline = later(down.taken_down_at, length)
    mature = deadline <= moment(scope.as_at)
    back = mature & (down.reinstated_at <= deadline)
    unseen = mature & ~back & ~(down.observed_at >= deadline)
    return [
        {
            **proportion(again, whole),
            "immature": early,
            "indeterminate": perhaps,
            "high": share(again + perhaps, whole),
        }
        for again, whole, early, perhaps in zip(
            *map(down.counts, (back, mature, ~mature, unseen)), strict=True
        )
    ]


def _followed(down: Columns, event: Moments) -> list[Curve]:
    had = known(event)
    waits = hours(down.taken_down_at, np.where(had, event, down.observed_at))
    return kaplan_meiers(waits, had, down.bounds)


def _survival(down: Columns, curves: Iterable[Curve]) -> list[dict[str, list[float]] | None]:
    return [
        {name: list(curve.at(length.total_seconds() / 3600)) for name, length in FOLLOW_UPS.items()}
        if number
        else None
        for number, curve in zip(down.counts(), curves, strict=True)
    ]
