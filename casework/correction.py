"""Correcting what is known of an item: which of it is still open, old and new kept, nothing overwritten unseen."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.limits import far_off
from accounts.models import User
from accounts.roles import Permission, can
from casework import events, network
from casework.lifecycle import LIFECYCLE
from casework.models import Event, Item, Kind
from casework.presence import settle
from casework.transitions import TransitionNotAllowed
from casework.versions import refuse_if_changed

INTERNAL = ("priority", "note")  # never in a letter or a figure: open as long as there is an item
CORRECTABLE = ("kind", "category", "language", "title", "owner", "found_at", "source", *INTERNAL)
# What pages call an item's fields, where the model's word is another.
WORDS = {"owner": "account", "found_at": "first seen", "note": "internal note"}


def may_correct(user: User) -> bool:
    """Whoever identifies or assesses items."""
    return can(user, Permission.IDENTIFY_ITEM) or can(user, Permission.ASSESS_ITEM)


def correctable(item: Item) -> tuple[str, ...]:
    """What can be corrected now: all until the first approval or notice, the category until it is assessed."""
    if item.approved_at or item.notified_at:
        return INTERNAL
    return tuple(name for name in CORRECTABLE if name != "category" or item.assessed_at is None)


def correct(
    item: Item, *, reason: str, seen: str = "", by: User, at: datetime | None = None, **values: object
) -> Item:
    """Correct any of `CORRECTABLE`; one event keeps the old and the new values of those that changed.

    `seen` is the `version` that the person had before them. Raises `PermissionDenied`, `TransitionNotAllowed` when
    the item has changed since or a value is fixed by now, `ValidationError` without a reason or for a value.
    """
    if not may_correct(by):
        raise PermissionDenied("This needs the permission “identify item”.")
    if unknown := values.keys() - set(CORRECTABLE):
        raise ValidationError(f"This cannot be corrected: {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        locked = Item.objects.select_for_update(of=("self",)).select_related("category").get(pk=item.pk)
        changed = {name: value for name, value in values.items() if getattr(locked, name) != value}
        refuse_if_changed(locked, seen, by=by)
        if fixed := changed.keys() - set(correctable(locked)):
            raise _refused(locked, by, f"Fixed by now: {', '.join(sorted(fixed))}.")
        if changed:
            _change(locked, changed, reason=reason.strip(), by=by, at=at or timezone.now())
    item.refresh_from_db()
    return item


def _refused(item: Item, by: User, why: str) -> TransitionNotAllowed:
    return TransitionNotAllowed(
        why, status=item.status, allowed=[row.verb for row in LIFECYCLE.available(item, by)]
    )


def _change(item: Item, changed: Mapping[str, Any], *, reason: str, by: User, at: datetime) -> None:
    if not reason:
        raise ValidationError({"reason": "Say why; it stays in the history."})
    old = {name: _said(getattr(item, name)) for name in changed}
    for name, value in changed.items():
        setattr(item, name, value)
    item.described_at = timezone.now()
    item.full_clean(validate_constraints=False)
    if not 1 <= item.priority <= 5:
        raise ValidationError({"priority": "The priority is a number from 1 to 5."})
    written = [*changed, "described_at"]
    if "found_at" in changed:
        written += _seen_anew(item)
    item.save(update_fields=written)
    network.reread([item])
    new = {name: _said(value) for name, value in changed.items()}
    events.record("item.corrected", by=by, at=at, item=item, reason=reason, details={"old": old, "new": new})


def _seen_anew(item: Item) -> list[str]:
    """Finding it was a look: when it was last seen live follows. Returns the columns set."""
    if item.found_at > item.identified_at:
        raise ValidationError({"found_at": "An item is found before it is identified."})
    if wrong := far_off(item.found_at):
        raise ValidationError({"found_at": wrong})
    if item.identified_by_id is None:
        return []
    looks = item.checks.all()
    item.last_live_at = settle(
        looks, confirm_hours=item.platform.confirm_hours, found_live_at=item.found_at
    ).last_live_at
    return ["last_live_at"]


def _said(value: object) -> str:
    """A value as the history keeps it: slugs, numbers and words as they are, times in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def changes(event: Event) -> list[tuple[str, str, str]]:
    """Name, old and new value of whatever a correction changed, in the words of the pages; else empty."""
    return list(_changes(event)) if event.kind == "item.corrected" else []


def _changes(event: Event) -> Iterator[tuple[str, str, str]]:
    old = event.details.get("old", {})
    for name, value in event.details.get("new", {}).items():
        yield WORDS.get(name, name), _read(name, old.get(name, "")), _read(name, value)


def _read(name: str, value: str) -> str:
    if name == "kind":
        return str(dict(Kind.choices).get(value, value))
    if name == "found_at" and value:
        local = timezone.localtime(datetime.fromisoformat(value))
        return f"{local.day} {local:%b %Y, %H:%M %Z}"
    return value
