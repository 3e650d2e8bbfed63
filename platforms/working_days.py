"""Working days of the United Kingdom: Monday to Friday without the bank holidays of one of its parts.

The bank holidays are those of the package `holidays`, which needs no network; the tests hold them against the dates
that gov.uk published.
"""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from django.db import models

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
SATURDAY = 5


class Calendar(models.TextChoices):
    """Whose bank holidays are no working days."""

    ENGLAND_AND_WALES = "england_and_wales", "England and Wales"
    SCOTLAND = "scotland", "Scotland"
    NORTHERN_IRELAND = "northern_ireland", "Northern Ireland"


PART = {Calendar.ENGLAND_AND_WALES: "ENG", Calendar.SCOTLAND: "SCT", Calendar.NORTHERN_IRELAND: "NIR"}


def later(at: datetime, days: int) -> datetime:
    """The same time of day in London, so many working days of England and Wales later; in the zone of `at`."""
    local = at.astimezone(LONDON)
    day = local.date()
    while days:
        day += DAY
        days -= is_working(day)
    return datetime.combine(day, local.time(), tzinfo=LONDON).astimezone(at.tzinfo)


def is_working(day: date, calendar: str = Calendar.ENGLAND_AND_WALES) -> bool:
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year, calendar)


@cache
def bank_holidays(year: int, calendar: str = Calendar.ENGLAND_AND_WALES) -> frozenset[date]:
    """Those of the year that fall on a weekday; a weekend's is kept on the weekday that stands in for it."""
    known = holidays.country_holidays("GB", subdiv=PART[Calendar(calendar)], years=year)
    return frozenset(day for day in known if day.year == year and day.weekday() < SATURDAY)
