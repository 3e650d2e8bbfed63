"""How many letters a recipient gets in an hour, and how long to wait after one that did not get through."""

import zlib
from datetime import datetime, timedelta

from django.db.models import Max

from notices.models import Attempt, AttemptOutcome, Dispatch, DispatchState
from platforms.models import Channel

HOUR = timedelta(hours=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
LONGEST_PAUSE = timedelta(days=1)  # what another side may ask for
SPREAD = 0.25  # of the wait: so that what failed together does not come back together
IN_FLIGHT = (DispatchState.CLAIMED, DispatchState.HANDED_OVER)


def free_at(dispatch: Dispatch, at: datetime) -> datetime:
    """`at` if the channel of this row takes a letter then, else when it will, behind what waits already.

    Counts attempts of the hour before, and those under way, and locks the channel: nobody else counts meanwhile.
    """
    channel = Channel.objects.select_for_update(no_key=True).get(pk=dispatch.channel_id)
    if channel.per_hour is None:
        return at
    others = Dispatch.objects.filter(channel=channel).exclude(pk=dispatch.pk)
    flying = others.filter(state__in=IN_FLIGHT, leased_until__gt=at).count()
    made = Attempt.objects.filter(dispatch__channel=channel, at__gt=at - HOUR, at__lte=at)
    times = list(
        made.exclude(outcome=AttemptOutcome.STOPPED)
        .order_by("-at")
        .values_list("at", flat=True)[: channel.per_hour]
    )
    room = channel.per_hour - flying
    if len(times) < room:
        return at
    soonest = times[room - 1] + HOUR if room > 0 else at + FIRST_WAIT
    last = others.filter(state=DispatchState.QUEUED, due_at__gt=at).aggregate(last=Max("due_at"))["last"]
    return max(soonest, last + HOUR / channel.per_hour) if last else soonest


def wait_after(dispatch: Dispatch, asked: timedelta | None) -> timedelta:
    """How long until the next attempt: twice as long each time and a little more, or as long as was `asked` for."""
    wait = min(FIRST_WAIT * 2 ** (dispatch.attempts - 1), LONGEST_WAIT)
    share = zlib.crc32(f"{dispatch.pk}.{dispatch.attempts}".encode()) / 2**32
    return max(wait * (1 + SPREAD * share), min(asked or timedelta(0), LONGEST_PAUSE))
