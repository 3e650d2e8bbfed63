"""Sending: a notice is queued in one transaction, handed over between two, and recorded in a third.

What nobody can know is left for a person: `resolve_unknown`. The rows are kept in `outbox`, an attempt is made in
`attempts`.
"""

import contextlib
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import T0Basis
from casework.transitions import TransitionNotAllowed
from notices import (
    delivery,
    delivery_times,
    ledger,
    links,
    outbox,
    sendable,
    sending,
    settling,
)
from notices.channels import by_hand, mail
from notices.lifecycle import LIFECYCLE, TALKING, UNSENT, move
from notices.models import LONGEST_ADDRESSEE, Dispatch, DispatchState, Notice, NoticeKind
from platforms.models import Channel, ChannelKind

NOT_A_WEBHOOK = (
    "Only a message by webhook can be handed over again: its id tells the platform that it is the same."
)


def queue(
    notice: Notice,
    *,
    by: User,
    at: datetime | None = None,
    channel: Channel | None = None,
    with_link: bool = False,
) -> Dispatch:
    """Put an approved notice (or one whose delivery failed) into the outbox, over `channel` or its own.

    `with_link` puts a link into the mail, with which this notice can be answered without an account. `at` is the
    earliest time at which it may leave. Raises `TransitionNotAllowed`, also when an item may not
    be noticed now, and `ValidationError` for a channel that cannot be used.
    """
    require(by, Permission.SEND_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        chosen = _usable(channel or locked.channel, locked)
        if locked.kind != NoticeKind.CHASER:  # what it may ask about is looked at when it leaves
            sendable.refuse_obstacles(locked, at=at)
        stamps = {
            "channel": chosen,
            "channel_kind": chosen.kind,
            "message_id": locked.message_id or mail.new_message_id(locked),
            "queued_at": at,
            "queued_by": by,
        }
        links.end_in_letter(locked, by=by, at=at)
        if with_link:
            _link(locked, chosen, by=by, at=at)
        move(notice, "queue", by=by, at=at, stamps=stamps, details={"channel": str(chosen)})
        return Dispatch.objects.create(notice=notice, channel=chosen, due_at=at, created_at=at)


def send_due(at: datetime | None = None, limit: int = 100) -> int:
    """Work through what is due, at most `limit` letters; returns how many were accepted.

    Any number of processes may do so at the same time. `at` stands for the present moment (default: now). After
    a backup was restored what it had queued is left to a person.
    """
    ledger.hold_restored()
    outbox.strand(at)
    settling.settle_left_behind(at)
    with contextlib.closing(sending.Sender(at)) as sender:
        return sender.send(limit)


def replay(dispatch: Dispatch, *, by: User, at: datetime | None = None) -> Dispatch:
    """Hand the same message with the same id over once more, to a platform that says it has lost it.

    The notice stays where it stands, whatever comes of it. Raises `TransitionNotAllowed` unless the notice is
    under discussion and nothing of it is being sent, or while an item is on hold.
    """
    require(by, Permission.SEND_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        notice = Notice.objects.select_for_update(of=("self",)).get(pk=dispatch.notice_id)
        if dispatch.channel.kind != ChannelKind.WEBHOOK:
            raise TransitionNotAllowed(NOT_A_WEBHOOK, status=notice.status)
        if notice.status not in TALKING:
            raise _untimely(notice, "only what has left can be handed over again", by)
        if Dispatch.objects.open().filter(notice=notice).exists():
            raise _untimely(notice, "it is being handed over already", by)
        _usable(dispatch.channel, notice)
        if found := sendable.held([line.item for line in notice.lines.select_related("item")], at=at):
            raise TransitionNotAllowed(sendable.sentence(found), status=notice.status)
        events.record(
            "notice.replayed", by=by, at=at, notice=notice.reference,
            details={"channel": str(dispatch.channel)},
        )  # fmt: skip
        return Dispatch.objects.create(
            notice=notice, channel=dispatch.channel, due_at=at, created_at=at, is_replay=True
        )


def resolve_unknown(
    dispatch: Dispatch, *, arrived: bool, by: User, at: datetime | None = None, reference: str = ""
) -> Dispatch:
    """Say what became of a letter whose outcome is unknown, or which was to be delivered by hand.

    Arrived: it counts as sent at `at` (default: the time of the hand-over, or now if by hand); a `reference` that
    the platform gave proves that it was received. Not arrived: it goes out again with the same id; by hand,
    the delivery has failed at `at` (default: now). Raises `TransitionNotAllowed` when there is nothing to
    decide, `ValidationError` for a time that cannot be and a reference of what did not arrive.
    """
    require(by, Permission.SEND_NOTICE)
    now = timezone.now()
    with transaction.atomic():
        rows = Dispatch.objects.select_for_update(of=("self", "notice")).select_related(
            "notice__platform", "channel"
        )
        locked = rows.get(pk=dispatch.pk)
        if not Dispatch.objects.for_a_person().filter(pk=locked.pk).exists():
            raise TransitionNotAllowed("Nothing is to be decided about this delivery.", status=locked.state)
        manual = locked.channel.kind == ChannelKind.BY_HAND
        delivery_times.check_resolution(locked, arrived=arrived or manual, at=at, now=now)
        if reference.strip() and not arrived:
            raise ValidationError({"reference": "A reference says that it arrived. Leave this empty."})
        handed_over_at = (
            now if manual or locked.leased_until is None else locked.leased_until - outbox.lease()
        )
        locked.resolved_at, locked.resolved_by = now, by
        events.record(
            "notice.delivery_resolved", by=by, at=now, notice=locked.notice.reference,
            details={"arrived": arrived, "by_hand": manual},
        )  # fmt: skip
        if arrived:
            said = by_hand.RECEIPT if manual else "A person found that it arrived"
            outbox.finish(locked, DispatchState.SENT, said)
            left = delivery.Departure(locked, at or handed_over_at, by=by, reference=reference.strip())
            delivery.record_sent([left])
        elif manual:
            outbox.finish(locked, DispatchState.FAILED, by_hand.NOT_DELIVERED)
            delivery.record_failed(locked.notice, "fail", reason=by_hand.NOT_DELIVERED, at=at or now, by=by)
        else:
            locked.due_at = now
            outbox.finish(locked, DispatchState.QUEUED, "A person found that it did not arrive")
    dispatch.refresh_from_db()
    return dispatch


def delivery_failed(
    notice: Notice, *, reason: str, at: datetime | None = None, by: User | None = None
) -> Notice:
    """Record that a notice which had left was not delivered (it bounced); its items wait for another way.

    Raises `TransitionNotAllowed` when the platform has said that it has it, `ValidationError` per field.
    """
    if by is not None:
        require(by, Permission.SEND_NOTICE)
    settling.settle_notice(notice)
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        verb = "come_back" if locked.kind == NoticeKind.CHASER else "bounce"
        if locked.status not in LIFECYCLE.find(verb).sources:
            raise _untimely(locked, "only a sent notice can bounce", by)
        delivery_times.check(locked, at=at, reason=reason)
        delivery.record_failed(locked, verb, reason=reason, at=at or timezone.now(), by=by)
    notice.refresh_from_db()
    return notice


def received(notice: Notice, *, at: datetime, reason: str = "", by: User | None = None) -> Notice:
    """Record evidence, `reason`, that the platform received the notice at `at`: from now on that is T0.

    A second proof, found by the desk itself, changes nothing. Raises `TransitionNotAllowed` for a notice that
    has not left or has come back, and to a person where the receipt is known; `ValidationError` per field.
    """
    if by is not None:
        require(by, Permission.SEND_NOTICE)
    settling.settle_notice(notice)
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if locked.status in UNSENT:
            raise _untimely(locked, "only what has left can be received", by)
        if by is not None and locked.t0_basis == T0Basis.RECEIVED:
            raise TransitionNotAllowed(f"When {locked} was received is known already.", status=locked.status)
        delivery_times.check(locked, at=at, reason=reason if by else None)
        delivery.record_received(locked, reason=reason, at=at, by=by)
    notice.refresh_from_db()
    return notice


def _link(notice: Notice, channel: Channel, *, by: User, at: datetime) -> None:
    if channel.kind != ChannelKind.MAIL:
        raise ValidationError({"with_link": "Only a letter by mail can carry a link."})
    links.make_for_letter(notice, addressee=channel.address[:LONGEST_ADDRESSEE], by=by, at=at)


def _untimely(notice: Notice, why: str, by: User | None) -> TransitionNotAllowed:
    return TransitionNotAllowed(
        f"{notice} is {notice.get_status_display().lower()}; {why}.",
        status=notice.status,
        allowed=[row.verb for row in LIFECYCLE.available(notice, by)],
    )


def _usable(channel: Channel | None, notice: Notice) -> Channel:
    if channel is None:
        raise ValidationError({"channel": sendable.NO_CHANNEL.format(platform=notice.platform)})
    if channel.platform_id != notice.platform_id or not channel.is_current:
        raise ValidationError({"channel": f"The channel “{channel}” does not lead to {notice.platform} now."})
    return channel
