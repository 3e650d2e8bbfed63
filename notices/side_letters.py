"""Letters beside those that ask for removal: a withdrawal, a correction, a request to preserve.

They are drafted, frozen, approved and sent like every notice, over the same outbox. None of them moves an item, opens
an episode, sets T0 or starts a clock; figures do not count them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework.models import Item
from casework.transitions import TransitionNotAllowed
from notices import drafting, sendable
from notices.lifecycle import TALKING
from notices.models import Line, Notice, NoticeKind, NoticeStatus
from platforms.models import Channel

HISTORY = "{notice} comes from a recorded history; we did not send it."
CORRECTABLE = TALKING | {NoticeStatus.CLOSED}


def cannot_withdraw_by_letter(notice: Notice) -> str:
    """Why no letter can tell the platform of a withdrawal, as a sentence; "" if one can."""
    if notice.import_reference:
        return HISTORY.format(notice=notice)
    if notice.status != NoticeStatus.WITHDRAWN:
        return (
            f"{notice} is {notice.get_status_display().lower()}; withdraw it first, then tell the platform."
        )
    return _written_already(notice, NoticeKind.WITHDRAWAL)


def cannot_correct(notice: Notice) -> str:
    """Why this notice cannot be corrected by letter, as a sentence; "" if it can."""
    if notice.import_reference:
        return HISTORY.format(notice=notice)
    if notice.asks_nothing:
        return f"{notice} asks for nothing; correct the notice that it is about."
    if notice.status not in CORRECTABLE:
        return f"{notice} is {notice.get_status_display().lower()}; only what has left can be corrected."
    return ""


def draft_withdrawal(notice: Notice, *, explanation: str, by: User, at: datetime | None = None) -> Notice:
    """Draft the letter which tells the platform that a notice is withdrawn, with all its lines as they were.

    `explanation` stands in the letter. Raises `TransitionNotAllowed`, `ValidationError`.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked(notice)
        if why := cannot_withdraw_by_letter(locked):
            raise TransitionNotAllowed(why, status=locked.status)
        lines = list(locked.lines.select_related("item"))
        return _draft(locked, lines, NoticeKind.WITHDRAWAL, explanation, by, at)


def draft_correction(
    notice: Notice, positions: Sequence[int], *, explanation: str, by: User, at: datetime | None = None
) -> Notice:
    """Draft the letter which puts lines of a notice right, as their items read now; `positions` are theirs.

    `explanation` stands in the letter. Raises `TransitionNotAllowed`, `ValidationError` per field.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked(notice)
        if why := cannot_correct(locked):
            raise TransitionNotAllowed(why, status=locked.status)
        lines = list(locked.lines.filter(position__in=positions).select_related("item"))
        if not lines or len(lines) != len(set(positions)):
            raise ValidationError({"lines": "Choose the lines of this notice that were wrong."})
        return _draft(locked, lines, NoticeKind.CORRECTION, explanation, by, at)


def draft_preservation(
    items: Iterable[Item],
    *,
    by: User,
    channel: Channel | None = None,
    language: str = "",
    at: datetime | None = None,
) -> list[Notice]:
    """Draft a request to preserve for each platform of these items; all or none.

    Raises `TransitionNotAllowed` naming the items that no letter may be about now, `ValidationError`.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    chosen = list(items)
    if not chosen:
        raise ValidationError({"items": "Choose at least one item."})
    with transaction.atomic():
        if found := sendable.obstacles(chosen, at=at, kind=NoticeKind.PRESERVATION):
            raise TransitionNotAllowed(sendable.sentence(found), status="")
        platforms: dict[int, list[Item]] = {}
        for item in chosen:
            platforms.setdefault(item.platform_id, []).append(item)
        return [
            drafting.draft_apart(
                some, kind=NoticeKind.PRESERVATION, channel=channel, language=language, by=by, at=at
            )
            for some in platforms.values()
        ]


def _draft(
    notice: Notice, lines: Sequence[Line], kind: NoticeKind, explanation: str, by: User, at: datetime
) -> Notice:
    way = notice.channel if notice.channel and notice.channel.is_current else None
    return drafting.draft_apart(
        [line.item for line in lines],
        kind=kind,
        channel=way,
        language=notice.language,
        follows=notice,
        explanation=explanation,
        by=by,
        at=at,
    )


def _locked(notice: Notice) -> Notice:
    rows = Notice.objects.select_for_update(of=("self",)).select_related("platform", "channel")
    return rows.get(pk=notice.pk)


def _written_already(notice: Notice, kind: NoticeKind) -> str:
    made = notice.followed_by.filter(kind=kind).exclude(status=NoticeStatus.DISCARDED).first()
    return f"{made} tells the platform of it already." if made else ""
