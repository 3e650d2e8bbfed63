"""Drafting notices until a reviewer has approved the frozen letter.

Items fall into one notice for each platform, channel, language and severity. An item of which a life may depend is
batched with nothing: it gets a letter of its own, which leaves first.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import check_jobs, events, store
from casework.models import Item
from casework.numbering import references
from casework.transitions import TransitionNotAllowed
from notices import contested, item_lists, letters, sendable, versions
from notices.completeness import problems
from notices.lifecycle import move
from notices.line_table import line_sheet, line_table
from notices.models import GENERAL, Line, Notice, NoticeKind, NoticeStatus
from platforms.models import Channel, Language, Platform, Severity

FRESH = timedelta(hours=24)
FROZEN = (
    "subject", "body", "body_sha256", "pdf_sha256", "items_csv_sha256", "items_json_sha256", "lines_csv_sha256",
    "lines_xlsx_sha256",
)  # fmt: skip


@dataclass
class Group:
    """What would become one notice."""

    platform: Platform
    items: list[Item]
    channel: Channel | None
    language: str
    letter: str
    severity: str
    threat_to_life: bool
    problems: list[str] = field(default_factory=list)  # it cannot be drafted
    warnings: list[str] = field(default_factory=list)  # it can, but look


def draft_preview(
    items: Iterable[Item],
    *,
    by: User,
    channel: Channel | None = None,
    language: str = "",
    letter: str = "",
    at: datetime | None = None,
) -> list[Group]:
    """How these items would fall into notices, with what stands in the way; saves nothing.

    Without a `language` each letter is written in its channel's, without a `letter` in that of its grounds.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    chosen = _read([item.pk for item in items])
    problems = sendable.obstacles(chosen, at=at)
    return [_group(some, channel, language, letter, problems, at) for some in _batches(chosen)]


