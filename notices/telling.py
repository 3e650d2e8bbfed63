"""Speaking with a platform about a notice: a call or a meeting, noted beside the letter.

A notice on which a life may depend leaves at once and waits for no call; but somebody telephones as well, before or
after, and until the note is there it stands in a list of its own and cannot be closed.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.transitions import TransitionNotAllowed
from notices.delivery_times import FUTURE, LONGEST_REASON
from notices.models import CONVERSATIONS, DeliveryKind, DeliveryRecord, Notice, NoticeStatus

UNREADY = (NoticeStatus.DRAFT, NoticeStatus.AWAITING_APPROVAL, NoticeStatus.DISCARDED)


def tell(notice: Notice, *, how: str, at: datetime, reason: str, by: User) -> Notice:
    """Note that `by` told the platform of the notice at `at`: `how` is telephone or meeting, `reason` what was said.

    It is no receipt of the letter, and T0 stays. Raises `TransitionNotAllowed` before the letter is approved,
    `ValidationError` per field.
    """
    require(by, Permission.SEND_NOTICE)
    with transaction.atomic():
        locked = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if locked.status in UNREADY:
            raise TransitionNotAllowed(
                f"{locked} is {locked.get_status_display().lower()}; what may be told is what was approved.",
                status=locked.status,
            )
        if found := _problems(locked, how, at, reason):
            raise ValidationError(found)
        kind = DeliveryKind(how)
        DeliveryRecord.objects.create(notice=locked, kind=kind, at=at, reason=reason.strip(), by=by)
        events.record(
            "notice.told", by=by, at=at, notice=locked.reference, reason=reason.strip(),
            details={"how": kind.value},
        )  # fmt: skip
    return notice


def _problems(notice: Notice, how: str, at: datetime, reason: str) -> dict[str, str]:
    found = {}
    if how not in CONVERSATIONS:
        found["how"] = "Choose telephone or meeting."
    if at > timezone.now():
        found["at"] = FUTURE
    elif at < notice.drafted_at:
        found["at"] = "The notice was drafted later than that."
    if not reason.strip():
        found["reason"] = "Say whom you spoke with, and what they said."
    elif len(reason) > LONGEST_REASON:
        found["reason"] = f"Write at most {LONGEST_REASON} characters."
    return found
