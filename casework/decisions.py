"""A person's decision about a new reading of an item's address: taken, or the item stays as it was read."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events, intake, network
from casework.duplicates import mark_duplicate, undo_duplicate
from casework.lifecycle import open_rival
from casework.models import Effect, Item, ItemStatus, ReadingStatus, Rereading
from casework.rereading import UNCONNECTED, Context, propose
from casework.transitions import TransitionNotAllowed
from platforms.models import Platform


def accept(rereading: Rereading, *, reason: str, by: User, at: datetime | None = None) -> Rereading:
    """Take the new reading. Open items that meet by it: this one becomes a duplicate of the other.

    Raises `PermissionDenied`, `ValidationError` without a reason or where a duplicate cannot be marked or undone,
    `TransitionNotAllowed` when it is decided already, or the items have changed so that it would do something else.
    """
    require(by, Permission.APPROVE_ITEM)
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked(rereading)
        outdated = _outdated(locked)
        if outdated is None:
            _carry_out(locked, reason=_given(reason), by=by, at=at)
            _decide(locked, ReadingStatus.ACCEPTED, reason=reason, by=by, at=at)
    if outdated is not None:
        raise TransitionNotAllowed(outdated, status=ReadingStatus.OUTDATED)
    rereading.refresh_from_db()
    return rereading


def refuse(rereading: Rereading, *, reason: str, by: User, at: datetime | None = None) -> Rereading:
    """Leave the item as it was read; the same reading is not proposed again. Raises as `accept` does."""
    require(by, Permission.APPROVE_ITEM)
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked(rereading)
        _decide(locked, ReadingStatus.REFUSED, reason=_given(reason), by=by, at=at)
        events.record(
            "item.reading_refused",
            by=by,
            at=at,
            item=locked.item,
            reason=reason.strip(),
            details=_details(locked),
        )
    rereading.refresh_from_db()
    return rereading


def _locked(rereading: Rereading) -> Rereading:
    """Item, its case and the proposal, locked in the order in which an intake locks."""
    item = Item.objects.select_related("case").get(pk=rereading.item_id)
    intake.lock(item.case)
    Item.objects.select_for_update().get(pk=item.pk)
    locked = (
        Rereading.objects.select_for_update(of=("self",))
        .select_related("item__platform", "item__case", "item__duplicate_of", "other")
        .get(pk=rereading.pk)
    )
    if locked.status != ReadingStatus.OPEN:
        raise TransitionNotAllowed(
            f"This is {locked.get_status_display().lower()} already; nothing was changed.",
            status=locked.status,
        )
    return locked


def _given(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": "Say why; it stays in the history."})
    return reason.strip()


def _outdated(locked: Rereading) -> str | None:
    """Why accepting would no longer do what was shown; what holds now is put in its place."""
    item = locked.item
    read = intake.read(0, item.address)
    fresh = propose(item, read, Context.of([(item, read)]))
    if fresh is not None and _same(fresh, locked):
        return None
    locked.status = ReadingStatus.OUTDATED
    locked.save(update_fields=["status"])
    if fresh is None:
        return f"{item} has changed meanwhile, and nothing is left to decide."
    fresh.save()
    return f"{item} or its counterpart has changed meanwhile. Look at the new proposal, then decide."


def _same(fresh: Rereading, shown: Rereading) -> bool:
    return all(getattr(fresh, name) == getattr(shown, name) for name in ("effect", "other_id", "old", "new"))


def _carry_out(locked: Rereading, *, reason: str, by: User, at: datetime) -> None:
    item, parted = locked.item, []
    if locked.effect == Effect.SPLIT:
        parted = _parted(item, locked.new["key"])
    if locked.effect == Effect.MERGE and locked.other is not None:
        mark_duplicate(item, of=locked.other, by=by, at=at)
    _write(item, locked.new)
    network.reread([item])
    for double in parted:
        undo_duplicate(double, by=by, at=at)
    if item.status not in UNCONNECTED and (rival := open_rival(item)):
        raise ValidationError(f"{rival} in the same case has this address and is open.")
    events.record("item.reread", by=by, at=at, item=item, reason=reason, details=_details(locked))


def _parted(item: Item, key: str) -> list[Item]:
    """The duplicates whose mark goes: the item itself, or those of its own that keep the old key."""
    if item.status == ItemStatus.DUPLICATE:
        return [item]
    doubles = item.duplicates.filter(key=item.key).order_by("pk")
    return [double for double in doubles if intake.read(0, double.address).key != key]


def _write(item: Item, new: dict[str, Any]) -> None:
    values = dict(new)
    if slug := values.pop("platform", None):
        values["platform_id"] = Platform.objects.get(slug=slug).pk
    for name, value in values.items():
        setattr(item, name, value)
    if values:
        item.save(update_fields=[name.removesuffix("_id") for name in values])


def _decide(locked: Rereading, status: str, *, reason: str, by: User, at: datetime) -> None:
    locked.status, locked.reason = status, reason.strip()
    locked.decided_at, locked.decided_by = at, by
    locked.save(update_fields=["status", "reason", "decided_at", "decided_by"])


def _details(locked: Rereading) -> dict[str, Any]:
    return {
        "effect": locked.get_effect_display().lower(),
        "of": locked.other.reference if locked.other else "",
        "old": locked.old,
        "new": locked.new,
    }
