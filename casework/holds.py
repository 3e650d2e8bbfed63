"""De-confliction: no notice leaves while another inquiry needs the content up."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.lifecycle import LIFECYCLE, move
from casework.models import Hold, Item, ItemStatus
from casework.transitions import TransitionNotAllowed

ALREADY_OUT = frozenset({ItemStatus.NOTIFIED, ItemStatus.WATCHING})


def place(
    item: Item,
    *,
    authority: str,
    reason: str,
    review_at: datetime | None,
    by: User,
    at: datetime | None = None,
) -> Hold:
    """Hold an item. One that has been notified keeps its status; the hold then only counts in the figures.

    Raises `TransitionNotAllowed` unless it is in assessment, approved, notified or watched and not held yet,
    `ValidationError` without an authority.
    """
    require(by, Permission.HOLD_ITEM)
    at = at or timezone.now()
    if not authority.strip():
        raise ValidationError({"authority": "Say who asks for the hold."})
    with transaction.atomic():
        locked = Item.objects.select_for_update().get(pk=item.pk)
        if locked.holds.filter(Q(released_at__isnull=True) | Q(released_at__gt=at)).exists():
            raise TransitionNotAllowed(f"{locked} is on hold already.", status=locked.status)
        if locked.status in ALREADY_OUT:
            events.record(
                "hold.placed", by=by, at=at, item=locked, reason=reason, details={"authority": authority}
            )
        else:
            move(locked, "hold", by=by, at=at, reason=reason, stamps={"review_at": review_at},
                 details={"authority": authority})  # fmt: skip
        hold = Hold.objects.create(
            item=locked,
            authority=authority.strip(),
            reason=reason,
            placed_at=at,
            placed_by=by,
            review_at=review_at,
        )
    item.refresh_from_db()
    return hold


def release(held: Hold | Item, *, reason: str, by: User, at: datetime | None = None) -> Hold:
    """End the hold in force; the item goes back to where it was."""
    require(by, Permission.HOLD_ITEM)
    at = at or timezone.now()
    item = held.item if isinstance(held, Hold) else held
    with transaction.atomic():
        locked = Item.objects.select_for_update().get(pk=item.pk)
        hold = locked.holds.filter(released_at__isnull=True).order_by("placed_at").last()
        if hold is None:
            raise TransitionNotAllowed(
                f"{locked} is not on hold.",
                status=locked.status,
                allowed=[row.verb for row in LIFECYCLE.available(locked, by)],
            )
        hold.released_at, hold.released_by, hold.released_recorded_at = at, by, timezone.now()
        hold.save(update_fields=["released_at", "released_by", "released_recorded_at"])
        if locked.status == ItemStatus.ON_HOLD:
            move(
                locked,
                "release",
                by=by,
                at=at,
                reason=reason,
                stamps={"review_at": None},
            )
        else:
            events.record("hold.released", by=by, at=at, item=locked, reason=reason)
    item.refresh_from_db()
    return hold
