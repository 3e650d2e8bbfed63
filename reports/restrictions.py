"""S14: what was restricted but not removed, and what cannot be reached from the UK (statistics.md, section 2)."""

from typing import Any

import numpy as np

from reports.columns import Columns
from reports.facts import Scope
from reports.measures import NUMERATOR, each, proportions

OUTCOMES = {"restricted_uk": "RESTRICTED_UK", "limited": "LIMITED"}
UNREACHABLE = (*NUMERATOR, "DOWN_UPLOADER", "RESTRICTED_UK")


def s14(columns: Columns, scope: Scope) -> list[dict[str, Any]]:
    """Eligible items blocked from the UK or limited, by measure and territories; those not reachable from the UK."""
    eligible = columns.eligible
    unreachable = eligible.counts(eligible.is_("outcome", *UNREACHABLE))
    return each(
        **{name: _restricted(eligible, outcome) for name, outcome in OUTCOMES.items()},
        not_reachable_uk=proportions(unreachable, eligible.counts()),
    )


def _restricted(eligible: Columns, outcome: str) -> list[dict[str, Any]]:
    found = eligible.where(eligible.is_("outcome", outcome))
    rates = proportions(found.counts(), eligible.counts())
    return [
        {**rate, "by_measure": measures} for rate, measures in zip(rates, _by_measure(found), strict=True)
    ]


def _by_measure(columns: Columns) -> list[dict[str, int]]:
    """How many items under each measure, with its territories where they are named: `access_disabled FR,GB`."""
    codes = np.array([columns.group, columns.measure, columns.territories])
    kinds, numbers = np.unique(codes, axis=1, return_counts=True)
    measures, territories = columns.values["measure"], columns.values["territories"]
    found: list[dict[str, int]] = [{} for _ in range(columns.groups)]
    for (group, measure, where), number in zip(kinds.T.tolist(), numbers.tolist(), strict=True):
        found[group][" ".join(filter(None, (measures[measure], territories[where])))] = number
    return [dict(sorted(each.items())) for each in found]
