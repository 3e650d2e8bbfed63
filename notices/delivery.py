"""What follows for notice, items and episodes when a letter has left, arrived or come back.

The callers hold the lock on the notice (or its dispatch) and the transaction.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from casework import episodes, events
from casework.lifecycle import move as move_item
from casework.models import Item, ItemStatus, T0Basis
from notices import chaser_sending, clocks
from notices.clocks import What
from notices.lifecycle import TALKING, settle
from notices.models import (
    REMOVALS,
    DeliveryKind,
    DeliveryRecord,
    Dispatch,
    Line,
    Notice,
    NoticeKind,
    NoticeStatus,
)
from platforms.models import ChannelKind

# What these accept has been received then (statistics.md, 1.1).
PROVING = frozenset({ChannelKind.MAIL, ChannelKind.PORTAL, ChannelKind.WEBHOOK})


def record_sent(dispatch: Dispatch, *, at: datetime, by: User | None = None, reference: str = "") -> None:
    """The letter left at `at`, by hand of `by`; the platform's own `reference` proves that it was received."""
    notice, channel = dispatch.notice, dispatch.channel
    proven = channel.proves_receipt or channel.kind in PROVING or reference != ""
    basis = T0Basis.RECEIVED if proven else T0Basis.SENT
    kinds = [DeliveryKind.SENT, *([DeliveryKind.RECEIVED] if proven else [])]
    DeliveryRecord.objects.bulk_create(
        DeliveryRecord(notice=notice, kind=kind, at=at, by=by, reference=reference) for kind in kinds
    )
    if notice.kind == NoticeKind.CHASER:
        chaser_sending.record_sent(dispatch, at=at, basis=basis, by=by)
        return
    stamps: dict[str, Any] = {
        "sent_at": at,
        "sent_recorded_at": timezone.now(),
        "platform_reference": reference or notice.platform_reference,
    }
    if notice.asks_removal:
        due = clocks.due(notice, What.RECEIVED, at)
        stamps |= {"received_at": at, "t0_basis": basis, "due_at": due}
    settle(notice, "send", by=None, at=at, stamps=stamps, details={"channel": channel.kind})
    if not notice.asks_removal:
        return
    items = _locked_items(notice)
    for item in items:
        if item.status == ItemStatus.APPROVED:
            move_item(item, "notify", by=None, at=at, stamps={"notified_at": item.notified_at or at})
    episodes.receive_all(items, t0=at, basis=basis, channel=channel.kind)


def record_received(notice: Notice, *, reason: str, at: datetime, by: User | None) -> None:
    """Evidence of receipt of a notice of which only the sending was known; a second proof changes nothing."""
    if notice.sent_at is None or notice.t0_basis == T0Basis.RECEIVED:
        return
    DeliveryRecord.objects.create(notice=notice, kind=DeliveryKind.RECEIVED, at=at, reason=reason, by=by)
    if not notice.asks_removal:
        events.record("notice.received", by=by, at=at, notice=notice.reference, reason=reason)
        return
    episodes.retime(
        _locked_items(notice), was=notice.received_at or notice.sent_at, t0=at, basis=T0Basis.RECEIVED
    )
    notice.received_at, notice.t0_basis = at, T0Basis.RECEIVED
    if notice.status in TALKING:
        notice.due_at = clocks.due(notice, What.RECEIVED, at)
    notice.save(update_fields=["received_at", "t0_basis", "due_at"])
    events.record("notice.received", by=by, at=at, notice=notice.reference, reason=reason)


def record_failed(notice: Notice, verb: str, *, reason: str, at: datetime, by: User | None) -> None:
    """Refused by the other side, or bounced: the items go back, unless another notice about them stands."""
    settle(notice, verb, by=by, at=at, reason=reason, stamps={"due_at": None})
    DeliveryRecord.objects.create(notice=notice, kind=DeliveryKind.FAILED, at=at, reason=reason[:300], by=by)
    if notice.kind != NoticeKind.CHASER:  # it was about what other notices ask for
        return_items(notice, at=at)


def return_items(notice: Notice, *, at: datetime) -> list[Item]:
    """Back to approved: notified items of a failed or withdrawn notice that no other notice asks about."""
    if not notice.asks_removal:
        return []
    items = [item for item in _locked_items(notice) if item.status == ItemStatus.NOTIFIED]
    # What an escalation takes up again has been asked for, also where that conversation is closed.
    standing = {*TALKING, NoticeStatus.CLOSED} if notice.follows_id else TALKING
    asked = Line.objects.filter(
        item__in=items, notice__status__in=standing, notice__kind__in=REMOVALS
    ).exclude(notice=notice)
    elsewhere = set(asked.values_list("item_id", flat=True))
    returned = [item for item in items if item.pk not in elsewhere]
    for item in returned:
        episodes.close(item, at=at)
        move_item(item, "return", by=None, at=at)
    return returned


def _locked_items(notice: Notice) -> list[Item]:
    return list(
        Item.objects.select_for_update(of=("self",)).filter(notice_lines__notice=notice).order_by("pk")
    )
