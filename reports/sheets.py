"""Tables as the sheets of a spreadsheet: every figure a number with its format, every text harmless."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from accounts.cells import harmless
from accounts.showing import places_for
from reports.disclosure import WITHHELD
from reports.showing import base_mark
from reports.tabulation import Cell, Hours, Share, Table

LONGEST_NAME = 31  # of a sheet in a spreadsheet program
OTHERS = "Others"


class Format(NamedTuple):
    """How a number is shown: its decimal places, whether as a percentage, and words behind it."""

    places: int = 0
    is_share: bool = False
    words: str = ""


@dataclass(frozen=True)
class Number:
    """A number as it is, unrounded; a share as a fraction of 1."""

    value: float
    format: Format


Value = str | Number


class Sheet(NamedTuple):
    """A table with its title above and a note below; the first sheet has no heads."""

    name: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Value]]
    note: str = ""


COUNT, HOURS, PLAIN = Format(), Format(1, words=" hours"), Format(4)
LOW = " (low base)"


def value_of(cell: Cell | float) -> Value:
    """A table's cell as a spreadsheet has it; what is withheld or not to be had stays in words."""
    if isinstance(cell, Share):
        return _share(cell)
    if isinstance(cell, Hours):
        if cell.value is None:
            return "not reached"
        return cell.value if isinstance(cell.value, str) else Number(cell.value, HOURS)
    if isinstance(cell, float):
        return Number(cell, PLAIN)
    if isinstance(cell, int):
        return Number(cell, COUNT)
    return harmless(cell or "")


def _share(cell: Share) -> Value:
    if WITHHELD in (cell.value, cell.of):
        return WITHHELD
    if cell.value is None:
        return "no items"
    mark = base_mark(cell.of)
    if mark == "few":
        return "too few"
    return Number(cell.value, Format(places_for(cell.of), is_share=True, words=LOW if mark else ""))


def sheets(about: Iterable[tuple[str, str]], title: str, tables: Iterable[Table]) -> list[Sheet]:
    """A first sheet that says what the figures are, and one for each table."""
    found = [Sheet("About", harmless(title), (), [[name, harmless(value)] for name, value in about])]
    for table in tables:
        rows = [[value_of(cell) for cell in row] for row in table.rows]
        name = _name(table, {sheet.name for sheet in found})
        code = f" ({table.code})" if table.code else ""
        found.append(Sheet(name, f"{table.title}{code}", table.heads, rows, table.note))
    return found


def _name(table: Table, taken: set[str]) -> str:
    """The statistic's code, or a short title; numbered where several tables have it."""
    room = LONGEST_NAME - len(" 99")
    own = table.code or (table.title if len(table.title) <= room else OTHERS)
    names = [own, *(f"{own} {number}" for number in range(2, len(taken) + 2))]
    return next(name for name in names if name not in taken)


def stated(value: Any) -> Cell | float:
    """A figure of a document as a cell: nothing as nothing, anything else but numbers in words."""
    if value is None or (isinstance(value, int | float | str) and not isinstance(value, bool)):
        return value
    return str(value)
