"""A chaser on its way: what has come in meanwhile is left out, up to the commit of its hand-over."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from casework import events
from casework.models import T0Basis
from notices import chaser_text
from notices.chasers import set_lines, sha256_of
from notices.lifecycle import settle
from notices.models import Chase, Dispatch, Notice
from notices.owed import Looked, locked, look

NOTHING_LEFT = "Something has come in about every notice that it names."
CAME_BETWEEN = "Something came in about a notice that it names; it is written anew."


def keep_what_is_owed(chaser: Notice, *, at: datetime) -> bool:
    """Leave out the notices about which something has come in; False when none is left to ask about."""
    with transaction.atomic():
        standing = _standing(chaser)
        looked = look(locked([each.notice for each in standing]), at, sending=chaser)
        gone = {each.notice.pk: each.why for each in looked if each.why}
        kept = [each for each in looked if not each.why]
        _leave_out([each for each in standing if each.notice_id in gone], gone, at)
        if gone and kept:
            _write_anew(chaser, kept, at)
    return bool(kept)


def still_owed(chaser: Notice, *, at: datetime) -> bool:
    """Whether all that it asks about is owed; nobody can answer until the caller's transaction ends."""
    looked = look(locked([each.notice for each in _standing(chaser)]), at, sending=chaser)
    return not any(each.why for each in looked)


def record_sent(dispatch: Dispatch, *, at: datetime, basis: T0Basis, by: User | None) -> None:
    """It has left, and is done; the conversations that it is about know of it."""
    chaser = dispatch.notice
    stamps = {
        "sent_at": at, "sent_recorded_at": timezone.now(), "received_at": at, "t0_basis": basis, "closed_at": at,
    }  # fmt: skip
    settle(chaser, "remind", by=None, at=at, stamps=stamps, details={"channel": dispatch.channel.kind})
    events.record_all(
        events.build(
            "notice.chased", by=by, at=at, notice=each.notice.reference,
            details={"chaser": chaser.reference, "number": each.number},
        )
        for each in _standing(chaser)
    )  # fmt: skip


def _standing(chaser: Notice) -> list[Chase]:
    return list(
        Chase.objects.filter(chaser=chaser, left_out_at__isnull=True).select_related("notice").order_by("pk")
    )


def _leave_out(chases: Sequence[Chase], why: Mapping[int, str], at: datetime) -> None:
    for each in chases:
        each.left_out_at, each.why = at, why[each.notice_id]
    Chase.objects.bulk_update(chases, ["left_out_at", "why"])
    events.record_all(
        events.build(
            "notice.chaser_stopped", by=None, at=at, notice=each.notice.reference, reason=each.why,
            details={"chaser": each.chaser.reference},
        )
        for each in chases
    )  # fmt: skip


def _write_anew(chaser: Notice, kept: Sequence[Looked], at: datetime) -> None:
    """Its text and lines without what is left out; the Message-ID stays."""
    asked = [(each.notice, each.lines) for each in kept]
    letter = chaser_text.compose(
        chaser.platform.name, chaser.language, asked, reference=chaser.reference, at=at
    )
    chaser.subject, chaser.body, chaser.body_sha256 = letter.subject, letter.body, sha256_of(letter.body)
    chaser.save(update_fields=["subject", "body", "body_sha256"])
    set_lines(chaser, [line for each in kept for line in each.lines])
