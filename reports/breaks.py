"""Series breaks (S19): recording them, withdrawing them, and those that a figure spans."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.limits import far_off, too_long
from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.transitions import TransitionNotAllowed
from reports.facts import Scope
from reports.models import SeriesBreak
from reports.models.series_break import LONGEST_CHANGE

MOST_TOLD = 3  # notes above one figure


def add(*, day: date, what: str, by: User, platform: str = "", at: datetime | None = None) -> SeriesBreak:
    """Record that the series breaks on that day of Europe/London; white space in `what` is made single.

    Raises `ValidationError` by field for an empty or long text, or a day outside the years 2000 to 2100.
    """
    require(by, Permission.PREPARE_EDITION)
    at, what = at or timezone.now(), " ".join(what.split())
    if wrong := far_off(day):
        raise ValidationError({"day": wrong})
    if not what.strip(". "):
        raise ValidationError({"what": "Say what changed."})
    if len(what) > LONGEST_CHANGE:
        raise ValidationError({"what": too_long(LONGEST_CHANGE)})
    with transaction.atomic():
        added = SeriesBreak.objects.create(day=day, what=what, platform=platform, added_by=by, added_at=at)
        events.record("break.added", by=by, at=at, details={"break": str(added)})
    return added


def withdraw(found: SeriesBreak, *, reason: str, by: User, at: datetime | None = None) -> SeriesBreak:
    """Mark no figure with it any more. Raises `TransitionNotAllowed` if it is withdrawn already."""
    require(by, Permission.PREPARE_EDITION)
    at, reason = at or timezone.now(), reason.strip()
    if not reason:
        raise ValidationError({"reason": "Say why."})
    with transaction.atomic():
        locked = SeriesBreak.objects.select_for_update().get(pk=found.pk)
        if locked.withdrawn_at:
            raise TransitionNotAllowed("The series break is withdrawn already.", status="withdrawn")
        locked.withdrawn_at, locked.withdrawn_by, locked.withdrawal_reason = at, by, reason
        locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        events.record("break.withdrawn", by=by, at=at, reason=reason, details={"break": str(locked)})
    found.refresh_from_db()
    return found


def spanned(*scopes: Scope) -> list[SeriesBreak]:
    """The breaks inside the days from the scopes' first to their last, by day, as they were known by then.

    A period that begins with the day of a break lies on one side of it. A break of one platform counts for all of
    them together too, and between two platforms.
    """
    known_by = max(scope.known_by for scope in scopes)
    found = SeriesBreak.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=known_by),
        added_at__lte=known_by,
        day__gt=min(scope.period.first for scope in scopes),
        day__lte=max(scope.period.last for scope in scopes),
    )
    platforms = {scope.platform for scope in scopes}
    if "" not in platforms:
        found = found.filter(platform__in=["", *platforms])
    return list(found.order_by("day", "pk"))


def by_month(breaks: Iterable[SeriesBreak]) -> dict[str, str]:
    """What changed, by the month of its day, as `comparison.trend` takes it."""
    months: dict[str, list[str]] = {}
    for each in breaks:
        months.setdefault(f"{each.day:%Y-%m}", []).append(str(each))
    return {month: "; ".join(told) for month, told in months.items()}


def warnings(breaks: Iterable[SeriesBreak]) -> list[str]:
    """A sentence for each break that a figure spans, and one for those that there is no room for."""
    told = [f"The series breaks on {each}; compare only within each part." for each in breaks]
    more = len(told) - MOST_TOLD
    return (
        told
        if more < 1
        else [*told[:MOST_TOLD], f"It breaks {more} more time{'s' if more > 1 else ''} later."]
    )
