"""Numbers with their phrases as people write them: “more than 90%”, “almost a third”, “nine in ten”, “up 12%”."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SPELT = {
    "a": 1, "an": 1, "hundred": 100,
    **{word: number for number, word in enumerate(_UNITS)},
    **{word: number for number, word in zip(range(20, 100, 10), _TENS, strict=True)},
}  # fmt: skip
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5,
    "sixth": 6, "sixths": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10,
}  # fmt: skip
_WORDS = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(reversed(_UNITS))}"
    r"|(?:one |a )?hundred)"
)
QUALIFIERS = {
    "over": (
        "more than", "over", "above", "in excess of", "upwards of", "exceeding", "greater than", "just over",
        "well over",
    ),
    "at_least": (
        "at least", "no less than", "not less than", "no fewer than", "not fewer than", "a minimum of",
    ),
    "under": ("less than", "fewer than", "under", "below", "well under"),
    "at_most": ("at most", "no more than", "not more than", "a maximum of", "up to"),
    "around": ("around", "about", "roughly", "approximately", "circa", "some", "in the region of"),
    "almost": ("almost", "nearly", "close to", "just under", "approaching", "just short of"),
    "exactly": ("exactly", "precisely"),
}  # fmt: skip
_PHRASE_OF = {words: phrase for phrase, several in QUALIFIERS.items() for words in several}
_Q = rf"(?:\b(?P<qualifier>{'|'.join(sorted(_PHRASE_OF, key=len, reverse=True))})\s+)?"
_COUNT = r"(?P<count>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?:\s?(?P<times>million|thousand|hundred|k|m)\b)?"
_TIMES = {"million": 10**6, "m": 10**6, "thousand": 1000, "k": 1000, "hundred": 100}
_NUMBER = r"(?P<number>\d+(?:\.\d+)?)\s?%"
_NO_VERB = "".join(
    rf"(?<!{word} )"
    for word in [
        "taken",
        "brought",
        "pulled",
        "came",
        "come",
        "took",
        "take",
        "left",
        "kept",
        "taking",
        "comes",
    ]
)


@dataclass(frozen=True)
class Form:
    """A way to write a number: `read` gives phrase and value; `note` says how it was taken, where that is a choice."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], tuple[str, str]]
    note: str = ""


def spelt(text: str) -> int:
    """The number of digits or words up to a hundred; 0 for none."""
    if text.isdigit():
        return int(text)
    if "hundred" in text:
        return 100
    return sum(_SPELT.get(word, 0) for word in re.split(r"[ -]", text))


def _phrase(found: re.Match[str], otherwise: str = "exactly") -> str:
    return _PHRASE_OF[found["qualifier"]] if found["qualifier"] else otherwise


def _per_cent(found: re.Match[str]) -> tuple[str, str]:
    return _phrase(found), f"{found['number']}%"


def _per_cent_in_words(found: re.Match[str]) -> tuple[str, str]:
    return _phrase(found), f"{spelt(found['number'])}%"


def _so_many_in(found: re.Match[str]) -> tuple[str, str]:
    return _phrase(found, "around"), f"{spelt(found['part'])}/{max(spelt(found['whole']), 1)}"


def _part(found: re.Match[str]) -> tuple[str, str]:
    return _phrase(found, "around"), f"{spelt(found['number'] or 'a')}/{_PARTS[found['part']]}"


def _count(found: re.Match[str]) -> tuple[str, str]:
    digits, times = found["count"].replace(",", ""), _TIMES.get(found["times"] or "", 1)
    whole, _, decimals = digits.partition(".")
    if times == 1:
        return _phrase(found), digits
    zeros = str(times)[1:]
    return _phrase(found), str(int(whole + decimals + zeros[len(decimals) :]))


def _always(phrase: str, value: str) -> Callable[[re.Match[str]], tuple[str, str]]:
    return lambda _: (phrase, value)


def _changed(phrase: str) -> Callable[[re.Match[str]], tuple[str, str]]:
    return lambda found: (phrase, f"{found['number']}%")


_ABOUT = "taken as around, since no places are printed."
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_RISE = rf"\b(?:{_NO_VERB}up|rose|risen|increased|grew|grown|increase|rise)(?: (?:by|of))? {_NUMBER}"
_FALL = rf"\b(?:{_NO_VERB}down|fell|fallen|dropped|decreased|declined|decrease|fall|drop)(?: (?:by|of))? {_NUMBER}"
_OUT_OF = (
    rf"\b(?P<part>{_WORDS}|\d+) (?:in|out of)(?: every)? (?P<whole>{_WORDS}|\d+)\b(?! hours| days| weeks)"
)


def _form(pattern: str, read: Callable[[re.Match[str]], tuple[str, str]], note: str = "") -> Form:
    return Form(re.compile(pattern), read, note)


CHANGES = (
    _form(_RISE, _changed("up")),
    _form(rf"{_NUMBER} (?:increase|rise|more|higher|up)\b", _changed("up")),
    _form(_FALL, _changed("down")),
    _form(rf"{_NUMBER} (?:decrease|fall|drop|fewer|lower)\b", _changed("down")),
    _form(r"\b(?:doubled|twice as many)\b", _always("up", "100%")),
    _form(r"\bhalved\b", _always("down", "50%")),
)
SHARES = (
    _form(rf"{_Q}(?<![\d.,]){_NUMBER}", _per_cent),
    _form(rf"{_Q}\b(?P<number>{_WORDS})\s?%", _per_cent_in_words),
    _form(rf"{_Q}{_OUT_OF}", _so_many_in, _ABOUT),
    _form(rf"{_Q}\b(?:(?P<number>an?|{_WORDS}|\d+)[ -])?(?P<part>{_PART})\b", _part, _ABOUT),
    _form(
        r"\bthe (?:vast |overwhelming )?majority\b|\bmost\b",
        _always("over", "50%"),
        "taken as more than half.",
    ),
)
WHOLE = (
    _form(r"\b(?:none|not one|not a single|zero|nothing)\b", _always("exactly", "0%")),
    _form(r"\bevery(?: single)?\b|\beach\b|\beverything\b", _always("exactly", "100%")),
)
COUNTS = (
    _form(rf"{_Q}(?<![\d.,£$-])\b{_COUNT}(?![\d%])", _count),
    _form(rf"{_Q}\ball\b", lambda found: (_phrase(found), "100%")),
    _form(r"^no\b", _always("exactly", "0%")),
)
