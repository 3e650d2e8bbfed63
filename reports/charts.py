"""The charts of the figures: each is a small table, from which picture, words and CSV follow alike."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.signing import dumps, loads

from accounts.cells import Echo, harmless
from accounts.showing import percent, places_for
from reports import drawing
from reports.comparison import broken
from reports.measures import NUMERATOR, OUTCOMES
from reports.showing import LEAST_SHOWN
from reports.survival import Curve

SALT = "reports.chart"
ALSO_DOWN = ("DOWN_UPLOADER", "REPORTED_DOWN_UNVERIFIED")
COLUMNS = {  # of each style of drawing; a number that is not whole is a share, but for hours
    "bars": ("Label", "Items"),
    "rates": ("Label", "Taken down", "Of", "Rate", "Low", "High"),
    "trend": ("Month", "Taken down", "Of", "Rate", "95% low", "95% high", "99.8% low", "99.8% high", "Break"),
    "funnel": ("Label", "Taken down", "Of", "Rate", "Outside 99.8%"),
    "curves": ("Curve", "Hours", "Share", "95% low", "95% high"),
}
POINTS = 48  # of one curve: no more can be told apart
SHARE_PLACES, HOUR_PLACES = 4, 2
MOST_TOLD = 12


@dataclass(frozen=True)
class Chart:
    """Rows drawn in one of the styles of `drawing`, which says what each holds; `words` tell them without a picture."""

    style: str
    title: str
    words: str
    rows: Sequence[Sequence[Any]]
    axis: str = ""  # what the hours of curves are counted from

    @classmethod
    def read(cls, token: str) -> "Chart":
        """The chart of an address; raises `BadSignature` for one that we did not sign."""
        return cls(*loads(token, salt=SALT))

    @property
    def token(self) -> str:
        """The chart as part of an address: to draw it needs no database."""
        return dumps([self.style, self.title, self.words, self.rows, self.axis], salt=SALT, compress=True)

    @property
    def columns(self) -> tuple[str, ...]:
        return COLUMNS[self.style]

    def svg(self) -> str:
        return drawing.svg(self.style, self.title, self.words, self.rows, self.axis)

    def table(self) -> list[list[str]]:
        """The rows for people."""
        return [[_shown(*pair) for pair in zip(self.columns, row, strict=False)] for row in self.rows]

    def csv_lines(self) -> Iterator[str]:
        """The header and one line per row, ending in CRLF; shares unrounded as far as they are drawn."""
        writer = csv.writer(Echo())
        yield writer.writerow(self.columns)
        for row in self.rows:
            cells = row[: len(self.columns)]
            yield writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])


def _shown(column: str, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and column != "Hours":
        return percent(value)
    if isinstance(value, int | float):
        return f"{value:,}"
    return "\N{EN DASH}" if value is None else str(value)


def told(title: str, parts: Iterable[str]) -> str:
    """A chart in words."""
    found = list(parts)
    more = f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return f"{title}. {'; '.join(found[:MOST_TOLD]) or 'no items'}{more}."


def counts(title: str, named: Mapping[str, int], tone: Callable[[str], str] = lambda _: "strong") -> Chart:
    """Bars of counts by label."""
    rows = [(label, count, tone(label)) for label, count in named.items()]
    return Chart(
        "bars", title, told(title, (f"{label}: {count:,}" for label, count, _ in rows if count)), rows
    )


def outcomes(found: Mapping[str, int]) -> Chart:
    """S03: dark where it counts in the takedown rate, lighter where only in its highest reading."""
    tones = {OUTCOMES[name]: _tone(name) for name in OUTCOMES}
    named = {OUTCOMES[name]: count for name, count in found.items()}
    return counts("Eligible items by outcome", named, tones.__getitem__)


def _tone(outcome: str) -> str:
    return "strong" if outcome in NUMERATOR else "middle" if outcome in ALSO_DOWN else "quiet"


def rates(title: str, named: Mapping[str, Mapping[str, Any]]) -> Chart:
    """A rate with its interval for each label, from measures with numerator, denominator, rate and interval."""
    rows = [
        (
            label,
            rate["numerator"],
            rate["denominator"],
            *_rounded(rate["rate"], *(rate["interval"] or (None, None))),
        )
        for label, rate in named.items()
    ]
    parts = (f"{label}: {_told_rate(rate, whole)}" for label, _, whole, rate, *_ in rows if whole)
    return Chart("rates", title, told(title, parts), rows)


def _told_rate(rate: float, whole: int) -> str:
    return f"{percent(rate, places_for(whole)) if whole >= LEAST_SHOWN else 'too few'} of {whole:,}"


def trend(title: str, months: Iterable[Mapping[str, Any]]) -> Chart:
    """The rows of `comparison.trend`; the months in which the series breaks carry the number of the break."""
    months = list(months)
    numbers = broken(months)
    rows = [
        (
            row["month"], row["numerator"], row["denominator"],
            *_rounded(row["rate"], *(row["limits_95"] or (None, None)), *(row["limits_998"] or (None, None))),
            numbers.get(row["month"]),
        )
        for row in months
    ]  # fmt: skip
    parts = (
        f"{row[0]}{f' (series break {row[-1]})' if row[-1] else ''}: {_rate_in_words(row[3], row[2])} of {row[2]:,}"
        for row in rows
    )
    return Chart("trend", title, told(title, parts), rows)


def _rate_in_words(rate: float | None, whole: int) -> str:
    return "not due" if rate is None else percent(rate) if whole >= LEAST_SHOWN else "too few"


def funnel(title: str, points: Iterable[tuple[str, Mapping[str, Any]]]) -> Chart:
    """Names with the points of `comparison.funnel`."""
    rows = [
        (name, point["numerator"], point["denominator"], *_rounded(point["rate"]), point["outside"])
        for name, point in points
    ]
    parts = (
        f"{name}: {percent(rate)} of {whole:,}{', outside the limits' if outside else ''}"
        for name, _, whole, rate, outside in rows
    )
    return Chart("funnel", title, told(title, parts), rows)


def curves(
    title: str, named: Mapping[str, Curve], horizon: float, *, since: str, bands: bool = True
) -> Chart:
    """Curves over hours from 0 to the horizon, each thinned to what can be told apart; `since` names the axis."""
    rows = [
        (name, hours, *_rounded(value), *(_rounded(low, high) if bands else (None, None)))
        for name, curve in named.items()
        for hours, value, low, high in _thinned(curve, horizon)
    ]
    parts = (f"{name}: {percent(curve.at(horizon)[0])} at the end" for name, curve in named.items())
    return Chart("curves", title, told(title, parts), rows, since)


def _thinned(curve: Curve, horizon: float) -> Iterator[tuple[float, float, float, float]]:
    """The start, the end, and at most `POINTS` steps between them, spread over the steps of the curve."""
    steps = int(curve.times.searchsorted(horizon, "right"))
    every = max(1, -(-steps // POINTS))
    inner = curve.times[every - 1 : steps : every].tolist()
    for hours in dict.fromkeys([0.0, *inner, horizon]):
        yield round(hours, HOUR_PLACES), *curve.at(hours)


def _rounded(*shares: float | None) -> tuple[float | None, ...]:
    return tuple(None if share is None else round(share, SHARE_PLACES) for share in shares)
