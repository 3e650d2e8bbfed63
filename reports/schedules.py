"""Editions that the clock prepares: of every month or quarter, once its default known-by has passed."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework.transitions import TransitionNotAllowed
from reports import editions
from reports.facts import Scope
from reports.models import EditionStatus, Frequency, Rounding, Schedule, Threshold
from reports.periods import Period
from reports.publication import default_as_at, default_known_by, periods

MOST_AT_ONCE = 24  # editions that one look of the clock prepares of one schedule


def add(
    *,
    title: str,
    frequency: Frequency,
    since: date,
    by: User,
    at: datetime | None = None,
    platform: str = "",
    category: str = "",
    kind: str = "",
    channel: str = "",
    language: str = "",
    severity: str = "",
    grouped_by: str = "",
    threshold: int = Threshold.FIVE,
    rounding: int = Rounding.NONE,
) -> Schedule:
    """A schedule whose first period is the month that holds `since`, or the quarter."""
    require(by, Permission.PREPARE_EDITION)
    months_in = (since.month - 1) % 3 if frequency == Frequency.QUARTERLY else 0
    return Schedule.objects.create(
        title=title,
        frequency=frequency,
        since=date(since.year, since.month - months_in, 1),
        platform=platform,
        category=category,
        kind=kind,
        channel=channel,
        language=language,
        severity=severity,
        grouped_by=grouped_by,
        threshold=threshold,
        rounding=rounding,
        created_by=by,
        created_at=at or timezone.now(),
    )


def stop(schedule: Schedule, *, by: User, at: datetime | None = None) -> Schedule:
    """Prepare nothing more; what it has prepared stays. Raises `TransitionNotAllowed` if it has stopped."""
    require(by, Permission.PREPARE_EDITION)
    with transaction.atomic():
        locked = Schedule.objects.select_for_update().get(pk=schedule.pk)
        if locked.stopped_at:
            raise TransitionNotAllowed("The schedule has stopped already.", status="stopped")
        locked.stopped_at, locked.stopped_by = at or timezone.now(), by
        locked.save(update_fields=["stopped_at", "stopped_by"])
    schedule.refresh_from_db()
    return schedule


def prepare_due(at: datetime | None = None) -> int:
    """Prepare what is due and not there yet, each period once however often this runs; returns how many."""
    at = at or timezone.now()
    return sum(
        _prepare(pk, at) for pk in Schedule.objects.filter(stopped_at=None).values_list("pk", flat=True)
    )


@transaction.atomic
def _prepare(pk: int, at: datetime) -> int:
    schedule = Schedule.objects.select_for_update(of=("self",)).get(pk=pk)
    there = set(schedule.editions.exclude(status=EditionStatus.DISCARDED).values_list("first", flat=True))
    due = periods(schedule.frequency, schedule.since, until=at - editions.SETTLED)
    missing = [period for period in due if period.first not in there][:MOST_AT_ONCE]
    for period in missing:
        _draft(schedule, period, at)
    return len(missing)


def _draft(schedule: Schedule, period: Period, at: datetime) -> None:
    as_at = default_as_at(period)
    editions.draft(
        Scope(period, as_at, default_known_by(as_at), **schedule.filters),
        by=None,
        at=at,
        schedule=schedule,
        title=f"{schedule.title}: {named(schedule.frequency, period)}",
        grouped_by=schedule.grouped_by,
        threshold=schedule.threshold,
        rounding=schedule.rounding,
    )


def named(frequency: str, period: Period) -> str:
    """January 2026, or 2026 Q1."""
    first = period.first
    if frequency == Frequency.MONTHLY:
        return f"{first:%B %Y}"
    return f"{first.year} Q{(first.month + 2) // 3}"
