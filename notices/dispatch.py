"""The outbox: a notice is queued in one transaction, handed over between two, and recorded in a third.

queued → claimed (lease) → handed over → sent, failed or unknown. `attempts` tells one claim from the next, so
whoever lost theirs can neither hand over nor record. What nobody can know is left for a person:
`resolve_unknown`.
"""

import contextlib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import T0Basis
from casework.transitions import TransitionNotAllowed
from notices import delivery, delivery_times, sendable
from notices.channels import by_hand, mail, portal, webhook
from notices.channels.outcomes import CannotSend, ClaimLost, NotDelivered, OutcomeUnknown, Refused
from notices.lifecycle import LIFECYCLE, UNSENT, move, settle
from notices.models import Dispatch, DispatchState, Notice
from platforms.models import Channel, ChannelKind

MOST_ATTEMPTS = 30
LONGEST_WAITS = 3  # mail time-outs after the hand-over: for the dot, for the reply, one to spare
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
UNCONFIRMED = "The sender stopped after handing the letter over; whether it arrived is not known."


def queue(
    notice: Notice, *, by: User, at: datetime | None = None, channel: Channel | None = None
) -> Dispatch:
    """Put an approved notice (or one whose delivery failed) into the outbox, over `channel` or its own.

    `at` is the earliest time at which it may leave. Raises `TransitionNotAllowed`, also when an item may not
    be noticed now, and `ValidationError` for a channel that cannot be used.
    """
    require(by, Permission.SEND_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        chosen = _usable(channel or locked.channel, locked)
        sendable.refuse_obstacles(locked, at=at)
        stamps = {
            "channel": chosen,
            "channel_kind": chosen.kind,
            "message_id": locked.message_id or mail.new_message_id(locked),
            "queued_at": at,
            "queued_by": by,
        }
        move(notice, "queue", by=by, at=at, stamps=stamps, details={"channel": str(chosen)})
        return Dispatch.objects.create(notice=notice, channel=chosen, due_at=at, created_at=at)


def send_due(at: datetime | None = None, limit: int = 100) -> int:
    """Work through what is due, one by one, at most `limit`; returns how many were sent.

    Any number of processes may do so at the same time. `at` stands for the present moment (default: now).
    """
    strand(at)
    sent = 0
    for _ in range(limit):
        dispatch = claim(at)
        if dispatch is None:
            break
        with contextlib.suppress(ClaimLost):
            sent += _send(dispatch, at)
    return sent


def strand(at: datetime | None = None) -> int:
    """Mark as unknown what was handed over by somebody who has not been heard of since."""
    with transaction.atomic():
        lost = list(
            Dispatch.objects.stranded(at or timezone.now())
            .select_related("notice")
            .select_for_update(of=("self",), skip_locked=True)
        )
        for dispatch in lost:
            _leave_unknown(dispatch, UNCONFIRMED)
    return len(lost)


def claim(at: datetime | None = None) -> Dispatch | None:
    """Take the next due row for as long as the lease lasts; None when there is nothing to do."""
    moment = at or timezone.now()
    with transaction.atomic():
        dispatch = (
            Dispatch.objects.due(moment)
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("due_at", "pk")
            .first()
        )
        if dispatch is None:
            return None
        dispatch.state = DispatchState.CLAIMED
        dispatch.leased_until = _lease(moment)
        dispatch.attempts += 1
        dispatch.save(update_fields=["state", "leased_until", "attempts"])
    return dispatch


def resolve_unknown(dispatch: Dispatch, *, arrived: bool, by: User, at: datetime | None = None) -> Dispatch:
    """Say what became of a letter whose outcome is unknown, or which was to be delivered by hand.

    Arrived: it counts as sent at `at` (default: the time of the hand-over, or now if by hand). Not arrived:
    it goes out again with the same Message-ID; by hand, the delivery has failed at `at` (default: now).
    Raises `TransitionNotAllowed` when there is nothing to decide, `ValidationError` for a time that cannot be.
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
        handed_over_at = now if manual or locked.leased_until is None else locked.leased_until - lease()
        locked.resolved_at, locked.resolved_by = now, by
        events.record(
            "notice.delivery_resolved", by=by, at=now, notice=locked.notice.reference,
            details={"arrived": arrived, "by_hand": manual},
        )  # fmt: skip
        if arrived:
            _finish(
                locked, DispatchState.SENT, by_hand.RECEIPT if manual else "A person found that it arrived"
            )
            delivery.record_sent(locked, at=at or handed_over_at)
        elif manual:
            _finish(locked, DispatchState.FAILED, by_hand.NOT_DELIVERED)
            delivery.record_failed(locked.notice, "fail", reason=by_hand.NOT_DELIVERED, at=at or now, by=by)
        else:
            locked.due_at = now
            _finish(locked, DispatchState.QUEUED, "A person found that it did not arrive")
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
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if locked.status not in LIFECYCLE.find("bounce").sources:
            raise _untimely(locked, "only a sent notice can bounce", by)
        delivery_times.check(locked, at=at, reason=reason)
        delivery.record_failed(locked, "bounce", reason=reason, at=at or timezone.now(), by=by)
    notice.refresh_from_db()
    return notice


def received(notice: Notice, *, at: datetime, reason: str = "", by: User | None = None) -> Notice:
    """Record evidence, `reason`, that the platform received the notice at `at`: from now on that is T0.

    A second proof, found by the desk itself, changes nothing. Raises `TransitionNotAllowed` for a notice that
    has not left or has come back, and to a person where the receipt is known; `ValidationError` per field.
    """
    if by is not None:
        require(by, Permission.SEND_NOTICE)
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
    if channel.kind == ChannelKind.WEBHOOK:
        raise ValidationError({"channel": webhook.REFUSAL})
    return channel


def _send(dispatch: Dispatch, at: datetime | None) -> bool:
    """One claimed row through the effect to its record; True if it was sent. Raises `ClaimLost`."""
    notice = Notice.objects.select_related("platform").get(pk=dispatch.notice_id)
    try:
        if found := _obstacles(notice, at):
            return _stop(dispatch, sendable.sentence(found), at)
        said = _act(dispatch, notice, at)
    except CannotSend as fault:
        return _stop(dispatch, str(fault), at)
    except OutcomeUnknown as outcome:
        return _record_unknown(dispatch, str(outcome))
    except Refused as refusal:
        return _record_refused(dispatch, str(refusal), at)
    except NotDelivered as delay:
        return _record_delay(dispatch, str(delay), at)
    return _record_sent(dispatch, said, at)


def _act(dispatch: Dispatch, notice: Notice, at: datetime | None) -> str:
    if dispatch.channel.kind == ChannelKind.PORTAL:
        return portal.RECEIPT

    def handing_over() -> None:
        _hand_over(dispatch, at)

    return mail.deliver(notice, dispatch.channel, at=at or timezone.now(), handing_over=handing_over)


def _hand_over(dispatch: Dispatch, at: datetime | None) -> None:
    """Commit that the effect is about to happen, if the claim is still ours; raises `ClaimLost`."""
    ours = Dispatch.objects.filter(pk=dispatch.pk, state=DispatchState.CLAIMED, attempts=dispatch.attempts)
    until = _lease(at or timezone.now())
    if not ours.update(state=DispatchState.HANDED_OVER, leased_until=until):
        raise ClaimLost
    dispatch.state, dispatch.leased_until = DispatchState.HANDED_OVER, until


def _ours(dispatch: Dispatch) -> Dispatch:
    """The row, locked, if no other attempt has begun; also one called unknown meanwhile, for now we know."""
    ours = Dispatch.objects.select_for_update(of=("self", "notice")).filter(
        pk=dispatch.pk,
        attempts=dispatch.attempts,
        state__in=[DispatchState.CLAIMED, DispatchState.HANDED_OVER, DispatchState.UNKNOWN],
    )
    if (locked := ours.select_related("notice__platform", "channel").first()) is None:
        raise ClaimLost
    return locked


def _record_sent(dispatch: Dispatch, said: str, at: datetime | None) -> bool:
    with transaction.atomic():
        locked = _ours(dispatch)
        _finish(locked, DispatchState.SENT, said)
        delivery.record_sent(locked, at=at or timezone.now())
    return True


def _record_refused(dispatch: Dispatch, said: str, at: datetime | None) -> bool:
    with transaction.atomic():
        locked = _ours(dispatch)
        _finish(locked, DispatchState.FAILED, said)
        delivery.record_failed(locked.notice, "fail", reason=said, at=at or timezone.now(), by=None)
    return False


def _record_delay(dispatch: Dispatch, said: str, at: datetime | None) -> bool:
    if dispatch.attempts >= MOST_ATTEMPTS:
        return _record_refused(dispatch, f"Given up after {dispatch.attempts} attempts. {said}", at)
    with transaction.atomic():
        locked = _ours(dispatch)
        locked.due_at = (at or timezone.now()) + min(FIRST_WAIT * 2 ** (locked.attempts - 1), LONGEST_WAIT)
        _finish(locked, DispatchState.QUEUED, said)
    return False


def _record_unknown(dispatch: Dispatch, said: str) -> bool:
    with transaction.atomic():
        _leave_unknown(_ours(dispatch), said)
    return False


def _stop(dispatch: Dispatch, why: str, at: datetime | None) -> bool:
    """It must not leave as it is: the notice goes back to a person."""
    with transaction.atomic():
        locked = _ours(dispatch)
        _finish(locked, DispatchState.FAILED, why)
        settle(locked.notice, "stop", by=None, at=at, reason=why)
    return False


def _leave_unknown(locked: Dispatch, said: str) -> None:
    _finish(locked, DispatchState.UNKNOWN, said)
    events.record(
        "notice.outcome_unknown", by=None, at=timezone.now(), notice=locked.notice.reference, reason=said
    )


def _finish(locked: Dispatch, state: DispatchState, said: str) -> None:
    locked.state, locked.last_result = state, said
    locked.save(update_fields=["state", "last_result", "due_at", "resolved_at", "resolved_by"])


def _obstacles(notice: Notice, at: datetime | None) -> dict[str, str]:
    items = [line.item for line in notice.lines.select_related("item")]
    return sendable.obstacles(items, at=at or timezone.now(), notice=notice, kind=notice.kind)


def lease() -> timedelta:
    """How long an attempt is somebody's; longer than a mail server can keep them waiting."""
    return max(settings.SEND_LEASE, timedelta(seconds=LONGEST_WAITS * settings.EMAIL_TIMEOUT))


def _lease(moment: datetime) -> datetime:
    """Never shorter than the lease from now, also where `moment` lies in the past."""
    return max(moment, timezone.now()) + lease()
