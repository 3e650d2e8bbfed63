"""To the next rung: a linked notice about what the one below has left up."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework.models import ItemStatus
from casework.transitions import TransitionNotAllowed
from notices import drafting, ladder, sendable
from notices.models import Notice, NoticeKind, NoticeStatus
from platforms.models import Channel

FROM = frozenset(
    {
        NoticeStatus.SENT, NoticeStatus.ACKNOWLEDGED, NoticeStatus.PART_ANSWERED, NoticeStatus.ANSWERED,
        NoticeStatus.NO_RESPONSE, NoticeStatus.CLOSED,
    }
)  # fmt: skip


def obstacle(notice: Notice, at: datetime) -> str:
    """Why this notice cannot be taken to the next rung at `at`, as a sentence; "" if it can."""
    if notice.status not in FROM:
        return f"{notice} is {notice.get_status_display().lower()}; only what has left can be escalated."
    rung = ladder.next_rung(notice)
    if rung is None:
        return f"{notice} stands on the last step of {notice.platform}'s ladder."
    opens = ladder.open_from(notice, rung)
    if opens is not None and at < opens:
        local = timezone.localtime(opens)
        return f"Step {rung.number} may be used from {local.day} {local:%B %Y} at {local:%H:%M}."
    if not notice.lines.filter(item__status=ItemStatus.NOTIFIED).exists():
        return f"Nothing that {notice} asked for is still up."
    return ""


def escalate(notice: Notice, *, by: User, at: datetime | None = None) -> Notice:
    """Draft a notice of kind escalation to the next rung, about the items that are still up; returns it.

    It goes over the rung's channel of the notice's language, if there is one. Raises `TransitionNotAllowed`.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = (
            Notice.objects.select_for_update(of=("self",))
            .select_related("platform", "channel")
            .get(pk=notice.pk)
        )
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
