"""Calendar days in Europe/London, as half-open intervals of UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.limits import far_off

LONDON = ZoneInfo("Europe/London")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included, as people in London count days; of the years 2000 to 2100."""

    first: date
    last: date

    def __post_init__(self) -> None:
        for day in (self.first, self.last):
            if wrong := far_off(day):
                raise ValueError(f"{day}: {wrong}")
        if self.last < self.first:
            raise ValueError(f"The period ends ({self.last}) before it begins ({self.first}).")

    @property
    def since(self) -> datetime:
        """The period's first instant, in UTC."""
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        """The first instant after the period, in UTC."""
        return midnight(self.last + timedelta(days=1))


def midnight(day: date) -> datetime:
    """The instant at which a day begins in London, in UTC."""
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)


def last_second(day: date) -> datetime:
    """The second with which a day ends in London, in UTC: what a day alone means as an as-at."""
    return midnight(day + timedelta(days=1)) - timedelta(seconds=1)


def day(text: str) -> date:
    """A day written like 2020-01-31, and in no other way; raises `ValueError`, saying so."""
    if not _DAY.match(text):
        raise ValueError(f"“{text}” is not a day: write it like 2020-01-31.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"There is no day “{text}”: check the month and the day.") from None


def instant(text: str) -> datetime:
    """An ISO 8601 time with its zone, in UTC; raises `ValueError`, saying what to write, otherwise."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}” is not a time: write it like 2020-09-03T00:00Z.") from None
    if at.tzinfo is None:
        raise ValueError(f"“{text}” has no time zone: add Z for UTC, or an offset such as +01:00.")
    if wrong := far_off(at):
        raise ValueError(f"“{text}”: {wrong}")
    return at.astimezone(UTC)


def stamp(at: datetime) -> str:
    """An instant as ISO 8601 in UTC, ending in Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
