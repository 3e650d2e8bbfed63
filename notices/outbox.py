"""The rows of the outbox: taking one, keeping hold of it, and letting it go.

queued → claimed (lease) → handed over → sent, failed or unknown. `attempts` tells one claim from the next, so
whoever lost theirs can neither hand over nor record.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from casework import events
from notices import pacing
from notices.channels.outcomes import ClaimLost
from notices.models import Dispatch, DispatchState

LONGEST_WAITS = 3  # time-outs after the hand-over: for the dot, for the reply, one to spare
UNCONFIRMED = "The sender stopped after handing the letter over; whether it arrived is not known."


def claim(at: datetime | None = None) -> Dispatch | None:
    """Take the next due row for as long as the lease lasts; None when there is nothing to do.

    Threats to life come first and wait for no pace; other rows of a channel whose hour is full are put off.
    """
    moment = at or timezone.now()
    while True:
        with transaction.atomic():
            dispatch = (
                Dispatch.objects.due(moment)
                .select_related("notice", "channel")
                .select_for_update(of=("self",), skip_locked=True)
                .order_by("-notice__threat_to_life", "due_at", "pk")
                .first()
            )
            if dispatch is None:
                return None
            free_at = moment
            if dispatch.channel.per_hour and not dispatch.notice.threat_to_life:
                free_at = pacing.free_at(dispatch, moment)
            if free_at > moment:
                dispatch.state, dispatch.due_at = DispatchState.QUEUED, free_at
                dispatch.save(update_fields=["state", "due_at"])
                continue
            dispatch.state = DispatchState.CLAIMED
            dispatch.leased_until = _until(moment)
            dispatch.attempts += 1
            dispatch.save(update_fields=["state", "leased_until", "attempts"])
        return dispatch


def hand_over(dispatch: Dispatch, at: datetime | None) -> None:
    """Commit that the effect is about to happen, if the claim is still ours; raises `ClaimLost`."""
    ours = Dispatch.objects.filter(pk=dispatch.pk, state=DispatchState.CLAIMED, attempts=dispatch.attempts)
    until = _until(at or timezone.now())
    if not ours.update(state=DispatchState.HANDED_OVER, leased_until=until):
        raise ClaimLost
    dispatch.state, dispatch.leased_until = DispatchState.HANDED_OVER, until


def locked(dispatch: Dispatch) -> Dispatch:
    """The row, locked, if no other attempt has begun; also one called unknown meanwhile, for now we know."""
    ours = Dispatch.objects.select_for_update(of=("self", "notice")).filter(
        pk=dispatch.pk,
        attempts=dispatch.attempts,
        state__in=[DispatchState.CLAIMED, DispatchState.HANDED_OVER, DispatchState.UNKNOWN],
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
