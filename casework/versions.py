"""Nothing overwritten unseen: what a person does to an item stands only if it is still as they saw it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from accounts.models import User
from casework.lifecycle import LIFECYCLE
from casework.models import Item
from casework.transitions import TransitionNotAllowed

# The facts, what the assessment says, and the handling; not what the checks and the platform say.
SEEN = (
    "status", "kind", "category", "language", "title", "owner", "found_at", "source", "priority", "note",
    "severity", "threat_to_life", "assessed_at", "assessed_by_id", "approved_at", "not_actionable_as",
    "duplicate_of_id", "review_at",
)  # fmt: skip


class ChangedMeanwhile(TransitionNotAllowed):
    """Somebody has changed the item since the page was opened, or the item read."""


def version(item: Item) -> str:
    """Sixteen hexadecimal digits that change with whatever people decide about an item or correct of it."""
    held = [_said(getattr(item, name)) for name in SEEN]
    return hashlib.sha256("\x1f".join(held).encode()).hexdigest()[:16]


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def refuse_if_changed(locked: Item, seen: str, *, by: User) -> None:
    """Raises `ChangedMeanwhile` unless `seen` is the version of the locked item, or empty: not asked for."""
    if not seen or seen == version(locked):
        return
    last = locked.events.filter(kind__startswith="item.").order_by("-pk").first()
    raise ChangedMeanwhile(
        f"{locked} was changed meanwhile by {last.actor_name if last else 'somebody'}: look again, then repeat.",
        status=locked.status,
        allowed=[row.verb for row in LIFECYCLE.available(locked, by)],
    )


@contextmanager
def unchanged(item: Item, seen: str, *, by: User) -> Iterator[None]:
    """What stands inside is one transaction in which nobody else changes the item; see `refuse_if_changed`."""
    with transaction.atomic():
        locked = Item.objects.select_for_update(of=("self",)).select_related("category").get(pk=item.pk)
        refuse_if_changed(locked, seen, by=by)
        yield