def draft(
    items: Iterable[Item],
    *,
    by: User,
    channel: Channel | None = None,
    language: str = "",
    letter: str = "",
    at: datetime | None = None,
) -> list[Notice]:
    """Draft a notice for each batch, its lines in the order of the items' references; see `draft_preview`.

    All or none. Raises `TransitionNotAllowed` naming the items that may not be noticed now, `ValidationError`
    for a channel, language or letter that does not fit.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    keys = [item.pk for item in items]
    if not keys:
        raise ValidationError({"items": "Choose at least one approved item."})
    with transaction.atomic():
        list(
            Item.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        )  # two drafts at once must queue
        chosen = _read(keys)
        if found := sendable.obstacles(chosen, at=at):
            raise TransitionNotAllowed(sendable.sentence(found), status="")
        groups = [_group(some, channel, language, letter, {}, at) for some in _batches(chosen)]
        if problems := [problem for group in groups for problem in group.problems]:
            raise ValidationError(problems)
        numbers = references(len(groups), at=at, prefix="N")
        return [_draft(group, number, by, at) for group, number in zip(groups, numbers, strict=True)]


def draft_after(
    notice: Notice, items: list[Item], *, kind: str, channel: Channel, by: User | None, at: datetime
) -> Notice:
    """A further notice about items of one that has left, linked to it; the caller has looked whether it may be."""
    group = _group(_read([item.pk for item in items]), channel, notice.language, notice.letter, {}, at)
    return _draft_one(group, by, at, kind=kind, follows=notice)


def plan_apart(items: Sequence[Item], *, channel: Channel | None, language: str, at: datetime) -> Group:
    """What `draft_apart` would make of these items of one platform; saves nothing."""
    group = _group(_read([item.pk for item in items]), channel, language, GENERAL, {}, at)
    group.threat_to_life, group.warnings = False, []
    return group


def draft_apart(
    items: Sequence[Item],
    *,
    kind: str,
    channel: Channel | None,
    language: str,
    by: User,
    at: datetime,
    follows: Notice | None = None,
    explanation: str = "",
) -> Notice:
    """A letter that asks for no removal, about items of one platform; the caller has looked whether it may be."""
    group = plan_apart(items, channel=channel, language=language, at=at)
    return _draft_one(group, by, at, kind=kind, follows=follows, explanation=explanation)


def set_sender(
    notice: Notice,
    *,
    organisation: str,
    name: str,
    email: str,
    good_faith: bool,
    by: User,
    marking: str | None = None,
    handling: str | None = None,
    explanation: str | None = None,
) -> Notice:
    """Say who sends a draft, whether in good faith, and how it is marked; None leaves a field as it is.

    Raises `ValidationError` per field.
    """
    require(by, Permission.DRAFT_NOTICE)
    values = {
        "sender_organisation": letters.one_line(organisation),
        "sender_name": letters.one_line(name),
        "sender_email": email.strip(),
        "good_faith": good_faith,
        "marking": None if marking is None else letters.one_line(marking),
        "handling": None if handling is None else letters.one_line(handling),
        "explanation": None if explanation is None else letters.plain(explanation).strip(),
    }
    values = {name: value for name, value in values.items() if value is not None}
    with transaction.atomic():
        locked = _locked_draft(notice)
        for name_of_field, value in values.items():
            setattr(locked, name_of_field, value)
        locked.clean_fields(exclude={each.name for each in locked._meta.fields} - values.keys())
        locked.save(update_fields=list(values))
    notice.refresh_from_db()
    return notice


def remove_line(line: Line, *, by: User) -> None:
    """Take one line out of a draft; the rest keep their order and are numbered anew."""
    require(by, Permission.DRAFT_NOTICE)
    with transaction.atomic():
        notice = _locked_draft(line.notice)
        events.record(
            "notice.line_removed", by=by, at=timezone.now(), notice=notice.reference, item=line.item,
            details={"line": line.position},
        )  # fmt: skip
        line.delete()
        rest = list(notice.lines.select_related("item").order_by("position"))
        for position, kept in enumerate(rest, start=1):
            if kept.position != position:
                kept.position = position
                kept.save(update_fields=["position"])
        notice.severity = letters.highest_severity(kept.item.severity for kept in rest)
        notice.save(update_fields=["severity"])


def submit(notice: Notice, *, by: User, at: datetime | None = None) -> Notice:
    """Freeze text, hash and PDF of a draft and hand it to a reviewer.

    Raises `ValidationError` per field while something is missing, `TransitionNotAllowed` when it is no draft
    or when an item may not be noticed now.
    """
    require(by, Permission.DRAFT_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = _locked_draft(notice)
        _restate(locked)
        if missing := problems(locked):
            raise ValidationError(missing)
        sendable.refuse_obstacles(locked, at=at)
        contested.restate(locked)
        letter = letters.compose(locked, at=at)
        locked.subject, locked.body = letter.subject, letter.body
        stamps = {
            "letter_version": letter.version,
            "subject": letter.subject,
            "body": letter.body,
            "body_sha256": hashlib.sha256(letter.body.encode()).hexdigest(),
            "pdf_sha256": store.put(letters.pdf(locked)),
            "items_csv_sha256": store.put(letter.lists[item_lists.CSV_NAME]),
            "items_json_sha256": store.put(letter.lists[item_lists.JSON_NAME]),
            "lines_csv_sha256": store.put(line_table(locked)),
            "lines_xlsx_sha256": store.put(line_sheet(locked)),
            "submitted_at": at,
            "submitted_by": by,
        }
        return move(notice, "submit", by=by, at=at, stamps=stamps)


def approve(notice: Notice, *, by: User, at: datetime | None = None) -> Notice:
    """Approve the frozen letter; never one's own. A checker, where one may, looks at its items before it leaves."""
    at = at or timezone.now()
    with transaction.atomic():
        moved = move(notice, "approve", by=by, at=at, stamps={"approved_at": at, "approved_by": by})
        check_jobs.ask_before_sending(Item.objects.filter(notice_lines__notice=notice), at=at)
    return moved


def send_back(notice: Notice, *, reason: str, by: User, at: datetime | None = None) -> Notice:
    """Back to draft; the frozen text is dropped and will be composed anew."""
    thawed = dict.fromkeys(FROZEN, "")
    nobody = dict.fromkeys(("letter_version", "submitted_at", "submitted_by", "approved_at", "approved_by"))
    return move(notice, "return", by=by, reason=reason, at=at, stamps={**thawed, **nobody})


def discard(notice: Notice, *, reason: str, by: User, at: datetime | None = None) -> Notice:
    """Put a draft, or a letter that could not be delivered, away for good; its items may be drafted anew."""
    return move(notice, "discard", by=by, reason=reason, at=at)


def _read(keys: Sequence[int]) -> list[Item]:
    return list(
        Item.objects.filter(pk__in=keys)
        .select_related("platform")
        .prefetch_related("assessments__ground")
        .order_by("platform__name", "platform_id", "pk")
    )


def _batches(items: Iterable[Item]) -> list[list[Item]]:
    """Those of one platform and severity together, the gravest first; each threat to life by itself, before them."""
    gravest = list(reversed(Severity.values))

    def batch(item: Item) -> tuple[str, int, bool, int]:
        apart = item.pk if item.threat_to_life else gravest.index(item.severity) if item.severity else -1
        return item.platform.name, item.platform_id, not item.threat_to_life, apart

    return [list(some) for _, some in groupby(sorted(items, key=batch), key=batch)]


