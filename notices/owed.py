"""Whether a platform may be reminded of a notice: the one rule, asked when chasers are offered, made and sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from accounts.showing import in_a_sentence
from casework.models import Event, Hold, ItemStatus, Presence
from notices.clocks import CAME_IN
from notices.models import (
    AWAITING_ANSWER,
    AutomaticSteps,
    Chase,
    Dispatch,
    Line,
    Notice,
    NoticeKind,
    NoticeStatus,
)
from platforms.models import ChannelKind

# What a platform does about a notice, so that we are not the ones who spoke last.
FROM_PLATFORM = (*CAME_IN, "notice.clarification_asked", "notice.objected")
SPACING = timedelta(hours=72)  # where no step of the platform's says otherwise


@dataclass(frozen=True)
class Looked:
    notice: Notice
    lines: list[Line]  # open, about what is still up
    why: str  # it may not be chased now, as a sentence; "" if it may
    chased: int  # how many chasers have left


def look(notices: Iterable[Notice], at: datetime, *, sending: Notice | None = None) -> list[Looked]:
    """Each with what stands in the way of chasing it at `at`; four queries whatever their number.

    `sending` is the chaser that is on its way about them itself.
    """
    some = list(notices)
    lines = _open_lines(some, at)
    facts = _facts(some, sending)
    spacing = dict(
        AutomaticSteps.objects.filter(platform__in={each.platform_id for each in some}).values_list(
            "platform_id", "every_hours"
        )
    )
    found = []
    for notice in some:
        apart = timedelta(hours=spacing[notice.platform_id]) if notice.platform_id in spacing else SPACING
        why = _why_not(notice, facts[notice.pk], lines.get(notice.pk, []), apart, at)
        found.append(Looked(notice, lines.get(notice.pk, []), why, facts[notice.pk].chased))
    return found


@dataclass(frozen=True)
class _Facts:
    came_in: datetime | None
    chased_at: datetime | None
    chased: int
    failed: bool
    under_way: bool


def _facts(notices: Sequence[Notice], sending: Notice | None) -> dict[int, _Facts]:
    said = Q(kind__in=FROM_PLATFORM) | Q(kind="mail.came_in", details__kind="reply") | Q(kind="mail.attached")
    came = Event.objects.filter(said, notice=OuterRef("reference"))
    to_chasers = Chase.objects.filter(notice=OuterRef(OuterRef("pk"))).values("chaser__reference")
    to_chaser = Event.objects.filter(said, notice__in=to_chasers)
    standing = Q(chased_by__left_out_at__isnull=True)
    if sending is not None:
        standing &= Q(chased_by__chaser__lt=sending.pk) | Q(chased_by__chaser__gt=sending.pk)
    rows = Notice.objects.filter(pk__in=[each.pk for each in notices]).annotate(
        came_in=Greatest(
            Subquery(came.order_by("-at").values("at")[:1]),
            Subquery(to_chaser.order_by("-at").values("at")[:1]),
        ),
        last_chased=Max("chased_by__chaser__sent_at", filter=standing),
        chased=Count("chased_by", filter=standing & Q(chased_by__chaser__status=NoticeStatus.CLOSED)),
        failed=Count(
            "chased_by", filter=standing & Q(chased_by__chaser__status=NoticeStatus.DELIVERY_FAILED)
        ),
        waiting=Count("chased_by", filter=standing & Q(chased_by__chaser__status=NoticeStatus.QUEUED)),
    )
    open_ones = set(Dispatch.objects.open().filter(notice__in=notices).values_list("notice_id", flat=True))
    return {
        row.pk: _Facts(
            row.came_in, row.last_chased, row.chased, row.failed > 0, row.waiting > 0 or row.pk in open_ones
        )
        for row in rows.order_by()
    }


def _open_lines(notices: Sequence[Notice], at: datetime) -> dict[int, list[Line]]:
    held = Hold.objects.in_force(at).values("item")
    lines = (
        Line.objects.filter(notice__in=notices, answer="", item__status=ItemStatus.NOTIFIED)
        .exclude(item__presence=Presence.GONE)
        .exclude(item__in=held)
        .select_related("item")
        .order_by("notice_id", "position")
    )
    return {pk: list(some) for pk, some in groupby(lines, key=lambda line: line.notice_id)}


def _why_not(notice: Notice, facts: _Facts, lines: list[Line], apart: timedelta, at: datetime) -> str:
    if notice.kind == NoticeKind.CHASER or notice.status not in AWAITING_ANSWER:
        return f"It is {notice.get_status_display().lower()}; nothing is owed now."
    if notice.due_at is None or notice.due_at >= at:
        return "Its time to answer is not over."
    if facts.failed:
        return "A chaser about it came back: send that over another channel, or discard it."
    if facts.under_way:
        return "A message about it is on its way already."
    if why := _asks_for_time(notice, facts, apart, at):
        return why
    if not lines:
        return "Nothing that it asks for is open and still up."
    channel = notice.channel
    if channel is None or not channel.is_current or channel.kind == ChannelKind.BY_HAND:
        return "No channel takes a message by itself: telephone, or escalate."
    return ""


def _asks_for_time(notice: Notice, facts: _Facts, apart: timedelta, at: datetime) -> str:
    """What came in within the promised time bars nothing: it is why a notice is acknowledged, or part answered."""
    if notice.expected_at and notice.expected_at >= at:
        return f"The platform means to answer by {in_a_sentence(notice.expected_at)}."
    last = max(filter(None, (facts.chased_at, notice.due_at)))
    if facts.came_in and facts.came_in >= last and facts.came_in + apart > at:
        again = in_a_sentence(facts.came_in + apart)
        return f"Something came in on {in_a_sentence(facts.came_in)}; again from {again}."
    if facts.chased_at and facts.chased_at + apart > at:
        return f"Chased on {in_a_sentence(facts.chased_at)}; again from {in_a_sentence(facts.chased_at + apart)}."
    return ""


def place(notice: Notice) -> tuple[int, int, str]:
    return notice.platform_id, notice.channel_id or 0, notice.language


def locked(notices: Iterable[Notice]) -> list[Notice]:
    """Locked until the transaction ends, and only then to be read: an earlier look would be too old."""
    keys = [notice.pk for notice in notices]
    rows = Notice.objects.select_for_update(of=("self",)).select_related("platform", "channel")
    return list(rows.filter(pk__in=keys).order_by("pk"))
