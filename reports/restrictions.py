"""S14: what was restricted but not removed, and what cannot be reached from the UK (statistics.md, section 2)."""

from typing import Any

import numpy as np

from reports.columns import Columns
from reports.elapsed import count
from reports.facts import Scope
from reports.measures import NUMERATOR, proportion

OUTCOMES = {"restricted_uk": "RESTRICTED_UK", "limited": "LIMITED"}
UNREACHABLE = (*NUMERATOR, "DOWN_UPLOADER", "RESTRICTED_UK")


def s14(columns: Columns, scope: Scope) -> dict[str, Any]:
    """Eligible items blocked from the UK or limited, by measure and territories; those not reachable from the UK."""
    eligible = columns.where(columns.is_("exclusion", None))
    return {
        **{name: _restricted(eligible, outcome) for name, outcome in OUTCOMES.items()},
        "not_reachable_uk": proportion(count(eligible.is_("outcome", *UNREACHABLE)), len(eligible)),
    }


def _restricted(eligible: Columns, outcome: str) -> dict[str, Any]:
    found = eligible.where(eligible.is_("outcome", outcome))
    return {**proportion(len(found), len(eligible)), "by_measure": _by_measure(found)}


def _by_measure(columns: Columns) -> dict[str, int]:
    """How many items under each measure, with its territories where they are named: `access_disabled FR,GB`."""
    codes = np.array([columns.measure, columns.territories])
    pairs, numbers = np.unique(codes, axis=1, return_counts=True)
    measures, territories = columns.values["measure"], columns.values["territories"]
    found = {
        " ".join(filter(None, (measures[measure], territories[where]))): number
        for (measure, where), number in zip(pairs.T.tolist(), numbers.tolist(), strict=True)
    }
    return dict(sorted(found.items()))
