"""What the report tells, in its order: key figures, then chapters of a sentence, a picture and tables."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from accounts.showing import duration, percent, places_for
from reports import charts
from reports.article_22 import NOTE, TITLE
from reports.charts import Chart
from reports.disclosure import WITHHELD
from reports.printed_tables import LOW_BASE, PrintedTable
from reports.showing import LEAST_SHOWN, WINDOW_NAMES, base_mark
from reports.wording import said, units

Document = Mapping[str, Any]
WIDTH = re.compile(r'<svg[^>]* width="([\d.]+)"')
SCALE = 174 / 640  # millimetres on paper for a pixel of a picture
BARS_NOTE = (
    "Dark bars count in the takedown rate, hatched ones only in its highest reading, light ones in neither."
)
RATES_NOTE = "Lines are 95% intervals. A rate is shown from ten items on."
NO_RANKING = (
    "In order of name: this is no ranking. They differ in what they were notified of, and the 95% intervals are not"
    " adjusted for how many there are."
)
# the codes of each chapter's tables
ORDER = (("S03",), ("S05", "S08"), ("S04",), ("S02",), ("",), ("S18", "S17"), ("S20",))
TITLES = (
    "What became of the items", "How soon items came down", "{groups}", "Items left out",
    "Beside the takedown rate", "Still live, and removals in the period", TITLE,
)  # fmt: skip


class Card(NamedTuple):
    """A key figure: what it is, the figure, what it is of, and the marks beside it."""

    title: str
    figure: str
    beside: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A chart with a title that says what it shows; `source` is its SVG as base64, `width` in millimetres."""

    title: str
    words: str
    note: str
    source: str
    width: float


@dataclass(frozen=True)
class Chapter:
    """`anchor` is its name in the table of contents."""

    anchor: str
    title: str
    tables: list[PrintedTable]
    lead: str = ""
    pictures: list[Picture] = field(default_factory=list)

    @property
    def is_wide(self) -> bool:
        """Whether it stands on pages that lie on their side."""
        return any(table.is_wide for table in self.tables)


def cards(document: Document) -> list[Card]:
    """Taken down to date and within two windows, and what was left up or still awaits a decision."""
    total = document["groups"][0]
    outcomes, eligible = total["S03"]["outcomes"], total["S03"]["eligible"]
    refused, pending = outcomes["REFUSED"], outcomes["PENDING"]
    within = [
        _rate(f"Taken down within {WINDOW_NAMES[name]}", "S05", total["S05"][name], "items due")
        for name in ("7d", "24h")
    ]
    beside = f"of {counted(eligible)} eligible items: {counted(refused)} refused, {counted(pending)} awaiting (S03)"
    still = WITHHELD if WITHHELD in (refused, pending) else refused + pending
    left = Card("Left up, or awaiting a decision", counted(still), beside)
    return [_rate("Taken down to date", "S04", total["S04"], "eligible items"), *within, left]


def _rate(title: str, code: str, rate: Mapping[str, Any], what: str) -> Card:
    """The count alone where a percentage would say too little, or is withheld."""
    part, whole = counted(rate["numerator"]), rate["denominator"]
    if WITHHELD in (part, whole, rate["rate"]):
        return Card(
            title, WITHHELD, f"{part} of {counted(whole)} {what} ({code}); “c” stands for what is withheld"
        )
    if whole < LEAST_SHOWN:
        return Card(title, f"{part} of {whole:,}", f"{what} ({code}); too few for a percentage")
    places = places_for(whole)
    low, high = (percent(limit, places) for limit in rate.get("cluster_interval") or rate["interval"])
    beside = f"{part} of {whole:,} {what} ({code}); 95% interval {low} to {high}"
    return Card(title, percent(rate["rate"], places), beside, (LOW_BASE,) if base_mark(whole) else ())


def counted(count: int | str) -> str:
    """The count; “c” stays what it is."""
    return count if isinstance(count, str) else f"{count:,}"


