"""When a phrase about a number may be said (statistics.md, section 6): exact, on unrounded values."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

AROUND = Fraction(5, 1000)  # half a point
ALMOST = Fraction(95, 100)
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(%|/\s*\d+)?\Z")


@dataclass(frozen=True)
class Amount:
    """A stated number: its value (0.9 for 90%), its printed places, and whether it is a share of a whole."""

    value: Fraction
    places: int
    is_share: bool


def amount(text: str) -> Amount:
    """“90%”, “33.3%”, “1/3”, “9/10” or a count such as “10,700”; raises `ValueError` for anything else."""
    found = _AMOUNT.match(text.strip()[:40])
    if not found:
        raise ValueError(f"“{text[:40]}” is no number: write 90%, 33.3%, 1/3 or 10,700.")
    whole, decimals, unit = found[1].replace(",", ""), found[2] or "", found[3] or ""
    number, places = Fraction(whole + decimals), max(len(decimals) - 1, 0)
    if unit.startswith("/"):
        below = int(unit[1:])
        if not below:
            raise ValueError(f"“{text}” divides by nothing: write a fraction such as 1/3.")
        return Amount(number / below, places, is_share=True)
    return Amount(number / 100 if unit else number, places, is_share=bool(unit))


@dataclass(frozen=True)
class Phrase:
    """`words` as they are printed before the number; `rule` in words; `holds(true, stated)` decides."""

    words: str
    rule: str
    holds: Callable[[Fraction, Amount], bool]


def half_up(value: Fraction, places: int) -> Decimal:
    """The value to so many places, halves up."""
    step = Decimal(1).scaleb(-places)
    twice = value * 2 * 10**places
    return (Decimal((twice.numerator // twice.denominator + 1) // 2) * step).quantize(step, ROUND_HALF_UP)


def is_printed_as(true: Fraction, stated: Amount) -> bool:
    """Whether the true value is printed so: rounded half up, but 0% and 100% only where they are exact."""
    scale = 100 if stated.is_share else 1
    if stated.is_share and stated.value in (0, 1):
        return true == stated.value
    return half_up(true * scale, stated.places) == half_up(stated.value * scale, stated.places)


def _is_around(true: Fraction, stated: Amount) -> bool:
    margin = AROUND if stated.is_share else stated.value * AROUND
    return abs(true - stated.value) <= margin


PHRASES: dict[str, Phrase] = {
    "over": Phrase("more than", "the unrounded value is greater", lambda true, stated: true > stated.value),
    "at_least": Phrase(
        "at least", "the unrounded value is equal or greater", lambda true, stated: true >= stated.value
    ),
    "under": Phrase("less than", "the unrounded value is smaller", lambda true, stated: true < stated.value),
    "at_most": Phrase(
        "at most", "the unrounded value is equal or smaller", lambda true, stated: true <= stated.value
    ),
    "around": Phrase("around", "within half a point; for a count, within half a per cent of it", _is_around),
    "almost": Phrase(
        "almost",
        "below the number, by no more than a twentieth of it",
        lambda true, stated: ALMOST * stated.value <= true < stated.value,
    ),
    "exactly": Phrase(
        "", "the value rounded half up to the printed places; 0% and 100% only if exact", is_printed_as
    ),
    "up": Phrase("up", "(later - earlier) / earlier from unrounded values, rounded half up", is_printed_as),
    "down": Phrase(
        "down",
        "(earlier - later) / earlier from unrounded values, rounded half up",
        lambda true, stated: is_printed_as(-true, stated),
    ),
}
CHANGES = ("up", "down")
CAUSAL = (
    "because of", "because", "led to", "leading to", "thanks to", "due to", "as a result of", "resulted in",
    "owing to", "caused by", "in response to", "following our", "after our", "drove", "driven by",
)  # fmt: skip
