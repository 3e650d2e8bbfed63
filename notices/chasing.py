"""What happens when no answer comes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from notices.lifecycle import settle
from notices.models import Notice

GRACE = timedelta(days=7)  # how long after the due time we still expect an answer


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
