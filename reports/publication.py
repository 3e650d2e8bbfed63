"""When figures are released by default (statistics.md, section 4), and the months and quarters they are about."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from platforms import working_days
from reports.models import Frequency
from reports.periods import Period, midnight

FOLLOW_UP = timedelta(days=28)
WORKING_DAYS = 3
MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3}
DECEMBER = 12


def default_as_at(period: Period) -> datetime:
    """The end of the 28th day after the period, by London's calendar; in UTC."""
    return midnight(period.last + timedelta(days=1) + FOLLOW_UP)


def default_known_by(as_at: datetime) -> datetime:
    """Three working days of England and Wales after the as-at, at the same time of day in London."""
    return working_days.later(as_at, WORKING_DAYS)


def is_provisional(period: Period, as_at: datetime, known_by: datetime) -> bool:
    """Whether figures come earlier than by default, and so carry the mark [p]."""
    return as_at < default_as_at(period) or known_by < default_known_by(as_at)


def periods(frequency: str, since: date, *, until: datetime) -> Iterator[Period]:
    """The months or quarters from `since` on whose default known-by is at or before `until`."""
    months = MONTHS[Frequency(frequency)]
    first = since
    while True:
        following = _months_later(first, months)
        period = Period(first, following - timedelta(days=1))
        if default_known_by(default_as_at(period)) > until:
            return
        yield period
        first = following


def _months_later(day: date, months: int) -> date:
    passed = day.month - 1 + months
    return date(day.year + passed // DECEMBER, passed % DECEMBER + 1, 1)
