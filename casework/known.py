"""What is known already of addresses that are about to become items."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from casework.models import Alias, Case, Item, ItemStatus, Presence

OPEN_ELSEWHERE = frozenset(ItemStatus.values) - {ItemStatus.CLOSED, ItemStatus.DUPLICATE}

SHOWN = (
    "key", "reference", "status", "closed_as", "claim", "claim_at", "presence", "gone_at", "closed_at", "notified_at",
    "not_actionable_as", "assessed_at", "identified_at", "case__reference",
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """An item that has this very key already."""

    reference: str
    case_reference: str
    status: str
    outcome_text: str
    at: datetime
    same_case: bool
    by_alias: bool = False  # not by its own key: a short link that leads here, or where this one leads
    by_duplicate: bool = False  # not by its own key: an item that was marked as its duplicate has it

    @property
    def has_key(self) -> bool:
        return not (self.by_alias or self.by_duplicate)


def known_items(keys: Iterable[str], case: Case) -> dict[str, list[Known]]:
    """Earlier items by key, newest first, of all cases, and those that aliases tell to be the same: two queries.

    Instead of a duplicate stands its survivor, once.
    """
    keys = set(keys)
    aliases = Alias.objects.same_as(keys)
    asked_by: dict[str, set[str]] = {}
    for key, others in aliases.items():
        for other in (key, *others):
            asked_by.setdefault(other, set()).add(key)
    rows = (
        Item.objects.filter(key__in=list(asked_by))
        .select_related("case", "duplicate_of__case")
        .only(*SHOWN, "duplicate_of", *(f"duplicate_of__{name}" for name in SHOWN))
        .order_by("-pk")
    )
    found: dict[str, dict[str, Known]] = {}
    for item in sorted(rows, key=lambda item: item.status == ItemStatus.DUPLICATE):
        for key in asked_by[item.key]:
            named = item.duplicate_of or item
            found.setdefault(key, {}).setdefault(named.reference, _known(item, key, case))
    return {key: list(known.values()) for key, known in found.items()}


def _known(item: Item, key: str, case: Case) -> Known:
    """What is known of the item, or of the one that it is a duplicate of, for who asks for `key`."""
    named = item.duplicate_of or item
    text, at = outcome_text(named)
    return Known(
        named.reference,
        named.case.reference,
        named.status,
        text,
        at,
        same_case=named.case_id == case.pk,
        by_alias=key != item.key,
        by_duplicate=named.key != item.key,
    )


def outcome_text(item: Item) -> tuple[str, datetime]:
    """Where an earlier item got to, in a few words, and since when."""
    if item.closed_as:
        return item.get_closed_as_display(), item.closed_at or item.identified_at
    if item.not_actionable_as:
        return item.get_not_actionable_as_display(), item.assessed_at or item.identified_at
    if item.presence == Presence.GONE and item.gone_at:
        return "Gone", item.gone_at
    if item.claim and item.claim_at:
        return f"Platform says: {item.get_claim_display().lower()}", item.claim_at
    if item.notified_at:
        return "Notified", item.notified_at
    return item.get_status_display(), item.identified_at