def chapters(document: Document, tables: list[PrintedTable]) -> list[Chapter]:
    """Each table in one chapter; those that no chapter names come last."""
    named = {code for codes in ORDER for code in codes}
    parts = [[table for table in tables if table.code in codes] for codes in ORDER]
    groups = " and ".join(document["groups"][1]["group"]) if document["groups"][1:] else ""
    leads = _leads(document)
    found = [
        Chapter(f"chapter-{place}", title.format(groups=f"By {groups}"), part, leads.get(place, ""))
        for place, (title, part) in enumerate(zip(TITLES, parts, strict=True), 1)
        if part
    ]
    others = [table for table in tables if table.code not in named]
    for chapter, pictures in ((found[0], [_outcomes(document)]), (found[1], [_windows(document)])):
        chapter.pictures.extend(pictures)
    return [*found, *([Chapter("chapter-0", _further(others), others)] if others else [])]


def _further(tables: list[PrintedTable]) -> str:
    return tables[0].title if len(tables) == 1 else "Further figures"


def _leads(document: Document) -> dict[int, str]:
    """By the chapter's place: the sentences before its tables."""
    total = document["groups"][0]
    notified, eligible = total["S01"]["notified_items"], total["S03"]["eligible"]
    leads = {2: said(document, total, "S05", "7d"), 3: NO_RANKING, 7: NOTE}
    if WITHHELD not in (notified, eligible):
        left_out = f"{notified - eligible:,} of {notified:,} items notified are left out of every rate"
        leads[4] = f"{left_out}, each for the first reason that fits."
    return leads


def main_points(document: Document) -> Iterator[str]:
    """What to know of the headline before it is quoted, beyond the headline itself; nothing that is withheld."""
    total = document["groups"][0]
    s01, s04, eligible = total["S01"], total["S04"], total["S03"]["eligible"]
    sizes = [_sized(s01[name], what) for name, what in (("notified_items", "item"), ("notices", "notice"))]
    yield f"{' in '.join(sizes)} and {_sized(s01['chasers'], 'chaser')}; {counted(eligible)} eligible."
    if isinstance(s04["low"], float) and isinstance(s04["high"], float) and eligible >= LEAST_SHOWN:
        low, high = (percent(s04[name], places_for(eligible)) for name in ("low", "high"))
        yield (
            f"Taken down to date (S04), at the lowest reading {low}: only removals that are the platform's beyond"
            f" doubt. At the highest {high}: also the uploader's, and those said but not checked since."
        )
    least, median = (s04["follow_up_hours"][name] for name in ("minimum", "median"))
    if isinstance(median, float | int):
        at_least = f"at least {_length(least)}, " if isinstance(least, float | int) else ""
        yield (
            f"Follow-up: {at_least}half of the items longer than {_length(median)}. Rates to date of periods with"
            " other follow-up cannot be compared."
        )
    if isinstance(s04["largest_notice_share"], float):
        yield f"{percent(s04['largest_notice_share'])} of the eligible items left with one notice."


def _sized(count: int | str, what: str) -> str:
    return f"{counted(count)} {what}{'' if count == 1 else 's'}"


def _length(hours: float) -> str:
    return duration(timedelta(hours=hours))


def _outcomes(document: Document) -> Picture:
    total = document["groups"][0]
    outcomes, s04 = total["S03"]["outcomes"], total["S04"]
    shown = {name: count for name, count in outcomes.items() if count != WITHHELD}
    told = (s04["numerator"], s04["denominator"], outcomes["REFUSED"], outcomes["PENDING"])
    title = "Eligible items by outcome, of those that are shown"
    if WITHHELD not in told:
        down, whole, refused, pending = told
        title = (
            f"{down:,} of {whole:,} {units(total, whole)} were down; {refused:,} had been left up and {pending:,}"
            " awaited a decision"
        )
    return _picture(title, charts.outcomes(shown), BARS_NOTE)


def _windows(document: Document) -> Picture:
    total = document["groups"][0]
    rates = {words: total["S05"][name] for name, words in WINDOW_NAMES.items()}
    shown = {words: rate for words, rate in rates.items() if WITHHELD not in (rate["rate"], rate["interval"])}
    part, whole = (total["S05"]["7d"][name] for name in ("numerator", "denominator"))
    title = "Taken down within a window, of those that are shown"
    if WITHHELD not in (part, whole):
        title = f"{part:,} of {whole:,} {units(total, whole)} were down within 7 days"
    return _picture(title, charts.rates("Taken down within a window", shown), RATES_NOTE)


def _picture(title: str, chart: Chart, note: str) -> Picture:
    svg = chart.svg()
    width = WIDTH.search(svg)
    assert width
    source = base64.b64encode(svg.encode()).decode()
    return Picture(title, chart.words, note, source, round(float(width[1]) * SCALE, 1))
