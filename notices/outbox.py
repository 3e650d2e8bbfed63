"""The rows of the outbox: taking one, keeping hold of it, and letting it go.

queued → claimed (lease) → handed over → accepted → sent; or failed, or unknown. `attempts` tells one claim from the
next, so whoever lost theirs can neither hand over nor record.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from casework import events, prepared
from casework.rewriting import rewrite
from notices import pacing, sendable
from notices.channels.outcomes import CannotSend, ClaimLost
from notices.models import Attempt, Dispatch, DispatchState

CLAIMED = ("state", "leased_until", "attempts")  # columns
UNDER_WAY = (DispatchState.CLAIMED.value, DispatchState.HANDED_OVER.value, DispatchState.UNKNOWN.value)
URGENT = """
SELECT EXISTS (
    SELECT FROM notices_notice WHERE status = 'queued' AND threat_to_life AND channel_kind <> 'by_hand'
)
"""
HAND_OVER = f"""
UPDATE notices_dispatch SET state = 'handed_over', leased_until = %(until)s
WHERE id = %(dispatch)s AND attempts = %(number)s AND state = 'claimed' AND (NOT %(plain)s OR {sendable.FREE})
"""  # noqa: S608 - a condition of ours
ACCEPT = """
WITH ours AS (
    UPDATE notices_dispatch SET state = 'accepted', accepted_at = %(at)s, last_result = %(said)s
    WHERE id = %(dispatch)s AND attempts = %(number)s AND state IN ('claimed', 'handed_over', 'unknown')
    RETURNING id, attempts
)
INSERT INTO notices_attempt (dispatch_id, number, outcome, status, said, duration_ms, at)
SELECT id, attempts, 'accepted', %(status)s::smallint, %(said)s, %(took)s, %(began)s FROM ours
"""
LONGEST_WAITS = 3  # time-outs after the hand-over: for the dot, for the reply, one to spare
UNCONFIRMED = "The sender stopped after handing the letter over; whether it arrived is not known."


def claim(at: datetime | None = None, *, most: int = 1, urgent: bool = False) -> list[Dispatch]:
    """Take the next due rows for as long as the lease lasts, at most so many; none when there is nothing to do.

    Threats to life come first and wait for no pace; `urgent` takes only them. Other rows of a channel whose hour is
    full are put off. With each comes what a letter is made of.
    """
    moment = at or timezone.now()
    while True:
        with transaction.atomic():
            due = list(_due(moment, urgent=urgent)[:most])
            taken = _take(due, moment)
        if taken or not due:
            return taken


def may_be_urgent() -> bool:
    """Whether a letter on which a life may depend is in the outbox, due or not: one look at an index."""
    [(urgent,)] = prepared.execute(URGENT, {})
    return bool(urgent)


def _due(moment: datetime, *, urgent: bool) -> QuerySet[Dispatch]:
    rows = (
        Dispatch.objects.due(moment)
        .select_related("notice__platform", "channel")
        .prefetch_related("notice__links")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("-notice__threat_to_life", "due_at", "pk")
    )
    return rows.filter(notice__threat_to_life=True) if urgent else rows


def _take(due: Iterable[Dispatch], moment: datetime) -> list[Dispatch]:
    taken, until = [], _until(moment)
    for row in due:
        paced = row.channel.per_hour is not None
        free_at = pacing.free_at(row, moment) if paced and not row.notice.threat_to_life else moment
        if free_at > moment:
            row.state, row.due_at = DispatchState.QUEUED, free_at
            row.save(update_fields=["state", "due_at"])
            continue
        row.state, row.leased_until, row.attempts = DispatchState.CLAIMED, until, row.attempts + 1
        taken.append(row)
        if paced:  # the next of its channel counts it
            rewrite([row], CLAIMED)
    rewrite(taken, CLAIMED)
    return taken


def hand_over(dispatch: Dispatch, at: datetime | None) -> None:
    """Commit that the effect is about to happen, if the claim is still ours and nothing has come in its way.

    Raises `ClaimLost`, and `CannotSend` for what has.
    """
    moment, plain = at or timezone.now(), sendable.is_plain(dispatch)
    until = _until(moment)
    ours = {"dispatch": dispatch.pk, "number": dispatch.attempts}
    done = prepared.execute(HAND_OVER, {**ours, "plain": plain, "until": until, "at": moment}).rowcount
    if not done and plain and (found := sendable.obstacles_to(dispatch.notice, at=moment)):
        raise CannotSend(sendable.sentence(found))
    if not done:
        raise ClaimLost
    dispatch.state, dispatch.leased_until = DispatchState.HANDED_OVER, until


def accept(attempt: Attempt, at: datetime) -> None:
    """The other side has it at `at`: keep that with the attempt. What follows for its notice is `settling`'s.

    One statement, so that as little as can be stands between an answer and its commit. Raises `ClaimLost`.
    """
    values = {
        "dispatch": attempt.dispatch_id, "number": attempt.number, "at": at,
        "began": attempt.at, "status": attempt.status, "said": attempt.said, "took": attempt.duration_ms,
    }  # fmt: skip
    if not prepared.execute(ACCEPT, values).rowcount:
        raise ClaimLost


def locked(dispatch: Dispatch) -> Dispatch:
    """The row, locked, if under way or called unknown meanwhile, and no other attempt has begun. Raises `ClaimLost`."""
    ours = Dispatch.objects.select_for_update(of=("self", "notice")).filter(
        pk=dispatch.pk, attempts=dispatch.attempts, state__in=UNDER_WAY
    )
    if (row := ours.select_related("notice__platform", "channel").first()) is None:
        raise ClaimLost
    return row


def strand(at: datetime | None = None) -> int:
    """Mark as unknown what was handed over by somebody who has not been heard of since."""
    with transaction.atomic():
        lost = list(
            Dispatch.objects.stranded(at or timezone.now())
            .select_related("notice")
            .select_for_update(of=("self",), skip_locked=True)
        )
        for dispatch in lost:
            leave_unknown(dispatch, UNCONFIRMED)
    return len(lost)


def leave_unknown(row: Dispatch, said: str) -> None:
    """Nobody can know what became of it: a person finds out."""
    finish(row, DispatchState.UNKNOWN, said)
    events.record(
        "notice.outcome_unknown", by=None, at=timezone.now(), notice=row.notice.reference, reason=said
    )


def finish(row: Dispatch, state: DispatchState, said: str) -> None:
    """Let go of a locked row, with what is known."""
    row.state, row.last_result = state, said
    row.save(update_fields=["state", "last_result", "due_at", "resolved_at", "resolved_by"])


def lease() -> timedelta:
    """How long an attempt is somebody's; longer than another server can keep them waiting."""
    slowest = max(settings.EMAIL_TIMEOUT, settings.WEBHOOK_TIMEOUT)
    return max(settings.SEND_LEASE, timedelta(seconds=LONGEST_WAITS * slowest))


def _until(moment: datetime) -> datetime:
    """Never shorter than the lease from now, also where `moment` lies in the past."""
    return max(moment, timezone.now()) + lease()
