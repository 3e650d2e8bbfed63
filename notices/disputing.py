"""Letters about answers that our looks do not agree with: says removed, we see it; says kept, we do not see it.

They are drafted, frozen, approved and sent like every notice. None opens an episode, sets T0 or starts a clock: the
notice that was answered stands, and what is answered now lands on its line (`answers`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework.models import Item
from casework.transitions import TransitionNotAllowed
from notices import contested, drafting, sendable
from notices.contested import Contested
from notices.models import Dispute, Notice
from platforms.models import Channel, Platform


@dataclass
class Group:
    """What would become one letter; `refused` says of which items none can be about now, and why."""

    platform: Platform
    kind: str
    language: str
    channel: Channel | None
    lines: list[Contested]
    refused: dict[str, str]
    misfits: list[str]  # of channel or language


def preview(
    items: Iterable[Item],
    *,
    by: User,
    channel: Channel | None = None,
    language: str = "",
    at: datetime | None = None,
) -> list[Group]:
    """How these items would fall into letters, one for each platform, kind and language; saves nothing.

    Without a `language` each is written in that of the notices that were answered.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    lines = contested.read(items)
    held = sendable.held([line.item for line in lines], at=at)
    return [_group(some, channel, language, held, at) for some in _batches(lines, language)]


def draft(
    items: Iterable[Item],
    *,
    by: User,
    channel: Channel | None = None,
    language: str = "",
    captures: bool = False,
    at: datetime | None = None,
) -> list[Notice]:
    """Draft a letter for each platform, kind and language; all or none. With `captures` it names their SHA-256.

    Raises `TransitionNotAllowed` naming the items that no letter may be about now, `ValidationError`.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    keys = [item.pk for item in items]
    if not keys:
        raise ValidationError({"items": "Choose at least one item in dispute."})
    with transaction.atomic():
        locked = Item.objects.select_for_update(of=("self",)).filter(pk__in=keys).select_related("platform")
        groups = preview(list(locked.order_by("pk")), by=by, channel=channel, language=language, at=at)
        if refused := {key: why for group in groups for key, why in group.refused.items()}:
            raise TransitionNotAllowed(sendable.sentence(refused), status="")
        if misfits := [each for group in groups for each in group.misfits]:
            raise ValidationError(misfits)
        return [_draft(group, captures, by, at) for group in groups]


def _batches(lines: Sequence[Contested], language: str) -> list[list[Contested]]:
    def batch(line: Contested) -> tuple[str, int, str, str]:
        answered = line.answer.line.notice.language if line.answer else ""
        return line.item.platform.name, line.item.platform_id, line.kind, language or answered

    return [list(some) for _, some in groupby(sorted(lines, key=batch), key=batch)]


def _group(
    lines: list[Contested], channel: Channel | None, language: str, held: dict[str, str], at: datetime
) -> Group:
    notices = [line.answer.line.notice for line in lines if line.answer]
    ways = {notice.channel for notice in notices if notice.channel and notice.channel.is_current}
    plan = drafting.plan_apart(
        [line.item for line in lines],
        channel=channel or (ways.pop() if len(ways) == 1 else None),
        language=language or next((notice.language for notice in notices), ""),
        at=at,
    )
    why = {line.item.reference: line.problem for line in lines if line.problem} | held
    return Group(
        platform=plan.platform,
        kind=lines[0].kind,
        language=plan.language,
        channel=plan.channel,
        lines=lines,
        refused={reference: why[reference] for line in lines if (reference := line.item.reference) in why},
        misfits=plan.problems,
    )


def _draft(group: Group, captures: bool, by: User, at: datetime) -> Notice:
    answered = {line.answer.line.notice for line in group.lines if line.answer}
    notice = drafting.draft_apart(
        [line.item for line in group.lines],
        kind=group.kind,
        channel=group.channel,
        language=group.language,
        follows=answered.pop() if len(answered) == 1 else None,
        by=by,
        at=at,
    )
    lines = dict(notice.lines.values_list("item_id", "pk"))
    Dispute.objects.bulk_create(
        Dispute(
            line_id=lines[each.item.pk],
            answer=each.answer,
            look=each.look,
            exhibit=each.capture if captures else None,
        )
        for each in group.lines
    )
    return notice
