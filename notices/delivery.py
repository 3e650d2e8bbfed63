"""What follows for notice, items and episodes when a letter has left, arrived or come back.

The callers hold the lock on the notice (or its dispatch) and the transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from casework import episodes, events
from casework.lifecycle import move as move_item
from casework.lifecycle import notify
from casework.models import Item, ItemStatus, T0Basis
from casework.transitions import Step
from notices import chaser_sending, clocks
from notices.clocks import What
from notices.lifecycle import TALKING, settle, settle_all
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


@dataclass(frozen=True)
class Departure:
    """A letter that left at `at`, by hand of `by`; the platform's own `reference` proves that it was received."""

    dispatch: Dispatch
    at: datetime
    by: User | None = None
    reference: str = ""

    @property
    def notice(self) -> Notice:
        return self.dispatch.notice

    @property
    def basis(self) -> T0Basis:
        channel = self.dispatch.channel
        proven = channel.proves_receipt or channel.kind in PROVING or self.reference != ""
        return T0Basis.RECEIVED if proven else T0Basis.SENT

    def records(self) -> Iterator[DeliveryRecord]:
        known = {"notice": self.notice, "at": self.at, "by": self.by, "reference": self.reference}
        yield DeliveryRecord(kind=DeliveryKind.SENT, **known)
        if self.basis == T0Basis.RECEIVED:
            yield DeliveryRecord(kind=DeliveryKind.RECEIVED, **known)


def record_sent(left: Sequence[Departure]) -> None:
    """These letters have left, of as many notices; as many statements for all as for one, but for chasers."""
    DeliveryRecord.objects.bulk_create(record for each in left for record in each.records())
    for each in left:
        if each.notice.kind == NoticeKind.CHASER:
            chaser_sending.record_sent(each.dispatch, at=each.at, basis=each.basis, by=each.by)
    letters = [each for each in left if each.notice.kind != NoticeKind.CHASER]
    asking = [each for each in letters if each.notice.asks_removal]
    due = clocks.due_all([(each.notice, each.at) for each in asking], What.RECEIVED) if asking else {}
    settle_all([_step(each, due) for each in letters], "send")
    if asking:
        _receive_items(asking)


def _step(each: Departure, due: Mapping[int, datetime | None]) -> Step:
    notice = each.notice
    stamps: dict[str, Any] = {
        "sent_at": each.at,
        "sent_recorded_at": timezone.now(),
        "platform_reference": each.reference or notice.platform_reference,
        "received_at": each.at if notice.asks_removal else notice.received_at,
        "t0_basis": each.basis if notice.asks_removal else notice.t0_basis,
        "due_at": due.get(notice.pk, notice.due_at),
    }
    return Step(notice, each.at, stamps, {"channel": each.dispatch.channel.kind})


def _receive_items(left: Iterable[Departure]) -> None:
    """The items of letters that ask for removal; one that stands in several, from the first on."""
    by_notice = {each.notice.pk: each for each in left}
    lines = Line.objects.filter(notice__in=by_notice).order_by().values_list("item_id", "notice_id")
    first: dict[int, Departure] = {}
    for item, notice in lines:
        each = by_notice[notice]
        first[item] = min(each, first.get(item, each), key=lambda departure: departure.at)
    items = list(Item.objects.select_for_update(of=("self",)).filter(pk__in=first).order_by("pk"))
    notify([(item, first[item.pk].at) for item in items if item.status == ItemStatus.APPROVED])
    episodes.receive_all(
        [
            episodes.Received(item, each.at, each.basis, each.dispatch.channel.kind)
            for item in items
            for each in [first[item.pk]]
        ]
    )


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
