"""Looking at an item: recording what was seen, and what follows from it."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import episodes, events, evidence
from casework.lifecycle import move, open_rival
from casework.models import (
    GONE,
    Check,
    ClosedAs,
    Confidence,
    Evidence,
    Item,
    ItemStatus,
    Method,
    Presence,
)
from casework.presence import Finding, settle

PROJECTION = (
    "presence",
    "last_verdict",
    "last_checked_at",
    "last_live_at",
    "gone_at",
    "gone_cause",
    "reappeared_at",
    "next_check_at",
)


def record(
    item: Item,
    *,
    verdict: str,
    cause: str = "",
    note: str = "",
    exhibit: Evidence | None = None,
    vantage: str = "GB",
    method: str = Method.PERSON,
    confidence: str = Confidence.HIGH,
    marker: str = "",
    logged_in: bool = False,
    by: User,
    at: datetime | None = None,
) -> Check:
    """Record one look; the item's presence, handling and next look follow from all looks so far.

    A person's look at something gone confirms alone only with a picture of it. Raises `ValidationError` for a look
    in the future or a cause on something that is not gone.
    """
    require(by, Permission.CHECK_ITEM)
    now = timezone.now()
    at = at or now
    if at > now + timedelta(minutes=1):
        raise ValidationError({"at": "A check cannot lie in the future."})
    if cause and verdict not in GONE:
        raise ValidationError({"cause": "Only something that is gone has a stated cause."})
    if exhibit and exhibit.item_id != item.pk:
        raise ValidationError({"exhibit": "This exhibit belongs to another item."})
    check = Check(
        item=item,
        at=at,
        verdict=verdict,
        cause=cause,
        method=method,
        vantage=vantage,
        logged_in=logged_in,
        confidence=confidence,
        marker=marker,
        note=note,
        exhibit=exhibit,
        confirms=_confirms_alone(method, confidence, exhibit),
        by=by,
        by_name=by.name,
    )
    check.full_clean()
    with transaction.atomic():
        locked = Item.objects.select_for_update(of=("self",)).select_related("platform").get(pk=item.pk)
        check.save(force_insert=True)
        events.record(
            "check.recorded",
            by=by,
            at=at,
            item=locked,
            new=verdict,
            details={"verdict": check.get_verdict_display(), "vantage": vantage, "confidence": confidence},
        )
        _project(locked, at=at)
    item.refresh_from_db()
    return check


def _confirms_alone(method: str, confidence: str, exhibit: Evidence | None) -> bool:
    sure = method == Method.PERSON and confidence == Confidence.HIGH
    return sure and exhibit is not None and evidence.shows_the_page(exhibit)


def _project(item: Item, *, at: datetime) -> None:
    found_by_person = item.found_at if item.identified_by_id else None
    finding = settle(
        item.checks.all(), confirm_hours=item.platform.confirm_hours, found_live_at=found_by_person
    )
    was_gone = item.presence == Presence.GONE
    item.presence = finding.presence
    item.last_live_at = finding.last_live_at
    item.gone_at = finding.gone_at
    item.gone_cause = finding.gone_cause
    if finding.last:
        item.last_verdict, item.last_checked_at = finding.last.verdict, finding.last.at
    if finding.reappeared_at:
        item.reappeared_at = finding.reappeared_at
    item.next_check_at = _next_look(item, finding, at)
    came_back = was_gone and not item.gone_at
    if came_back and (verb := _comes_back_as(item)):  # one statement: what is watched is always seen gone
        stamps = {"priority": 1, "watch_until": None, **{name: getattr(item, name) for name in PROJECTION}}
        move(item, verb, by=None, at=at, stamps=stamps)
        return
    item.save(update_fields=PROJECTION)
    if item.presence == Presence.GONE and not was_gone:
        _confirmed_gone(item, finding.confirmed_at or at)


def _comes_back_as(item: Item) -> str:
    """The verb that takes a removed item up again once it is seen live; empty where nothing does."""
    if item.status == ItemStatus.WATCHING:
        return "reappear"
    if item.closed_as not in {ClosedAs.REMOVED, ClosedAs.GONE_BEFORE_NOTICE} or open_rival(item):
        return ""
    return "reappear" if item.approved_at else "resurface"


def _confirmed_gone(item: Item, at: datetime) -> None:
    if item.status == ItemStatus.NOTIFIED:
        move(
            item,
            "watch",
            by=None,
            at=at,
            stamps={"watch_until": at + timedelta(days=item.platform.watch_days)},
        )
    episodes.close(item, at=at)


def _next_look(item: Item, finding: Finding, at: datetime) -> datetime | None:
    if finding.presence == Presence.PERHAPS_GONE and finding.first_gone:
        return finding.first_gone.at + timedelta(hours=item.platform.confirm_hours)
    return episodes.next_look(item, at)
