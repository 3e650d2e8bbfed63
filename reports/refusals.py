"""S12: refusals, their reasons, and how many were overturned later (statistics.md, section 2)."""

from datetime import timedelta
from typing import Any

from reports.columns import Columns
from reports.elapsed import by_deadline, known
from reports.facts import Scope
from reports.measures import each, proportions

FOLLOW_UP = timedelta(days=28)
# The reasons of statistics.md, each with what platforms answer it by.
REASONS = {
    "not_against_policy": ("no_policy_breach",),
    "not_illegal_in_territory": ("no_illegality_seen", "jurisdiction"),
    "insufficient_information": ("insufficient_information",),
    "cannot_locate": ("not_found_by_platform", "not_hosted_here"),
    "other": ("public_interest", "technical_impossible", "other"),
}


def s12(columns: Columns, scope: Scope) -> list[dict[str, Any]]:
    """Eligible items refused at any time in the episode, by the first refusal's reason; and those taken down later.

    Overturned: down within 28 days after the refusal, of those refused 28 days or more before the as-at.
    """
    eligible = columns.eligible
    refused = eligible.where(known(eligible.refused_at))
    reasons = each(
        **{name: refused.counts(refused.is_("refusal_code", *codes)) for name, codes in REASONS.items()}
    )
    overturned = by_deadline(
        refused.refused_at, refused.overturned_at, FOLLOW_UP, scope.as_at, refused.bounds
    )
    rates = proportions(refused.counts(), eligible.counts())
    return [
        {**rate, "by_reason": by_reason, "overturned": later}
        for rate, by_reason, later in zip(rates, reasons, overturned, strict=True)
    ]
