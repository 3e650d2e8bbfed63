"""Working days of England and Wales, which the time before a release is counted in.

The bank holidays follow the rules of gov.uk/bank-holidays, with those that were moved or proclaimed since 2000.
"""

from datetime import date, datetime, timedelta
from functools import cache

from reports.periods import LONDON

DAY = timedelta(days=1)
MONDAY = 0
MOVED = {
    date(2002, 5, 27): date(2002, 6, 4),
    date(2012, 5, 28): date(2012, 6, 4),
    date(2020, 5, 4): date(2020, 5, 8),
    date(2022, 5, 30): date(2022, 6, 2),
}
PROCLAIMED = frozenset(
    {
        date(2002, 6, 3),
        date(2011, 4, 29),
        date(2012, 6, 5),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
    }
)


def later(at: datetime, days: int) -> datetime:
    """The same time of day in London, so many working days later; in the zone of `at`."""
    local = at.astimezone(LONDON)
    day = local.date()
    while days:
        day += DAY
        days -= is_working(day)
    return datetime.combine(day, local.time(), tzinfo=LONDON).astimezone(at.tzinfo)


def is_working(day: date) -> bool:
    return not _is_weekend(day) and day not in bank_holidays(day.year)


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The eight of the year, a weekend's on the next free weekday, and what was proclaimed beside them."""
    sunday = easter(year)
    usual = {
        _free(date(year, 1, 1), set()),
        sunday - 2 * DAY,
        sunday + DAY,
        _first_monday(year, 5),
        _first_monday(year, 6) - 7 * DAY,
        _first_monday(year, 9) - 7 * DAY,
    }
    for day in (date(year, 12, 26), date(year, 12, 25)):
        usual.add(_free(day, usual))
    return frozenset({MOVED.get(day, day) for day in usual} | {day for day in PROCLAIMED if day.year == year})


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the rule that J.-M. Oudin gave in 1940."""
    century = year // 100
    golden = year % 19
    moon = (century - century // 4 - (century - (century - 17) // 25) // 3 + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (moon // 28) * (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    distance = moon - weekday
    month = 3 + (distance + 40) // 44
    return date(year, month, distance + 28 - 31 * (month // 4))


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + (MONDAY - first.weekday()) % 7 * DAY


def _free(day: date, taken: set[date]) -> date:
    """The day, or the next that is neither at a weekend nor a holiday already."""
    while _is_weekend(day) or day in taken:
        day += DAY
    return day


def _is_weekend(day: date) -> bool:
    return day.weekday() >= 5
