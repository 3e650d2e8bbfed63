"""Times that stand in a text, in the languages of the letters; pure."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from accounts import limits

ZONE = ZoneInfo("Europe/London")
MONTHS = (
    "jan(?:uary|uar|vier)?|janv|يناير", "feb(?:ruary|ruar)?|février|févr?|فبراير", "mar(?:ch|s)?|märz|مارس",
    "apr(?:il)?|avril|avr|أبريل|ابريل", "may|mai|مايو", "june?|juni|juin|يونيو", "july?|juli|juillet|juil|يوليو",
    "aug(?:ust)?|août|aout|أغسطس", "sep(?:t|tember|tembre)?|سبتمبر", "o[ck]t(?:ober|obre)?|أكتوبر",
    "nov(?:ember|embre)?|نوفمبر", "de[czs](?:ember|embre)?|déc(?:embre)?|ديسمبر",
)  # fmt: skip
_MONTH = "|".join(f"(?P<m{number}>{words})" for number, words in enumerate(MONTHS, start=1))
_TIME = (
    r"(?:[\sT,]*(?:at|um|à|الساعة)?\s*(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})(?::\d{2})?(?:\s*Uhr)?"
    r"\s*(?P<zone>UTC|GMT|Z|[+-]\d{2}:?\d{2})?)?"
)
FORMS = (
    re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>\d{2})-(?P<day>\d{2})" + _TIME),
    re.compile(r"(?<!\d)(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>20\d\d)(?!\d)" + _TIME),
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:{_MONTH})\.?,?\s+(?P<year>20\d\d)" + _TIME,
        re.I,
    ),
    re.compile(
        rf"(?<!\w)(?:{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,\s+(?P<year>20\d\d)" + _TIME, re.I
    ),
)
INDIC = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")
MOST = 20


def found(text: str) -> list[tuple[datetime, bool]]:
    """Each time in the order of the text, with whether it says the hour; without a zone it is Europe/London."""
    text = text.translate(INDIC)
    places = [(match.start(), match) for form in FORMS for match in form.finditer(text)]
    read = [_read(match) for _, match in sorted(places, key=lambda each: each[0])]
    return list(dict.fromkeys(each for each in read if each is not None))[:MOST]


def _read(match: re.Match[str]) -> tuple[datetime, bool] | None:
    parts = match.groupdict()
    month = parts.get("month") or next(number for number in range(1, 13) if parts.get(f"m{number}"))
    hour, minute = parts["hour"] or 0, parts["minute"] or 0
    try:
        at = datetime(int(parts["year"]), int(month), int(parts["day"]), int(hour), int(minute), tzinfo=UTC)
        at = at.replace(tzinfo=_zone(parts["zone"]))
    except ValueError:
        return None
    return None if limits.far_off(at) else (at, parts["hour"] is not None)


def _zone(said: str | None) -> ZoneInfo | None:
    if said is None:
        return ZONE
    written = "+00:00" if said.upper() in {"UTC", "GMT", "Z"} else said
    return datetime.strptime(written.replace(":", ""), "%z").tzinfo  # type: ignore[return-value]
