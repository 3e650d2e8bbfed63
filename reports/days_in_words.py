"""Days and periods as people write them in English sentences: “28 July”, “Q2 2026”, “January to May 2020”."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:20\d\d)"
_TO = r"\s*(?:to|and|until|till|through|-)\s*"
DAY = (
    rf"(?:{_YEAR}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?)"
)
_QUARTERS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "last": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
_ORDINAL = "|".join(_QUARTERS)


@dataclass(frozen=True)
class Days:
    """The first and the last day of a period."""

    first: date
    last: date


def read_day(text: str, *, year: int | None = None) -> date | None:
    """The day; `year` is taken where it is not written. None if there is no such day."""
    if iso := re.fullmatch(rf"({_YEAR})-(\d\d)-(\d\d)", text):
        return _date(*(int(part) for part in iso.groups()))
    found_year, month = re.search(_YEAR, text), re.search(_MONTH, text)
    number = re.search(r"(?<!\d)\d{1,2}(?!\d)", text)
    written = int(found_year[0]) if found_year else year
    if not (written and month and number):
        return None
    return _date(written, _month(month[0]), int(number[0]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(text: str) -> int:
    return next(place for place, name in enumerate(MONTHS, 1) if name.startswith(text[:3]))


def _months(year: int, first: int, last: int) -> Days:
    return Days(date(year, first, 1), date(year, last, monthrange(year, last)[1]))


def _between_days(found: re.Match[str], today: date) -> Days | None:
    last = read_day(found["last"], year=today.year)
    first = read_day(found["first"], year=last.year) if last else None
    return Days(first, last) if first and last and first <= last else None


def _between_months(found: re.Match[str], today: date) -> Days | None:
    last_year = int(found["last_year"])
    first = date(int(found["first_year"] or last_year), _month(found["first"]), 1)
    last = _months(last_year, _month(found["last"]), _month(found["last"])).last
    return Days(first, last) if first <= last else None


def _year_to(found: re.Match[str], today: date) -> Days:
    """“The year to March 2026”: the twelve months that end with it."""
    year, month = int(found["year"]), _month(found["month"])
    last = date(year, month, monthrange(year, month)[1])
    return Days((last + timedelta(days=1)).replace(year=(last + timedelta(days=1)).year - 1), last)


def _quarter(found: re.Match[str], today: date) -> Days:
    number = _QUARTERS.get(found["quarter"]) or int(found["quarter"])
    return _months(int(found["year"]), 3 * number - 2, 3 * number)


def _half(found: re.Match[str], today: date) -> Days:
    second = found["half"] in {"second", "2", "2nd", "last"}
    return _months(int(found["year"]), 7 if second else 1, 12 if second else 6)


def _business_year(found: re.Match[str], today: date) -> Days | None:
    """“2025-26”, from April to March."""
    year = int(found["year"])
    if (year + 1) % 100 != int(found["next"][-2:]):
        return None
    return Days(date(year, 4, 1), date(year + 1, 3, 31))


def _since(found: re.Match[str], today: date) -> Days | None:
    text = found["since"]
    if re.fullmatch(_YEAR, text):
        first: date | None = date(int(text), 1, 1)
    elif re.fullmatch(rf"{_MONTH}\s+{_YEAR}", text):
        first = date(int(text[-4:]), _month(text), 1)
    else:
        first = read_day(text, year=today.year)
    return Days(first, today) if first and first <= today else None


def _one_month(found: re.Match[str], today: date) -> Days:
    return _months(int(found["year"]), _month(found["month"]), _month(found["month"]))


def years(found: re.Match[str], today: date) -> Days | None:
    first, last = int(found["first"]), int(found["last"])
    return Days(date(first, 1, 1), date(last, 12, 31)) if first <= last else None


def _one_day(found: re.Match[str], today: date) -> Days | None:
    day = read_day(found["day"], year=today.year)
    return Days(day, day) if day else None


def _one_year(found: re.Match[str], today: date) -> Days:
    return _months(int(found["year"]), 1, 12)


_FORMS: tuple[tuple[str, Callable[[re.Match[str], date], Days | None]], ...] = (
    (rf"(?P<first>{DAY}){_TO}(?P<last>{DAY})", _between_days),
    (
        rf"(?P<first>{_MONTH})(?:\s+(?P<first_year>{_YEAR}))?{_TO}(?P<last>{_MONTH})\s+(?P<last_year>{_YEAR})",
        _between_months,
    ),
    (
        rf"(?:12 months|twelve months|year) (?:to|ending|ended)\s+(?:in\s+)?(?P<month>{_MONTH})\s+(?P<year>{_YEAR})",
        _year_to,
    ),
    (rf"(?P<year>{_YEAR})\s*,?\s*q(?P<quarter>[1-4])", _quarter),
    (rf"q(?P<quarter>[1-4])\s*(?:of\s+|,\s*)?(?P<year>{_YEAR})", _quarter),
    (rf"(?P<quarter>{_ORDINAL}) quarter\s*(?:of|in|,)?\s*(?P<year>{_YEAR})", _quarter),
    (rf"(?P<year>{_YEAR})\s*h(?P<half>[12])", _half),
    (rf"h(?P<half>[12])\s*(?:of\s+)?(?P<year>{_YEAR})", _half),
    (rf"(?P<half>first|second|last) half (?:of|in)\s*(?P<year>{_YEAR})", _half),
    (rf"(?:financial year\s+)?(?P<year>{_YEAR})\s*[-/]\s*(?P<next>(?:20)?\d\d)(?!\d|-)", _business_year),
    (rf"since\s+(?P<since>{DAY}|{_MONTH}\s+{_YEAR}|{_YEAR})", _since),
    (rf"(?P<first>{_YEAR})\s*(?:to|and|until)\s*(?P<last>{_YEAR})", years),
    (rf"(?P<day>{DAY})", _one_day),
    (rf"(?P<month>{_MONTH})\s+(?P<year>{_YEAR})", _one_month),
    (rf"(?P<year>{_YEAR})", _one_year),
)  # fmt: skip
FORMS = tuple((re.compile(rf"(?<![\d,.£$-]){form}(?![\d%]|,\d)"), read) for form, read in _FORMS)
VAGUE = re.compile(
    r"\b(?:(?:last|this|past|previous|next|current) (?:year|month|quarter|week|summer|winter|spring|autumn)"
    r"|(?:in |over |during )?the (?:last|past) (?:\w+ )?(?:years?|months?|weeks?|days?)|so far(?: this year)?"
    r"|recently|to date|yesterday|today|since (?:taking office|the (?:general )?election|coming to power))\b"
)
