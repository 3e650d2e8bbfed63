"""Times as spreadsheets write them: who opens a table may get their country's form in place of ours; pure."""

import re
from datetime import datetime

from django.utils import timezone

from accounts import limits
from casework.import_rows import read_time

CLOCK = r"(?:[\s,T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:\.0+)?)?(?:\s*(?P<half>[AP])\.?M\.?)?)?"
YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[/.](?P<first>\d{{1,2}})[/.](?P<second>\d{{1,2}}){CLOCK}", re.IGNORECASE
)
YEAR_LAST = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){CLOCK}",
    re.IGNORECASE,
)
NO_TIME = "“{text}” is no time; write it like 2026-03-01T14:30+00:00."
TWO_DAYS = "“{text}” can be {one:%-d %B} or {other:%-d %B}; write it like {one:%Y-%m-%d}."
QUOTED = 60


def read(text: str) -> datetime:
    """The time that a cell says; without a zone it is Europe/London. Raises `ValueError` with a sentence.

    With full stops the day stands first; with strokes only what cannot be read as another day is taken.
    """
    at = read_time(text) or _as_countries_write(text)
    if at is None:
        raise ValueError(NO_TIME.format(text=text[:QUOTED]))
    if why := limits.far_off(at):
        raise ValueError(why)
    return at


def _as_countries_write(text: str) -> datetime | None:
    if found := YEAR_FIRST.fullmatch(text):
        return _at(found, month=int(found["first"]), day=int(found["second"]))
    if (found := YEAR_LAST.fullmatch(text)) is None:
        return None
    first, second = int(found["first"]), int(found["second"])
    day_first = _at(found, month=second, day=first)
    month_first = _at(found, month=first, day=second) if found["mark"] != "." else None
    if day_first and month_first and day_first != month_first:
        raise ValueError(TWO_DAYS.format(text=text[:QUOTED], one=day_first, other=month_first))
    return day_first or month_first


def _at(found: re.Match[str], *, month: int, day: int) -> datetime | None:
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (found["half"].upper() == "P")
    try:
        return timezone.make_aware(datetime(int(found["year"]), month, day, hour, minute))
    except (ValueError, OverflowError):
        return None