def _group(
    items: list[Item],
    channel: Channel | None,
    language: str,
    letter: str,
    found: dict[str, str],
    at: datetime,
) -> Group:
    assessments = [each for item in items if (each := letters.current_assessment(item))]
    platform = items[0].platform
    way = channel or _first_channel(platform, language)
    group = Group(
        platform=platform,
        items=items,
        channel=way,
        language=language or (way.language if way else Language.ENGLISH),
        letter=letter or letters.letter_for(assessments),
        severity=letters.highest_severity(item.severity for item in items),
        threat_to_life=any(item.threat_to_life for item in items),
        problems=[f"{item.reference}: {found[item.reference]}" for item in items if item.reference in found],
    )
    group.problems += _misfits(group, letter, at)
    group.warnings = [
        f"{item.reference}: not seen live in the last 24 hours; unless checked it stands outside the rate."
        for item in items
        if item.last_live_at is None or item.last_live_at < at - FRESH
    ]
    return group


def _misfits(group: Group, letter: str, at: datetime) -> list[str]:
    language = group.language
    if language not in Language.values:
        return [f"Letters cannot be written in “{language}”."]
    found = []
    if group.channel is None:
        found.append(sendable.NO_CHANNEL.format(platform=group.platform))
    elif group.channel.platform_id != group.platform.pk or not group.channel.is_current:
        found.append(f"The channel “{group.channel}” does not lead to {group.platform} now.")
    if letter and letter not in (known := versions.names(language, at=at)):
        found.append(f"There is no letter “{letter}”; there are: {', '.join(known)}.")
    return found


def _first_channel(platform: Platform, language: str) -> Channel | None:
    """The lowest rung; on it one in the letter's language, if that is named and there is one."""
    current = Channel.objects.current().filter(platform=platform)
    return min(
        current,
        key=lambda each: (each.rung, language != "" and each.language != language, each.pk),
        default=None,
    )


def _draft_one(group: Group, by: User | None, at: datetime, **more: Any) -> Notice:
    if group.problems:
        raise ValidationError(group.problems)
    [number] = references(1, at=at, prefix="N")
    return _draft(group, number, by, at, **more)


def _draft(
    group: Group,
    reference: str,
    by: User | None,
    at: datetime,
    *,
    kind: str = NoticeKind.NOTICE,
    follows: Notice | None = None,
    explanation: str = "",
) -> Notice:
    assert group.channel is not None
    notice = Notice.objects.create(
        reference=reference,
        kind=kind,
        follows=follows,
        platform=group.platform,
        channel=group.channel,
        channel_kind=group.channel.kind,
        language=group.language,
        letter=group.letter,
        severity=group.severity,
        threat_to_life=group.threat_to_life,
        sender_organisation=settings.SENDER_ORGANISATION,
        sender_name=settings.SENDER_NAME,
        sender_email=settings.SENDER_EMAIL,
        explanation=explanation,
        marking=letters.one_line(settings.LETTER_MARKING)[:80],
        handling=letters.one_line(settings.LETTER_HANDLING)[:300],
        drafted_at=at,
        drafted_by=by,
    )
    said = _as_said(notice)
    Line.objects.bulk_create(
        Line(notice=notice, item=item, position=position, address=said.get(item.pk, item.printed))
        for position, item in enumerate(group.items, start=1)
    )
    events.record(
        "notice.drafted", by=by, at=at, notice=reference, new=notice.status,
        details={"platform": group.platform.slug, "lines": len(group.items)},
    )  # fmt: skip
    return notice


def _locked_draft(notice: Notice) -> Notice:
    locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if locked.status != NoticeStatus.DRAFT:
        raise TransitionNotAllowed(
            f"{locked} is {locked.get_status_display().lower()}; only a draft can be changed.",
            status=locked.status,
        )
    return locked


def _as_said(notice: Notice) -> dict[int, str]:
    """A withdrawal names the addresses that were asked about, whatever is known of the items by now."""
    if notice.kind != NoticeKind.WITHDRAWAL or notice.follows is None:
        return {}
    return dict(notice.follows.lines.values_list("item_id", "address"))


def _restate(notice: Notice) -> None:
    """Addresses, severity and threat to life as the items have them at the moment of freezing."""
    lines = list(notice.lines.select_related("item"))
    said = _as_said(notice)
    for line in lines:
        if line.address != (address := said.get(line.item_id, line.item.printed)):
            line.address = address
            line.save(update_fields=["address"])
    notice.severity = letters.highest_severity(line.item.severity for line in lines)
    notice.threat_to_life = notice.asks_removal and any(line.item.threat_to_life for line in lines)
    notice.save(update_fields=["severity", "threat_to_life"])
