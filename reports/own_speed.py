"""S15: our own speed, kept out of the platforms' and theirs out of ours (statistics.md, section 2)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.columns import Array, Columns
from reports.durations import REMOVALS
from reports.elapsed import Mask, hours, known, quantiles
from reports.facts import Scope
from reports.measures import each

Waits = tuple[NDArray[np.float64], Mask, Array]
SHARES = {"median_hours": 0.5, "p90_hours": 0.9}


def s15(columns: Columns, scope: Scope) -> list[dict[str, Any]]:
    """Hours from sighting to approval, to sending, to T0, for eligible items; and from sighting to removal.

    Only the last can be open: as in S08, other causes and the last look censor it. Spans of which the records lack
    an end are left out, such as approvals in recorded histories.
    """
    return each(
        **{
            name: quantiles(lasted, ended, SHARES, bounds)
            for name, (lasted, ended, bounds) in waits(columns).items()
        }
    )


def waits(columns: Columns) -> dict[str, Waits]:
    """For each span the hours that it lasted, where it had come to its end, and the bounds of the groups."""
    return {
        "seen_to_approved": _closed(columns.eligible, "found_at", "approved_at"),
        "approved_to_sent": _closed(columns.eligible, "approved_at", "sent_at"),
        "sent_to_t0": _closed(columns.eligible, "sent_at", "t0"),
        "seen_to_removal": _seen_to_removal(columns),
    }


def _closed(eligible: Columns, since: str, until: str) -> Waits:
    rows = eligible.where(known(getattr(eligible, since)) & known(getattr(eligible, until)))
    return hours(getattr(rows, since), getattr(rows, until)), np.ones(len(rows), bool), rows.bounds


def _seen_to_removal(columns: Columns) -> Waits:
    held_later = columns.is_("exclusion", "X6") & (columns.held_at > columns.t0)
    rows = columns.where((columns.is_("exclusion", None) | held_later) & known(columns.found_at))
    others = np.fmin(rows.restricted_at, rows.held_at)
    removed = known(rows.first_removed_at) & ~(others < rows.first_removed_at)
    observed = removed & rows.is_("first_cause", *REMOVALS)
    ended = np.fmin(rows.first_removed_at, others)
    last = np.where(known(rows.observed_at), rows.observed_at, rows.t0)
    return hours(rows.found_at, np.where(known(ended), ended, last)), observed, rows.bounds
