"""What no input of the site goes beyond, by page, API or command: the times and the length of a text."""

from datetime import UTC, date, datetime

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
FIRST_YEAR, LAST_YEAR = FIRST_DAY.year, LAST_DAY.year
EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LATEST = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)  # no longer within them
LONGEST_TEXT = 10_000  # characters
TOO_EARLY = f"This is before the year {FIRST_YEAR}: check the year."
TOO_LATE = f"This is after the year {LAST_YEAR}: check the year."
TOO_LONG = "This is longer than {limit:,} characters: shorten it."


def far_off(when: date | datetime) -> str:
    """What is wrong with a day, or a time with its zone, that lies outside the years 2000 to 2100; else nothing."""
    first, last = (EARLIEST, LATEST) if isinstance(when, datetime) else (FIRST_DAY, date(LAST_YEAR + 1, 1, 1))
    if when < first:
        return TOO_EARLY
    return "" if when < last else TOO_LATE


def too_long(limit: int) -> str:
    return TOO_LONG.format(limit=limit)
