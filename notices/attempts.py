"""One attempt at a claimed row: act, then record what came of it, in the log and for the row."""

import time
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from casework import events
from notices import chaser_sending, delivery, outbox, pacing, sendable, settling
from notices.channels import mail, portal, webhook
from notices.channels.outcomes import (
    Accepted,
    CannotSend,
    Ended,
    OutcomeUnknown,
    Refused,
    SwitchedOff,
    TryAgain,
)
from notices.lifecycle import settle
from notices.models import Attempt, AttemptOutcome, Dispatch, DispatchState, Notice, NoticeKind
from platforms.models import Channel, ChannelKind

MOST_ATTEMPTS = 30
LONGEST_SAID = 500


def carry_out(
    dispatch: Dispatch, at: datetime | None, connection: mail.Connection, *, free: bool = False
) -> bool:
    """A claimed row through the effect to what came of it; True if it was accepted. Raises `ClaimLost`.

    `connection` to the mail server is shared by the letters of one sender; nothing stood in the way of a `free` one
    when it was claimed. That a mail was accepted is all that is recorded here, for its sender to settle.
    """
    began, clock = at or timezone.now(), time.monotonic()
    came: Accepted | Ended
    try:
        came = _act(dispatch, at, connection, free=free)
    except Ended as ended:
        came = ended
    took = round((time.monotonic() - clock) * 1000)
    if isinstance(came, Accepted) and dispatch.channel.kind == ChannelKind.MAIL:
        outbox.accept(_attempt(dispatch, came, began, took), at or timezone.now())
        return True
    with transaction.atomic():
        came = _looked_at_again(dispatch, came, at or timezone.now())
        _record(dispatch, came, _attempt(dispatch, came, began, took), at or timezone.now())
    return isinstance(came, Accepted)


def _attempt(dispatch: Dispatch, came: Accepted | Ended, began: datetime, took: int) -> Attempt:
    return Attempt(
        dispatch=dispatch,
        number=dispatch.attempts,
        outcome=came.outcome,
        status=came.status,
        said=came.said[:LONGEST_SAID],
        duration_ms=took,
        at=began,
    )


def _act(dispatch: Dispatch, at: datetime | None, connection: mail.Connection, *, free: bool) -> Accepted:
    moment, notice = at or timezone.now(), dispatch.notice
    chaser = notice.kind == NoticeKind.CHASER
    if chaser and not chaser_sending.keep_what_is_owed(notice, at=moment):
        raise CannotSend(chaser_sending.NOTHING_LEFT)
    if not chaser and not free:
        _refuse_obstacles(dispatch, moment)
    if dispatch.channel.kind == ChannelKind.PORTAL:
        return Accepted(portal.RECEIPT)
    if dispatch.channel.kind == ChannelKind.WEBHOOK:
        return webhook.deliver(notice, dispatch.channel)

    def handing_over() -> None:
        with transaction.atomic():  # in autocommit the database would go on for a sender that is dead
            if chaser and not chaser_sending.still_owed(notice, at=moment):
                raise TryAgain(chaser_sending.CAME_BETWEEN)
            outbox.hand_over(dispatch, at)

    return mail.deliver(dispatch, at=moment, handing_over=handing_over, connection=connection)


def _refuse_obstacles(dispatch: Dispatch, at: datetime) -> None:
    if found := sendable.obstacles_to(dispatch.notice, at=at, again=dispatch.is_replay):
        raise CannotSend(sendable.sentence(found))


def _looked_at_again(row: Dispatch, came: Accepted | Ended, at: datetime) -> Accepted | Ended:
    """What stands in the portal arrives with this transaction: a chaser only if all is owed until it ends."""
    if row.channel.kind != ChannelKind.PORTAL or row.notice.kind != NoticeKind.CHASER:
        return came
    return came if chaser_sending.still_owed(row.notice, at=at) else TryAgain(chaser_sending.CAME_BETWEEN)


def _record(dispatch: Dispatch, came: Accepted | Ended, attempt: Attempt, at: datetime) -> None:
    """What an attempt means for the row, and for its notice."""
    if isinstance(came, Accepted):
        outbox.accept(attempt, at)
        settling.settle([dispatch.pk])
        return
    row = outbox.locked(dispatch)
    attempt.save(force_insert=True)
    match came:
        case OutcomeUnknown():
            outbox.leave_unknown(row, came.said)
        case CannotSend():
            _stop(row, came.said, at)
        case TryAgain():
            _try_later(row, came, at)
        case SwitchedOff():
            _switch_off(row.channel, row.notice, came.said, at)
            _fail(row, came.said, at)
        case Refused():
            _fail(row, came.said, at)


def _stop(row: Dispatch, why: str, at: datetime) -> None:
    """It must not leave as it is: the notice goes back to a person."""
    outbox.finish(row, DispatchState.FAILED, why)
    if not row.is_replay:
        verb = "drop" if row.notice.kind == NoticeKind.CHASER else "stop"
        settle(row.notice, verb, by=None, at=at, reason=why)


def _fail(row: Dispatch, said: str, at: datetime) -> None:
    outbox.finish(row, DispatchState.FAILED, said)
    if not row.is_replay:
        delivery.record_failed(row.notice, "fail", reason=said, at=at, by=None)


def _try_later(row: Dispatch, came: TryAgain, at: datetime) -> None:
    """Again after a while; in the end a person decides, or, where nothing can have arrived, it has failed."""
    if row.attempts < MOST_ATTEMPTS:
        row.due_at = at + pacing.wait_after(row, came.wait)
        outbox.finish(row, DispatchState.QUEUED, came.said)
        return
    said = f"Given up after {row.attempts} attempts. {came.said}"
    if not row.is_replay and row.log.filter(outcome=AttemptOutcome.UNCERTAIN).exists():
        outbox.leave_unknown(row, said)
    else:
        _fail(row, said, at)


def _switch_off(channel: Channel, notice: Notice, said: str, at: datetime) -> None:
    """The endpoint is gone for good: nothing is drafted or sent over this channel until it is made current again."""
    if not Channel.objects.filter(pk=channel.pk, is_current=True).update(is_current=False):
        return
    events.record(
        "channel.switched_off", by=None, at=at, notice=notice.reference, reason=said,
        details={"channel": str(channel), "platform": notice.platform.name},
    )  # fmt: skip
