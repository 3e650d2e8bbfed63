"""Disclosure control of tables of counts (statistics.md, section 5): pure functions.

A withheld count is shown as “c”. Counts from 1 to one below the threshold are withheld, and others with them so that
none is got back by subtraction from row and column totals. Zeros are shown, unless nothing else protects a count.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from reports.protection import Arc, is_small, withheld

WITHHELD = "c"
THRESHOLD = 5
THRESHOLDS = (3, 5, 8, 10)
BASE = 5
Cells = dict[tuple[Hashable, Hashable], Any]  # counts, or “c”


class Disclosure(NamedTuple):
    """What two published tables give away together: `cell` of `outer` less `inner` is the small count `found`."""

    outer: str
    inner: str
    cell: Hashable
    found: int


def suppress(
    table: Any,
    threshold: int = THRESHOLD,
    *,
    totals: bool | None = None,
    also: Collection[tuple[Hashable, Hashable]] = (),
) -> Any:
    """The table in the same shape, with “c” for what must be withheld.

    A table is a list of rows of counts, or a mapping of rows to mappings of columns to counts; a single row, flat, is
    a table too. Where each row's last count is the sum of the others, it is the row's total, and so for the last row;
    `totals` says that both are there, or not, where it must not be told from the numbers. Totals that are not in the
    table are taken to be known to the reader. `also` names cells to withhold for another reason. Raises `ValueError`
    for what is no table of counts.
    """
    if threshold < 1:
        raise ValueError(f"The threshold {threshold} is too small: counts below it are withheld.")
    if not table:
        return type(table)()
    flat = not _is_nested(table)
    cells = _cells([table] if flat else table)
    hidden = withheld(_arcs(cells, *_margins(cells, totals)), threshold, also)
    shown = {key: WITHHELD if key in hidden else count for key, count in cells.items()}
    return _shaped([table], shown)[0] if flat else _shaped(table, shown)


def rounded(table: Any, base: int = BASE) -> Any:
    """The table with each count, totals too, rounded by itself to the nearest multiple of the base, halves up."""
    if not table:
        return type(table)()
    flat = not _is_nested(table)
    shown = {key: round_to(count, base) for key, count in _cells([table] if flat else table).items()}
    return _shaped([table], shown)[0] if flat else _shaped(table, shown)


def round_to(count: int, base: int = BASE) -> int:
    return (2 * count + base) // (2 * base) * base


def differencing(
    tables: Mapping[str, Any], nested: Iterable[tuple[str, str]], threshold: int = THRESHOLD
) -> list[Disclosure]:
    """What each pair of an outer and an inner table, of this release or an earlier one, gives away by subtraction.

    `tables` holds the tables as published, “c” included, each by its name; a pair's cells are compared by their
    place. An earlier release of the same scope is an inner table: what was added since is the difference.
    """
    published = {name: _cells(table if _is_nested(table) else [table]) for name, table in tables.items()}
    found = []
    for outer, inner in nested:
        for cell, count in published[outer].items():
            less = published[inner].get(cell, WITHHELD)
            if WITHHELD not in (count, less) and is_small(abs(count - less), threshold):
                found.append(Disclosure(outer, inner, cell, abs(count - less)))
    return found


def uncovered(tables: Mapping[str, Any], alike: Iterable[tuple[str, str]]) -> list[tuple[str, str, Hashable]]:
    """Cells that one of two tables of the same scope withholds and the other shows: (withheld by, shown by, cell)."""
    published = {name: _cells(table if _is_nested(table) else [table]) for name, table in tables.items()}
    return [
        (one, other, cell)
        for first, second in alike
        for one, other in ((first, second), (second, first))
        for cell, count in published[one].items()
        if count == WITHHELD and published[other].get(cell, WITHHELD) != WITHHELD
    ]


def _is_nested(table: Any) -> bool:
    rows = table.values() if isinstance(table, Mapping) else table
    return any(isinstance(row, Mapping) or (isinstance(row, Sequence) and row != WITHHELD) for row in rows)


def _cells(table: Any) -> Cells:
    """Every count by row and column; raises `ValueError` naming the place of what is none."""
    cells = {(row, column): count for row, counts in _pairs(table) for column, count in _pairs(counts)}
    for (row, column), count in cells.items():
        if count != WITHHELD and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
            raise ValueError(
                f"Row {row}, column {column}: {count!r} is no count: give a whole number from 0."
            )
    if not isinstance(table, Mapping) and len({len(row) for row in table}) > 1:
        raise ValueError("The rows are not of one length: give each row a count for every column.")
    return cells


def _pairs(values: Any) -> Iterable[tuple[Hashable, Any]]:
    if isinstance(values, Mapping):
        return values.items()
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValueError(f"{values!r} is no row of counts.")
    return enumerate(values)


def _shaped(table: Any, shown: Mapping[tuple[Hashable, Hashable], Any]) -> Any:
    rows = {
        row: {column: shown[row, column] for column, _ in _pairs(counts)}
        if isinstance(counts, Mapping)
        else [shown[row, column] for column, _ in _pairs(counts)]
        for row, counts in _pairs(table)
    }
    return rows if isinstance(table, Mapping) else [*rows.values()]


def _margins(cells: Cells, totals: bool | None) -> tuple[set[Hashable], set[Hashable]]:
    """The row and the column that hold totals; none where they are not there."""
    rows, columns = _names(cells)
    if totals is not None:
        return ({rows[-1]}, {columns[-1]}) if totals else (set(), set())
    across = len(columns) > 2 and all(
        cells.get((row, columns[-1])) == sum(cells.get((row, column), 0) for column in columns[:-1])
        for row in rows
    )
    down = len(rows) > 2 and all(
        cells.get((rows[-1], column)) == sum(cells.get((row, column), 0) for row in rows[:-1])
        for column in columns
    )
    return {rows[-1]} if down else set(), {columns[-1]} if across else set()


def _names(cells: Cells) -> tuple[list[Hashable], list[Hashable]]:
    return [*dict.fromkeys(row for row, _ in cells)], [*dict.fromkeys(column for _, column in cells)]


def _arcs(cells: Cells, of_rows: set[Hashable], of_columns: set[Hashable]) -> Iterable[Arc]:
    """The table as a network: a row's total feeds the row, the row its columns, and these feed their totals.

    `of_rows` is the row of totals, `of_columns` the column of totals. With a single row, a column's total would be the
    count itself: then nothing is known of the columns.
    """
    rows, columns = _names(cells)
    first, last = ("first", "last") if of_rows and of_columns else ("outside", "outside")
    one_row = len(rows) == 1
    one_column = len(columns) == 1
    for (row, column), count in cells.items():
        row_node = "outside" if one_column else ("row", row)
        column_node = "outside" if one_row else ("column", column)
        if row in of_rows and column in of_columns:
            yield Arc((row, column), last, first, count)
        elif row in of_rows:
            yield Arc((row, column), column_node, last, count)
        elif column in of_columns:
            yield Arc((row, column), first, row_node, count)
        else:
            yield Arc((row, column), row_node, column_node, count)
