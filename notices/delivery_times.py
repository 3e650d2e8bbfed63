"""When a letter can have left, arrived or come back, and what a person says of it; pure."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.showing import in_a_sentence
from notices.models import Dispatch, Notice

LONGEST_REASON = 300
FUTURE = "This lies in the future."


def check(notice: Notice, *, at: datetime | None, reason: str | None) -> None:
    """Raise `ValidationError`, per field, unless the letter can have arrived or come back at `at`.

    `reason` is None where the desk itself noted it.
    """
    found = {}
    if at is not None and at > timezone.now():
        found["at"] = FUTURE
    elif at is not None and notice.sent_at is not None and at < notice.sent_at:
        found["at"] = f"The notice left on {in_a_sentence(notice.sent_at)}; it cannot be earlier."
    if reason is not None and not reason.strip():
        found["reason"] = "Say how you know."
    elif reason is not None and len(reason) > LONGEST_REASON:
        found["reason"] = f"Write at most {LONGEST_REASON} characters."
    if found:
        raise ValidationError(found)


def check_resolution(dispatch: Dispatch, *, arrived: bool, at: datetime | None, now: datetime) -> None:
    """Raise `ValidationError` unless what became of the letter can have become of it at `at`.

    `arrived` is false for a letter that goes out again: it has no time yet.
    """
    if at is None:
        return
    if not arrived:
        raise ValidationError({"at": "It goes out again, so there is no time to state. Leave this empty."})
    if at > now:
        raise ValidationError({"at": FUTURE})
    if at < dispatch.created_at:
        raise ValidationError(
            {"at": f"The letter was ready on {in_a_sentence(dispatch.created_at)}; it cannot be earlier."}
        )
