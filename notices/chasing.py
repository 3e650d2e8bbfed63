"""When an answer is due, and what happens when none comes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from casework.models import Event
from notices.lifecycle import settle
from notices.models import Notice, NoticeStatus
from platforms import deadlines
from platforms.models import Commitment

GRACE = timedelta(days=7)  # how long after the due time we still expect an answer


def answer_due(
    notice: Notice, *, received_at: datetime | None, until: datetime | None = None
) -> datetime | None:
    """When the platform has promised to answer, in UTC; None without receipt or commitment.

    Spans in which the platform waited for our reply do not count; one still open ends at `until`.
    """
    commitment = Commitment.objects.for_notice(notice.platform, notice.severity)
    if received_at is None or commitment is None:
        return None
    return deadlines.due_at(received_at, commitment.hours, clarifications(notice, until=until))


def clarifications(notice: Notice, *, until: datetime | None = None) -> list[deadlines.Span]:
    """From when to when the platform waited for us, read from the history."""
    spans: list[deadlines.Span] = []
    asked: datetime | None = None
    for event in Event.objects.filter(notice=notice.reference, kind__startswith="notice.").order_by(
        "at", "pk"
    ):
        if event.new == NoticeStatus.CLARIFICATION:
            asked = event.at
        elif asked is not None and event.old == NoticeStatus.CLARIFICATION:
            spans.append((asked, event.at))
            asked = None
    if asked is not None and until is not None and until > asked:
        spans.append((asked, until))
    return spans


def note_silence(at: datetime | None = None) -> int:
    """Move notices whose answer is overdue by more than the grace to “no response”; returns how many."""
    at = at or timezone.now()
    keys = list(Notice.objects.overdue(at - GRACE).values_list("pk", flat=True))
    return sum(_note_silence(key, at) for key in keys)


def _note_silence(key: int, at: datetime) -> bool:
    with transaction.atomic():
        silent = Notice.objects.select_for_update(of=("self",), skip_locked=True).overdue(at - GRACE)
        notice = silent.filter(pk=key).first()
        if notice is not None:
            settle(notice, "note_silence", by=None, at=at)
    return notice is not None
