"""S16: the quality of our own notices (statistics.md, section 2)."""

from collections.abc import Sequence
from typing import Any

from reports.columns import Array, Columns, counts
from reports.facts import VERIFIED_DOWN, Scope
from reports.measures import NUMERATOR, each, proportions


def s16(columns: Columns, scope: Scope) -> list[dict[str, Any]]:
    """Valid and undelivered notices and items; what was upheld; what is disputed; what platforms call our error.

    A notice is valid if none of its lines was found invalid. Upheld: of the eligible items that the platform decided,
    those in the numerator of S04.
    """
    delivered, eligible = columns.delivered, columns.eligible
    items = columns.counts(delivered)
    upheld = eligible.is_("outcome", *NUMERATOR) & eligible.decided
    notices, sent = _notices(columns, delivered), columns.batches.counts()
    return each(
        valid_notices=proportions(_less(notices, _notices(columns, delivered & columns.invalid)), notices),
        valid_items=proportions(columns.counts(delivered & ~columns.invalid), items),
        upheld=proportions(eligible.counts(upheld), eligible.counts(eligible.decided)),
        disputed=proportions(eligible.counts(_disputed(eligible)), eligible.counts()),
        called_error=proportions(columns.counts(delivered & columns.said_error), items),
        undelivered_notices=proportions(_less(sent, notices), sent),
        undelivered_items=proportions(columns.counts(columns.is_("exclusion", "X5")), columns.counts()),
    )


def kept_and_gone(columns: Columns) -> Array:
    """Where the platform refused last, and we saw it gone."""
    return columns.is_("last_answer", "refused") & columns.is_("outcome", *VERIFIED_DOWN)


def _disputed(columns: Columns) -> Array:
    """Claim and finding contradict each other: said to be down and seen live, or refused and seen gone."""
    return columns.is_("outcome", "CONTRADICTED") | kept_and_gone(columns)


def _notices(columns: Columns, mask: Array) -> list[int]:
    """How many notices of each group have a row in the mask."""
    return counts(columns.batches.sizes(mask) > 0, columns.batches.bounds)


def _less(numbers: Sequence[int], others: Sequence[int]) -> list[int]:
    return [number - other for number, other in zip(numbers, others, strict=True)]
