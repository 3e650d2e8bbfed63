"""S14: what was restricted but not removed, and what cannot be reached from the UK (statistics.md, section 2)."""

from collections import Counter
from typing import Any

from reports.columns import Columns
from reports.elapsed import count
from reports.facts import Scope
from reports.measures import NUMERATOR, proportion

RESTRICTED = ("RESTRICTED_UK", "LIMITED")


def s14(columns: Columns, scope: Scope) -> dict[str, Any]:
    """Eligible items blocked from the UK or limited, by measure and territories; those not reachable from the UK."""
    eligible = columns.where(columns.is_("exclusion", None))
    blocked, limited = (count(eligible.is_("outcome", name)) for name in RESTRICTED)
    unreachable = count(eligible.is_("outcome", *NUMERATOR, "DOWN_UPLOADER", "RESTRICTED_UK"))
    return {
        "restricted_uk": proportion(blocked, len(eligible)),
        "limited": proportion(limited, len(eligible)),
        "by_measure": _by_measure(eligible.where(eligible.is_("outcome", *RESTRICTED))),
        "not_reachable_uk": proportion(unreachable, len(eligible)),
    }


def _by_measure(columns: Columns) -> list[dict[str, Any]]:
    names = ("outcome", "measure", "territories")
    found = Counter(zip(*(columns.texts(name) for name in names), strict=True))
    return [
        {
            "outcome": outcome,
            "measure": measure,
            "territories": territories.split(",") if territories else [],
            "items": number,
        }
        for (outcome, measure, territories), number in sorted(found.items(), key=lambda part: str(part[0]))
    ]
