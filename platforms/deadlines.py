"""When an answer is due: elapsed hours, the paused spans left out. Pure; every time carries its zone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

Span = tuple[datetime, datetime]


def due_at(received_at: datetime, hours: int, paused: Sequence[Span] = ()) -> datetime:
    """Return, in UTC, when an answer is due: `hours` elapsed hours after receipt, paused spans not counted.

    A span (start, end) that begins at or after the due time moves nothing; overlapping spans count once; a
    span that began before `received_at` counts from there. Raises ValueError for a time without zone, a span
    that ends before it starts, or negative hours.
    """
    if hours < 0:
        raise ValueError("The hours to answer cannot be negative.")
    counted_to = _utc(received_at)
    due = counted_to + timedelta(hours=hours)
    for start, end in sorted((_utc(start), _utc(end)) for start, end in paused):
        if end < start:
            raise ValueError("A pause cannot end before it starts.")
        start = max(start, counted_to)
        if start < due and end > start:
            due += end - start
            counted_to = end
    return due


def overdue(due_at: datetime, at: datetime) -> bool:
    """Tell whether the due time has passed at `at`; at the due time itself it has not."""
    return _utc(at) > _utc(due_at)


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("A time needs its zone.")
    return time.astimezone(UTC)
