"""Opening and closing a case."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.urls import get_script_prefix, resolve, reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import Case, CaseStatus
from casework.transitions import TransitionNotAllowed

REFERENCE = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z",
    "Begin with a letter or a digit, and use only letters, digits, dots, hyphens and underscores.",
)


def open_case(
    reference: str, *, title: str, description: str = "", by: User, at: datetime | None = None
) -> Case:
    """A new case; raises `ValidationError` for a reference that is taken or malformed."""
    require(by, Permission.OPEN_CASE)
    at = at or timezone.now()
    reference = reference.strip()
    case = Case(reference=reference, title=title.strip(), description=description, opened_at=at, opened_by=by)
    if reference and (why := _unfit(reference)):
        raise ValidationError({"reference": why})
    case.full_clean()
    with transaction.atomic():
        case.save(force_insert=True)
        events.record("case.opened", by=by, at=at, case=case, new=CaseStatus.OPEN)
    return case


def _unfit(reference: str) -> str:
    """Why a case of this reference could not be reached by its address; "" if it can."""
    try:
        REFERENCE(reference)
    except ValidationError as error:
        return str(error.messages[0])
    address = reverse("casework:case_detail", args=[reference]).removeprefix(get_script_prefix())
    if resolve(f"/{address}").url_name == "case_detail":
        return ""
    return f"“{reference}” is the address of another page; choose a different reference."


def close_case(case: Case, *, reason: str, by: User, at: datetime | None = None) -> Case:
    """Close a case none of whose items is still being worked on."""
    require(by, Permission.CLOSE_CASE)
    at = at or timezone.now()
    with transaction.atomic():
        locked = Case.objects.select_for_update().get(pk=case.pk)
        if locked.status == CaseStatus.CLOSED:
            raise TransitionNotAllowed(f"Case {case.reference} is closed already.", status=locked.status)
        if unfinished := locked.items.open().count():
            raise TransitionNotAllowed(
                f"Case {case.reference} has {unfinished} items still open; close or set them aside first.",
                status=locked.status,
            )
        locked.status, locked.closed_at, locked.closed_by = CaseStatus.CLOSED, at, by
        locked.save(update_fields=["status", "closed_at", "closed_by"])
        events.record(
            "case.closed",
            by=by,
            at=at,
            case=locked,
            old=CaseStatus.OPEN,
            new=CaseStatus.CLOSED,
            reason=reason,
        )
    case.refresh_from_db()
    return case
