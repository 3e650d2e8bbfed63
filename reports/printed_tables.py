"""The tables as they stand on paper: an interval in one column, marks before their numbers, revised cells known."""

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from accounts.showing import percent, places_for
from reports import drawing
from reports.showing import base_mark
from reports.tabulation import NOTHING, Cell, Share, Table, printed, tables

LOWER, UPPER, INTERVAL = "95% from", "95% to", "95% interval"
LOW_BASE, REVISED, ABSENT = "low base", "[r]", "absent"
FIRST, END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
LONG = 26
MOST_UPRIGHT = 9  # columns
MONTH = re.compile(r"\b(\d{4})-(\d{2})\b")


@dataclass(frozen=True)
class Printed:
    """A cell's text with the marks before it; `drawing` is an SVG of rate and interval, as base64."""

    text: str
    marks: tuple[str, ...] = ()
    drawing: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it may take two lines, as the name of a row."""
        return len(self.text) > LONG


@dataclass(frozen=True)
class PrintedTable:
    """Each row begins with what it is about."""

    code: str
    title: str
    heads: tuple[str, ...]
    rows: list[list[Printed]]
    note: str

    @property
    def is_wide(self) -> bool:
        """Whether it needs a page that lies on its side."""
        return len(self.heads) > MOST_UPRIGHT

    @property
    def is_drawn(self) -> bool:
        return any(cell.drawing for _, _, cell in self.cells())

    def cells(self) -> Iterator[tuple[str, str, Printed]]:
        """Row, column and cell of everything but the rows' names."""
        for name, *row in self.rows:
            yield from ((name.text, head, cell) for head, cell in zip(self.heads[1:], row, strict=True))


class Revision(NamedTuple):
    """A printed cell that is not what the edition before printed."""

    table: str
    row: str
    column: str
    before: str
    now: str


def on_paper(document: Mapping[str, Any], platforms: Mapping[str, str]) -> list[PrintedTable]:
    """Every table of a document; `platforms` are names by slug."""
    names = {slug: f"{FIRST}{name}{END}" if _turns(name) else name for slug, name in platforms.items()}
    return [laid_out(table) for table in tables(document, names)]


def _turns(text: str) -> bool:
    """Whether some of it is written from right to left, and so could pull along what stands beside it."""
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def laid_out(table: Table) -> PrintedTable:
    """One table as it stands on paper."""
    at = table.heads.index(LOWER) if LOWER in table.heads else 0
    heads = (*table.heads[:at], INTERVAL, *table.heads[at + 2 :]) if at else table.heads
    return PrintedTable(table.code, table.title, heads, [_row(row, at) for row in table.rows], table.note)


def _row(row: Sequence[Cell], at: int) -> list[Printed]:
    cells = [Printed(MONTH.sub(_month, str(row[0]))), *(_cell(cell) for cell in row[1:])]
    if at:
        cells[at : at + 2] = [_interval(row[at - 1], row[at], row[at + 1])]
    return cells


def _month(found: re.Match[str]) -> str:
    return f"{date(int(found[1]), int(found[2]), 1):%b %Y}"


def _cell(cell: Cell) -> Printed:
    if isinstance(cell, Share) and isinstance(cell.value, float) and base_mark(cell.of) == "low":
        return Printed(percent(cell.value, places_for(cell.of)), (LOW_BASE,))
    return Printed(printed(cell))


def _interval(rate: Cell, low: Cell, high: Cell) -> Printed:
    shares = [cell for cell in (rate, low, high) if isinstance(cell, Share)]
    values = [share.value for share in shares if isinstance(share.value, float)]
    if len(values) < len(shares) or base_mark(shares[0].of) == "few":
        return Printed(NOTHING)
    places = places_for(shares[0].of)
    text = f"{percent(values[1], places)} to {percent(values[2], places)}"
    return Printed(text, drawing=base64.b64encode(drawing.strip(*values).encode()).decode())


def revisions(before: list[PrintedTable], now: list[PrintedTable]) -> list[Revision]:
    """What is printed otherwise than before, in the order of the new tables; then rows that are gone."""
    old, new = _by_place(before), _by_place(now)
    places = [*new, *(place for place in old if place not in new)]
    found = (Revision(*place, old.get(place, ABSENT), new.get(place, ABSENT)) for place in places)
    return [each for each in found if each.before != each.now]


def _by_place(several: list[PrintedTable]) -> dict[tuple[str, str, str], str]:
    return {(table.title, row, head): cell.text for table in several for row, head, cell in table.cells()}


def marked(several: list[PrintedTable], changes: Iterable[Revision]) -> list[PrintedTable]:
    """The tables with [r] at every cell that was revised."""
    places = {change[:3] for change in changes}
    return [
        replace(
            table,
            rows=[
                [name, *(_marked(cell, (table.title, name.text, head) in places) for head, cell in pairs)]
                for name, pairs in (
                    (row[0], zip(table.heads[1:], row[1:], strict=True)) for row in table.rows
                )
            ],
        )
        for table in several
    ]


def _marked(cell: Printed, is_revised: bool) -> Printed:
    return replace(cell, marks=(*cell.marks, REVISED)) if is_revised else cell
