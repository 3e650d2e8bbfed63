"""How addresses, times and figures read on a page, as plain functions; the template tags only dress them."""

import re
import unicodedata
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

# Drawn as nothing or as a space although they are letters, marks or symbols to Unicode.
_DRAWN_AS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_HTTP = re.compile(r"https?$", re.IGNORECASE)
_BARE_DOT = re.compile(r"(?<!\[)\.(?!\])")
_HOST = re.compile(r"^((?:[a-z][a-z0-9+-]*:)?[/\\]*)([^/\\?#]*)", re.IGNORECASE)
_SCHEME = re.compile(r"https?(?=:)", re.IGNORECASE)
# The status codes of mail servers (RFC 3463) are no addresses: nobody makes a link of three numbers.
_DOT_INSIDE = re.compile(r"(?<![\w./:@-])([245]\.\d{1,3}\.\d{1,3})(?![\w.:/-])|(?<=[^\s.\[])\.(?=\w)")
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def defang(text: str) -> str:
    """Return `https://x.com/a?u=http://b.c` as `hxxps://x[.]com/a?u=hxxp://b[.]c`: no program links it.

    The one way in which addresses are broken; `platforms.notation.refang` reads it back, letter for letter.
    """
    *heads, last = (_without_dots(part) for part in text.split("://"))
    return "://".join([*(_HTTP.sub(_hxxp, head) for head in heads), last])


def defang_words(text: str) -> str:
    """Return `see x.com. Then http://b.c` as `see x[.]com. Then hxxp://b[.]c`: every dot inside a word is broken."""
    return _DOT_INSIDE.sub(lambda found: found[1] or "[.]", _SCHEME.sub(_hxxp, text))


def _hxxp(scheme: re.Match[str]) -> str:
    return scheme[0].replace("t", "x").replace("T", "X")


def _without_dots(text: str) -> str:
    """Break the host's dots, behind a scheme and slashes of any kind; dots broken already stay so."""
    return _HOST.sub(lambda host: host[1] + _BARE_DOT.sub("[.]", host[2]), text, count=1)


def in_a_sentence(at: datetime) -> str:
    """Return a time with its zone, in Europe/London: `25 November 2026 at 08:04 GMT`."""
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y} at {local:%H:%M %Z}"


def is_unseen(letter: str) -> bool:
    """Whether a reader would not see the character, or would see those around it in another order."""
    return (
        letter in _DRAWN_AS_NOTHING
        or unicodedata.category(letter) in _UNSEEN_CATEGORIES
        or (unicodedata.category(letter) == "Zs" and letter != " ")
    )


def named(letter: str) -> str:
    """Return what Unicode calls the character, `RIGHT-TO-LEFT OVERRIDE`."""
    return unicodedata.name(letter, "a control or unassigned character")


def duration(length: timedelta) -> str:
    """Return the length in its two greatest units, rounded down: `2 days 3 hours`, `less than a minute`."""
    left = int(abs(length).total_seconds())
    words = []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
        if len(words) == 2 or (words and not count):
            break
    return " ".join(words) or "less than a minute"


def roughly(length: timedelta) -> str:
    """Return the length at a glance, rounded down: minutes below an hour, hours below two days, then days."""
    minutes = int(abs(length).total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    hours = minutes // 60
    count, unit = (
        (minutes, "minute") if hours < 1 else (hours, "hour") if hours < 48 else (hours // 24, "day")
    )
    return f"{count} {unit}{'' if count == 1 else 's'}"


def percent(rate: float | None, places: int = 1) -> str:
    """Return 0.4745 as `47.5%`: half up, and never 0% or 100% unless exactly so. No rate is `no rate`."""
    if rate is None:
        return "no rate"
    exact = Decimal(str(rate)) * 100
    step = Decimal(1).scaleb(-places)
    shown = exact.quantize(step, ROUND_HALF_UP)
    if shown == 100 and exact < 100:
        shown -= step
    elif shown == 0 and exact > 0:
        shown += step
    return f"{shown}%"


def places_for(denominator: int) -> int:
    """One decimal from a base of 100, none below."""
    return 1 if denominator >= 100 else 0


def until(due: datetime, at: datetime, warn: timedelta) -> tuple[str, str]:
    """Return a deadline's words and its tone: later, `soon` (within `warn`) or `late`. Both carry a zone."""
    left = due - at
    if left < timedelta(0):
        return f"Overdue by {roughly(left)}", "late"
    return f"Due in {roughly(left)}", "soon" if left <= warn else "later"
