"""A claim in an English sentence, read into fields: pure, from words in `vocabulary.toml` and the names of the desk.

Nothing is guessed silently: what was read is a `Claim` that a person can alter, and what was not read is told.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

from accounts.showing import is_unseen
from casework.reference import TAXONOMY
from platforms.recognition import platforms
from reports.claim_fields import Claim
from reports.days_in_words import DAY, FORMS, VAGUE, Days, read_day, years
from reports.facts import WINDOWS
from reports.numbers_in_words import CHANGES, COUNTS, SHARES, WHOLE, spelt
from reports.phrases import CAUSAL

VOCABULARY = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text(encoding="utf-8"))
LONGEST = 1000
DASHES, QUOTES = "[\u2010-\u2015\u2212]", "[\u2018\u2019`]"
TAKEN = "|"
COMMON_WORDS = frozenset(
    {"line", "signal", "threads", "ok", "web", "onion", "web page", "discord", "x", "twitch"}
)
IMPLIED = {"S06": ("down", "S11 decided"), "S13 reinstated": ("down",), "S13 reappeared": ("down",)}
_WORD = re.compile(r"[\w%£$€]+(?:[-'.,][\w%]+)*")
_AS_AT = re.compile(
    rf"\b(?:as (?:at|of|on)|by|up to)\s+(?:the\s+)?(?P<as_at>20\d\d-\d\d-\d\dt[\d:.]+(?:z|[+-]\d\d:\d\d)|{DAY})"
    r"(?:,?\s+(?:at\s+)?(?P<time>[012]?\d:[0-5]\d(?::[0-5]\d)?)\s*(?P<zone>gmt|utc|bst)\b)?"
)
_OFFSETS = {"gmt": "Z", "utc": "Z", "bst": "+01:00"}
_WINDOW = re.compile(
    r"\b(?:within|inside|in under|in less than|in)\s+(?:the\s+)?(?:first\s+|next\s+)?"
    r"(?P<number>\d+|an?|one|two|three|four|seven|twelve|twenty-four|forty-eight)[\s-]*"
    r"(?P<unit>hours?|hrs?|h|days?|weeks?|minutes?|months?)\b"
    r"(?:\s+(?:of|after|from)\s+(?:the\s+|a\s+|our\s+|being\s+|their\s+)*"
    r"(?:notice|notification|notified|notifying|receipt|receiving|report(?:ed|ing|s)?|referral|referred|flagged|flagging|sent))?"
)
_HOURS = {"h": 1, "d": 24, "w": 168}
_KNOWN_WINDOWS = {int(length.total_seconds()) // 3600: name for name, length in WINDOWS.items()}
_EARLIER = re.compile(r"\b(?:compared (?:with|to)|than|against|on|from)\s+(?:in\s+|the\s+)*$")


@dataclass(frozen=True)
class Reading:
    """What was read of a sentence, and what stands between it and an answer.

    `unread` are words that might change its meaning; `problems` what was understood and cannot be answered as it is;
    `notes` how something was taken; `causal` the words that claim a cause.
    """

    claim: Claim
    unread: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    causal: tuple[str, ...] = ()


@dataclass
class _Left:
    """What of a sentence is still to be read; what is read is struck out."""

    cased: str
    text: str
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def strike(self, found: re.Match[str], group: str | int = 0) -> None:
        start, end = found.span(group)
        gap = TAKEN * (end - start)
        self.cased = self.cased[:start] + gap + self.cased[end:]
        self.text = self.text[:start] + gap + self.text[end:]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.search(self.text)
        if found:
            self.strike(found)
        return found

    def take_words(self, words: Iterable[str]) -> str | None:
        """The first of the words, longest first, that stands in the text."""
        found = self.take(_either(tuple(words)))
        return found[0] if found else None


def read_claim(
    sentence: str, *, names: Mapping[str, Mapping[str, str]] | None = None, today: date | None = None
) -> Reading:
    """The claim that the sentence makes. `names` adds words for slugs under “platforms” and “categories”.

    A day without a year is the first one not before the period's end; `today` ends what is said to go on since then.
    """
    left = _left(sentence)
    today = today or date.today()
    as_at = left.take(_AS_AT)
    window = _window(left)
    period, earlier = _periods(left, today)
    if vague := left.take(VAGUE):
        left.problems.append(f"“{vague[0]}” depends on the day on which it is said: give the days.")
    phrase, value = _number(left)
    claim = Claim(phrase=phrase, value=value, window=window, **_first_last(period), **_earlier(earlier))
    claim = replace(claim, as_at=_as_at(as_at, period, today), **_scope(left, names or {}))
    causal = tuple(iter(lambda: left.take_words(CAUSAL), None))
    claim = replace(claim, statistic=_statistic(left, claim))
    return Reading(claim, tuple(_unread(left)), tuple(left.problems), tuple(left.notes), causal)


def _left(sentence: str) -> _Left:
    """The sentence in plain spelling: unseen characters out, one kind of dash and quote, “%” for per cent."""
    text = "".join(" " if is_unseen(letter) else letter for letter in sentence[:LONGEST])
    text = re.sub(DASHES, "-", re.sub(QUOTES, "'", text))
    text = re.sub(r"\s*(?:per\s?-?cent\b|percent\b|pc\b)", "%", text, flags=re.IGNORECASE)
    text = re.sub(r"\bX\b", "Twitter", re.sub(r"\s+", " ", text))
    return _Left(text, "".join(low if len(low := letter.lower()) == 1 else letter for letter in text))


@cache
def _either(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")


def _window(left: _Left) -> str:
    found = left.take(_WINDOW)
    if not found:
        return ""
    hours = spelt(found["number"]) * _HOURS.get(found["unit"][0], 0)
    if hours not in _KNOWN_WINDOWS:
        left.problems.append(f"“{found[0].strip()}” is not computed: ask about {', '.join(WINDOWS)}.")
    return _KNOWN_WINDOWS.get(hours, "")


def _periods(left: _Left, today: date) -> tuple[Days | None, Days | None]:
    """The period, and the earlier one that it is compared with."""
    period = earlier = None
    is_change = any(form.pattern.search(left.text) for form in CHANGES)
    for pattern, read in FORMS:
        if is_change and read is years:
            continue
        while found := pattern.search(left.text):
            days, before = read(found, today), left.text[: found.start()]
            left.strike(found)
            if days is None:
                left.problems.append(f"“{found[0]}” is no day or period.")
            elif is_change and earlier is None and _EARLIER.search(before):
                earlier = days
            elif period is None:
                period = days
            elif days != period:
                left.problems.append(f"Two periods are named; “{found[0]}” was not read.")
    return period, earlier


def _first_last(period: Days | None) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()} if period else {}


def _earlier(period: Days | None) -> dict[str, str]:
    return {f"earlier_{name}": day for name, day in _first_last(period).items()}


def _as_at(found: re.Match[str] | None, period: Days | None, today: date) -> str:
    if not found:
        return ""
    text = found["as_at"]
    if "t" in text[8:13] and text[:4].isdigit():
        return text.upper()
    base = period.last if period else today
    days = (read_day(text, year=base.year), read_day(text, year=base.year + 1))
    on = next((day.isoformat() for day in days if day and day >= base), (days[0] or base).isoformat())
    return f"{on}T{found['time'].zfill(5)}{_OFFSETS[found['zone']]}" if found["time"] else on


def _number(left: _Left) -> tuple[str, str]:
    """The phrase and the value as a form has them."""
    for forms in (CHANGES, SHARES, WHOLE, COUNTS):
        for form in forms:
            if found := form.pattern.search(left.text):
                left.strike(found)
                if form.note and not found.groupdict().get("qualifier"):
                    left.notes.append(f"“{found[0].strip()}”: {form.note}")
                return form.read(found)
    return "", ""


def _scope(left: _Left, names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    found = {
        "category": _category(left, {**_words("categories"), **names.get("categories", {})}),
        "platform": _platform(left, {**_words("platforms"), **names.get("platforms", {})}),
        "kind": _named(left, _words("kinds")),
        "channel": _named(left, _words("channels")),
    }
    return {name: slug for name, slug in found.items() if slug}


def _named(left: _Left, words: Mapping[str, str]) -> str:
    word = left.take_words(words)
    return words[word] if word else ""


def _category(left: _Left, words: Mapping[str, str]) -> str:
    """The most specific of the categories named; two that are no parent and child are a problem."""
    found: list[str] = []
    while slug := _named(left, words):
        found.append(slug)
    parents = _parents()
    specific = [slug for slug in dict.fromkeys(found) if slug not in {parents.get(other) for other in found}]
    if len(specific) > 1:
        left.problems.append(f"Two categories are named, {' and '.join(specific)}: ask about one at a time.")
    return specific[0] if specific else ""


def _platform(left: _Left, words: Mapping[str, str]) -> str:
    """A name that is also an English word must begin with a capital."""
    clear = {word: slug for word, slug in words.items() if word not in COMMON_WORDS}
    if slug := _named(left, clear):
        return slug
    names = {word.capitalize(): slug for word, slug in words.items() if word in COMMON_WORDS}
    found = _either(tuple(names)).search(left.cased) if names else None
    if not found:
        return ""
    left.strike(found)
    return names[found[0]]


def _statistic(left: _Left, claim: Claim) -> str:
    """S04 to S17 by the verb; “notified” alone is S01. A number of removals is S17."""
    words = {word: name for name, words in VOCABULARY["statistics"].items() for word in words}
    found = {}
    while word := left.take_words(words):
        found[word] = words[word]
    named = [name for name in dict.fromkeys(found.values()) if name != "S01"]
    implied = {other for name in named for other in IMPLIED.get(name, ())}
    named = [name for name in named if name not in implied]
    if len(named) > 1:
        left.problems.append("More than one thing is said of the items: ask about one at a time.")
    if not named:
        return "S01" if found else ""
    if named[0] != "down":
        return named[0]
    if claim.window:
        return "S05"
    if claim.is_change:
        return "S04" if any("rate" in word for word in (*found, left.text)) else "S17"
    return "S04" if not claim.value or (claim.amount.is_share and not claim.is_change) else "S17"


def _unread(left: _Left) -> Iterator[str]:
    while left.take_words(VOCABULARY["everything"]["words"]):
        pass
    for word in _WORD.finditer(left.text):
        if word[0] not in VOCABULARY["everything"]["filler"]:
            yield left.cased[word.start() : word.end()]


@cache
def _words(what: str) -> Mapping[str, str]:
    """Words for slugs: those of the vocabulary, and the names that a fresh installation has."""
    words = {word: slug for slug, words in VOCABULARY[what].items() for word in words}
    if what == "platforms":
        words |= {rules.name.lower(): rules.slug for rules in platforms()}
    if what == "categories":
        for slug, entry in _taxonomy():
            words |= {entry.lower(): slug, slug.replace("_", " "): slug, slug.replace("_", "-"): slug}
        words.pop("other")
    return words


def _taxonomy() -> Iterator[tuple[str, str]]:
    for slug, entry in tomllib.loads(TAXONOMY.read_text(encoding="utf-8"))["category"].items():
        yield slug, entry["name"]
        yield from entry["children"].items()


@cache
def _parents() -> Mapping[str, str]:
    categories = tomllib.loads(TAXONOMY.read_text(encoding="utf-8"))["category"]
    return {child: slug for slug, entry in categories.items() for child in entry["children"]}
