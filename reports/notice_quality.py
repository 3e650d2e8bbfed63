"""S16: the quality of our own notices (statistics.md, section 2)."""

from typing import Any

import numpy as np

from reports.columns import Columns
from reports.elapsed import count
from reports.facts import VERIFIED_DOWN, Scope
from reports.measures import NUMERATOR, proportion


def s16(columns: Columns, scope: Scope) -> dict[str, Any]:
    """Valid and undelivered notices and items; what was upheld; what is disputed; what platforms call our error.

    A notice is valid if none of its lines was found invalid. Upheld: of the eligible items that the platform decided,
    those in the numerator of S04.
    """
    delivered = columns.where(columns.delivered)
    eligible = columns.where(columns.is_("exclusion", None))
    decided = eligible.where(eligible.decided)
    notices, sent = _notices(delivered), _notices(columns)
    invalid = _notices(delivered.where(delivered.invalid))
    return {
        "valid_notices": proportion(notices - invalid, notices),
        "valid_items": proportion(count(~delivered.invalid), len(delivered)),
        "upheld": proportion(count(decided.is_("outcome", *NUMERATOR)), len(decided)),
        "disputed": proportion(count(_disputed(eligible)), len(eligible)),
        "called_error": proportion(count(delivered.said_error), len(delivered)),
        "undelivered_notices": proportion(sent - notices, sent),
        "undelivered_items": proportion(count(columns.is_("exclusion", "X5")), len(columns)),
    }


def kept_and_gone(columns: Columns) -> Any:
    """Where the platform refused last, and we saw it gone."""
    return columns.is_("last_answer", "refused") & columns.is_("outcome", *VERIFIED_DOWN)


def _disputed(columns: Columns) -> Any:
    """Claim and finding contradict each other: said to be down and seen live, or refused and seen gone."""
    return columns.is_("outcome", "CONTRADICTED") | kept_and_gone(columns)


def _notices(columns: Columns) -> int:
    return len(np.unique(columns.notice_id))
