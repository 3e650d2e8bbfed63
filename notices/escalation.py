"""To the next rung: a linked notice about what the one below has left up."""

import contextlib
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from accounts.showing import in_a_sentence
from casework.models import ItemStatus
from casework.transitions import TransitionNotAllowed
from notices import drafting, ladder, sendable
from notices.models import AWAITING_ANSWER, AutomaticSteps, Notice, NoticeKind, NoticeStatus
from platforms.models import Channel

FROM = frozenset(
    {
        NoticeStatus.SENT, NoticeStatus.ACKNOWLEDGED, NoticeStatus.PART_ANSWERED, NoticeStatus.ANSWERED,
        NoticeStatus.NO_RESPONSE, NoticeStatus.CLOSED,
    }
)  # fmt: skip


def obstacle(notice: Notice, at: datetime) -> str:
    """Why this notice cannot be taken to the next rung at `at`, as a sentence; "" if it can."""
    if not notice.asks_removal:
        return f"{notice} asks for no removal; it is not escalated."
    if notice.status not in FROM:
        return f"{notice} is {notice.get_status_display().lower()}; only what has left can be escalated."
    rung = ladder.next_rung(notice)
    if rung is None:
        return f"{notice} stands on the last step of {notice.platform}'s ladder."
    opens = ladder.open_from(notice, rung)
    if opens is not None and at < opens:
        return f"Step {rung.number} may be used from {in_a_sentence(opens)}."
    if not notice.lines.filter(item__status=ItemStatus.NOTIFIED).exists():
        return f"Nothing that {notice} asked for is still up."
    return ""


def propose(at: datetime | None = None) -> int:
    """Draft the next step where that is switched on and enough chasers brought no answer; returns how many were."""
    at = at or timezone.now()
    made = 0
    for steps in AutomaticSteps.objects.filter(escalates=True):
        sent = Q(chased_by__left_out_at__isnull=True, chased_by__chaser__status=NoticeStatus.CLOSED)
        silent = Notice.objects.filter(
            platform=steps.platform_id,
            status__in=[*AWAITING_ANSWER, NoticeStatus.NO_RESPONSE],
            followed_by=None,
        ).annotate(
            chased=Count("chased_by", filter=sent), last=Max("chased_by__chaser__sent_at", filter=sent)
        )
        apart = timedelta(hours=steps.every_hours)
        for notice in silent.filter(chased__gte=steps.after_chasers, last__lte=at - apart).order_by("pk"):
            with contextlib.suppress(TransitionNotAllowed, ValidationError):
                escalate(notice, by=None, at=at)
                made += 1
    return made


def escalate(notice: Notice, *, by: User | None, at: datetime | None = None) -> Notice:
    """Draft a notice of kind escalation to the next rung, about the items that are still up; returns it.

    It goes over the rung's channel of the notice's language, if there is one; `by=None` is the desk itself. Raises
    `TransitionNotAllowed`.
    """
    if by is not None:
        require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = (
            Notice.objects.select_for_update(of=("self",))
            .select_related("platform", "channel")
            .get(pk=notice.pk)
        )
        if by is None and locked.followed_by.exists():
            raise TransitionNotAllowed(f"{locked} is followed up already.", status=locked.status)
        if why := obstacle(locked, at):
            raise TransitionNotAllowed(why, status=locked.status)
        lines = locked.lines.filter(item__status=ItemStatus.NOTIFIED).select_related("item")
        items = [line.item for line in lines]
        if found := sendable.obstacles(items, at=at, kind=NoticeKind.ESCALATION):
            raise TransitionNotAllowed(sendable.sentence(found), status=locked.status)
        way = _channel(locked)
        return drafting.draft_after(locked, items, kind=NoticeKind.ESCALATION, channel=way, by=by, at=at)


def _channel(notice: Notice) -> Channel:
    rung = ladder.next_rung(notice)
    if rung is None:  # looked at under the same lock
        raise ValidationError({"channel": "There is no further step."})
    return min(rung.channels, key=lambda each: (each.language != notice.language, each.pk))
