"""When an answer is due: elapsed time or working time, the paused spans left out. Pure; every time carries its zone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db import models

from platforms.working_days import LONDON, Calendar, is_working

Span = tuple[datetime, datetime]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FOR_EVER = datetime.max.replace(tzinfo=UTC) - 3 * DAY  # room to look at it from every zone


class Unit(models.TextChoices):
    """What the time that a platform takes is counted in."""

    HOURS = "hours", "Hours"
    WORKING_HOURS = "working_hours", "Working hours"
    WORKING_DAYS = "working_days", "Working days"


@dataclass(frozen=True)
class Allowed:
    """How long an answer may take; calendar, zone and office hours count for working time only.

    Without office hours a working day lasts from midnight to midnight in `zone`.
    """

    amount: int
    unit: str = Unit.HOURS
    calendar: str = Calendar.ENGLAND_AND_WALES
    zone: ZoneInfo = LONDON
    opens: time | None = None
    closes: time | None = None


def due_at(received_at: datetime, allowed: Allowed | int, paused: Sequence[Span] = ()) -> datetime:
    """Return, in UTC, when an answer is due: what is `allowed` (or elapsed hours) after receipt, pauses not counted.

    A working day counts in the share of its office hours that has passed, so three working days from Monday at
    11:00 are Thursday at 11:00; what arrives outside office hours arrives when they begin. A span (start, end) that
    begins at or after the due time moves nothing; overlapping spans count once; a span that began before
    `received_at` counts from there. Raises ValueError for a time without zone, a span that ends before it starts,
    or a negative amount.
    """
    if isinstance(allowed, int):
        allowed = Allowed(allowed)
    if allowed.amount < 0:
        raise ValueError("The time to answer cannot be negative.")
    left = Fraction(allowed.amount)
    for start, end in _running(_utc(received_at), paused):
        for opens, closes, whole in _open(allowed, start, end):
            took = Fraction(_microseconds(closes - opens), _microseconds(whole))
            if took >= left:
                return opens + timedelta(microseconds=round(left * _microseconds(whole)))
            left -= took
    raise ValueError("This is never due.")


def overdue(due_at: datetime, at: datetime) -> bool:
    """Tell whether the due time has passed at `at`; at the due time itself it has not."""
    return _utc(at) > _utc(due_at)


def _running(counted_to: datetime, paused: Sequence[Span]) -> Iterator[Span]:
    """The spans after receipt that are not paused, in order; the last has no end."""
    for start, end in sorted((_utc(start), _utc(end)) for start, end in paused):
        if end < start:
            raise ValueError("A pause cannot end before it starts.")
        if end <= counted_to:
            continue
        if start > counted_to:
            yield counted_to, start
        counted_to = end
    yield counted_to, FOR_EVER


def _open(allowed: Allowed, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The parts of a span that count, each with the length of which one is worth one unit."""
    if allowed.unit == Unit.HOURS:
        yield start, end, HOUR
        return
    day, last = (moment.astimezone(allowed.zone).date() for moment in (start, end))
    while day <= last:
        if is_working(day, allowed.calendar):
            opens, closes = office_hours(allowed, day)
            if max(opens, start) < min(closes, end):
                whole = HOUR if allowed.unit == Unit.WORKING_HOURS else closes - opens
                yield max(opens, start), min(closes, end), whole
        day += DAY


def office_hours(allowed: Allowed, day: date) -> Span:
    """From when to when, in UTC, the office is open on a working day; a change of the clocks makes it as it comes."""
    opens = datetime.combine(day, allowed.opens or time.min, tzinfo=allowed.zone)
    closes = datetime.combine(
        day if allowed.closes else day + DAY, allowed.closes or time.min, tzinfo=allowed.zone
    )
    return opens.astimezone(UTC), closes.astimezone(UTC)


def _microseconds(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("A time needs its zone.")
    return time.astimezone(UTC)
