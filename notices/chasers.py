"""Chasers: one message to a platform, channel and language that lists all notices whose time to answer is over.

Never to somebody who has answered: what may be asked again is looked at when a chaser is offered, when it is put into
the outbox, and once more under the locks of the notices in the transaction that commits its hand-over.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.numbering import references
from casework.transitions import TransitionNotAllowed
from notices import chaser_text, letters
from notices.channels import mail
from notices.models import AutomaticSteps, Chase, Dispatch, Line, Notice, NoticeKind, NoticeStatus
from notices.owed import Looked, locked, look, place
from platforms.models import Channel, Language, Platform


@dataclass(frozen=True)
class Digest:
    """What would be one chaser: the notices to ask about, each with its open lines, and those left out with why."""

    platform: Platform
    channel: Channel | None
    language: str
    asked: list[Notice] = field(default_factory=list)
    left_out: list[tuple[Notice, str]] = field(default_factory=list)
    lines: dict[int, list[Line]] = field(default_factory=dict)

    @property
    def language_name(self) -> str:
        return str(Language(self.language).label)


def offered(at: datetime | None = None, *, platform: Platform | None = None) -> list[Digest]:
    """Overdue notices by platform, channel and language: what may be chased at `at` (default: now), and what not."""
    at = at or timezone.now()
    overdue = Notice.objects.overdue(at).exclude(kind=NoticeKind.CHASER)
    if platform is not None:
        overdue = overdue.filter(platform=platform)
    rows = overdue.select_related("platform", "channel").order_by(
        "platform__name", "channel_id", "language", "pk"
    )
    looked = look(rows, at)
    found = []
    for (_, channel, language), some in groupby(looked, key=lambda each: place(each.notice)):
        group = list(some)
        first = group[0].notice
        asked = [each for each in group if not each.why]
        digest = Digest(
            first.platform,
            first.channel if channel else None,
            language,
            [each.notice for each in asked],
            [(each.notice, each.why) for each in group if each.why],
            {each.notice.pk: each.lines for each in asked},
        )
        found.append(digest)
    return found


def text_of(digest: Digest, *, at: datetime, reference: str = chaser_text.UNNUMBERED) -> chaser_text.Reminder:
    """How the chaser would read at `at`."""
    asked = [(notice, digest.lines[notice.pk]) for notice in digest.asked]
    return chaser_text.compose(digest.platform.name, digest.language, asked, reference=reference, at=at)


def chase(notices: Sequence[Notice], *, by: User | None, at: datetime | None = None) -> Notice:
    """Put one chaser about these notices, of one platform, channel and language, into the outbox; returns it.

    `by=None` is the desk itself. Raises `TransitionNotAllowed`, naming those that may not be chased now.
    """
    if by is not None:
        require(by, Permission.SEND_NOTICE)
    at = at or timezone.now()
    with transaction.atomic():
        looked = look(locked(notices), at)
        if refused := [f"{each.notice}: {each.why}" for each in looked if each.why]:
            raise TransitionNotAllowed(" ".join(refused), status=looked[0].notice.status)
        if len({place(each.notice) for each in looked}) != 1:
            raise TransitionNotAllowed(
                "One chaser goes to one platform, by one channel, in one language.", status=""
            )
        return _make(looked, by=by, at=at)


def send_automatic(at: datetime | None = None) -> int:
    """Chase where that is switched on; returns how many chasers were made. Any number of processes may do so."""
    at = at or timezone.now()
    made = 0
    for steps in AutomaticSteps.objects.filter(chases=True).select_related("platform"):
        for digest in offered(at, platform=steps.platform):
            if digest.asked:
                try:
                    chase(digest.asked, by=None, at=at)
                except TransitionNotAllowed:  # somebody else was quicker, or something came in
                    continue
                made += 1
    return made


def _make(looked: Sequence[Looked], *, by: User | None, at: datetime) -> Notice:
    first = looked[0].notice
    assert first.channel is not None
    [reference] = references(1, at=at, prefix="N")
    asked = [(each.notice, each.lines) for each in looked]
    letter = chaser_text.compose(first.platform.name, first.language, asked, reference=reference, at=at)
    sender = first.sender_email or settings.SENDER_EMAIL
    chaser = Notice(
        reference=reference, kind=NoticeKind.CHASER, platform=first.platform, channel=first.channel,
        channel_kind=first.channel.kind, language=first.language, letter="chaser", status=NoticeStatus.QUEUED,
        severity=letters.highest_severity(each.notice.severity for each in looked),
        sender_organisation=first.sender_organisation or settings.SENDER_ORGANISATION,
        sender_name=first.sender_name or settings.SENDER_NAME, sender_email=sender, good_faith=True,
        subject=letter.subject, body=letter.body, body_sha256=sha256_of(letter.body),
        drafted_at=at, drafted_by=by, queued_at=at, queued_by=by,
    )  # fmt: skip
    chaser.message_id = mail.new_message_id(chaser)
    chaser.save(force_insert=True)
    Chase.objects.bulk_create(
        Chase(chaser=chaser, notice=each.notice, number=each.chased + 1, created_at=at) for each in looked
    )
    set_lines(chaser, [line for each in looked for line in each.lines])
    Dispatch.objects.create(notice=chaser, channel=first.channel, due_at=at, created_at=at)
    events.record(
        "notice.chaser_queued", by=by, at=at, notice=reference, new=chaser.status,
        details={"platform": first.platform.name, "notices": len(looked)},
    )  # fmt: skip
    return chaser


def set_lines(chaser: Notice, lines: Sequence[Line]) -> None:
    """Each item once, in the order in which it is asked about."""
    chaser.lines.all().delete()
    items: dict[int, Line] = {}
    for line in lines:
        items.setdefault(line.item_id, line)
    Line.objects.bulk_create(
        Line(notice=chaser, item_id=key, position=position, address=line.address)
        for position, (key, line) in enumerate(items.items(), start=1)
    )


def sha256_of(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


# -- What the desk does by itself ------------------------------------------------------------------------------------


def steps_of(platform: Platform) -> AutomaticSteps:
    """Those that were set, or the ones that hold without: none."""
    return AutomaticSteps.objects.filter(platform=platform).first() or AutomaticSteps(platform=platform)


def by_itself() -> set[int]:
    """The keys of the platforms to which chasers leave without anybody."""
    return set(AutomaticSteps.objects.filter(chases=True).values_list("platform_id", flat=True))


def set_steps(
    platform: Platform, *, chases: bool, every_hours: int, escalates: bool, after_chasers: int, by: User,
    at: datetime | None = None,
) -> AutomaticSteps:  # fmt: skip
    """Switch the automatic steps of a platform; raises `ValidationError` per field."""
    require(by, Permission.SET_LADDER)
    at = at or timezone.now()
    wanted = {
        "chases": chases,
        "every_hours": every_hours,
        "escalates": escalates,
        "after_chasers": after_chasers,
    }
    with transaction.atomic():
        Platform.objects.select_for_update(no_key=True).get(pk=platform.pk)
        steps = steps_of(platform)
        for name, value in wanted.items():
            setattr(steps, name, value)
        steps.changed_at, steps.changed_by = at, by
        steps.full_clean()
        steps.save()
        events.record("steps.changed", by=by, at=at, details={"platform": platform.name, **wanted})
    return steps
