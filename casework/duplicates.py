"""Marking an item as a duplicate of another, and undoing it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from casework.lifecycle import move, open_rival
from casework.models import Alias, Item, ItemQuerySet, ItemStatus


def mark_duplicate(item: Item, *, of: Item, by: User, at: datetime | None = None) -> Item:
    """Point the item at the surviving one; the survivor must not be a duplicate itself."""
    with transaction.atomic():
        survivor = Item.objects.select_for_update().get(pk=of.pk)
        if survivor.pk == item.pk:
            raise ValidationError({"of": "An item is not a duplicate of itself."})
        if survivor.status == ItemStatus.DUPLICATE:
            raise ValidationError({"of": f"{survivor} is itself a duplicate of {survivor.duplicate_of}."})
        if item.duplicates.exists():
            raise ValidationError({"of": f"Other items are duplicates of {item}; undo those first."})
        return move(
            item,
            "mark_duplicate",
            by=by,
            at=at,
            stamps={"duplicate_of": survivor},
            details={"of": survivor.reference},
        )


def undo_duplicate(item: Item, *, by: User, at: datetime | None = None) -> Item:
    """Back to the status before; `ValidationError` if the case has another open item with its address."""
    if rival := open_rival(item):
        raise ValidationError({"of": f"{rival} in the same case has this very address and is open."})
    return move(item, "undo_duplicate", by=by, at=at)


def same_by_alias(item: Item) -> ItemQuerySet:
    """Items of all cases that name the same thing by where short links lead, newest first; not those of its key."""
    return Item.objects.filter(key__in=Alias.objects.same_as([item.key])[item.key]).order_by("-pk")
