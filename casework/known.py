"""What is known already of addresses that are about to become items."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from casework.models import Alias, Case, Item, ItemStatus, Presence

OPEN_ELSEWHERE = frozenset(ItemStatus.values) - {ItemStatus.CLOSED, ItemStatus.DUPLICATE}


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


def known_items(keys: Iterable[str], case: Case) -> dict[str, list[Known]]:
    """Earlier items by key, newest first, of all cases, and those that aliases tell to be the same: two queries."""
    keys = set(keys)
    aliases = Alias.objects.same_as(keys)
    asked_by: dict[str, set[str]] = {}
    for key, others in aliases.items():
        for other in (key, *others):
            asked_by.setdefault(other, set()).add(key)
    rows = (
        Item.objects.filter(key__in=list(asked_by))
        .exclude(status=ItemStatus.DUPLICATE)
        .select_related("case")
        .only("key", "reference", "status", "closed_as", "claim", "presence", "gone_at", "closed_at", "notified_at",
              "not_actionable_as", "assessed_at", "identified_at", "case__reference")
        .order_by("-pk")
    )  # fmt: skip
    found: dict[str, list[Known]] = {}
    for item in rows:
        text, at = outcome_text(item)
        for key in asked_by[item.key]:
            found.setdefault(key, []).append(
                Known(
                    item.reference,
                    item.case.reference,
                    item.status,
                    text,
                    at,
                    same_case=item.case_id == case.pk,
                    by_alias=key != item.key,
                )
            )
    return found


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
