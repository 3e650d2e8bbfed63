"""What an import refused, as the same file with one more column: to be corrected and brought in again."""

import csv
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from accounts.cells import Echo, harmless
from casework import store
from casework.models import ItemImport
from casework.spreadsheets import ERROR_COLUMN, Row, read_rows

LONGEST = 32_767


def error_lines(item_import: ItemImport, *, every_row: bool = False) -> Iterator[str]:
    """CSV lines: the file's own columns and `error`, of the refused rows or of all; memory does not grow with either.

    Whatever kind the file was, this is CSV with a mark that spreadsheets understand. A cell that a spreadsheet would
    run stands behind an apostrophe, one longer than a cell can be is cut. What a row has
    too much stands behind its error.
    """
    write = csv.writer(Echo()).writerow
    if item_import.problem and not item_import.rows_done:
        yield from map(write, ([ERROR_COLUMN], [harmless(item_import.problem)]))
        return
    table = read_rows(store.path(item_import.sha256), item_import.filename)
    names = [name for name in table.columns if name != ERROR_COLUMN]
    places = [table.columns.index(name) for name in names]
    yield "\ufeff" + write([*names, ERROR_COLUMN])
    said = _messages(item_import)
    number, message = next(said, (0, ""))
    for row in table.rows:
        if row.number == number:
            yield write(_line(row, places, len(table.columns), message))
            number, message = next(said, (0, ""))
        elif every_row:
            yield write(_line(row, places, len(table.columns), ""))
        elif not number:
            return


def _messages(item_import: ItemImport) -> Iterator[tuple[int, str]]:
    """The rows in error, in the order of the file, each with all that is wrong with it."""
    errors = (error for part in item_import.parts.iterator(chunk_size=1) for error in part.errors)
    for number, found in groupby(errors, key=lambda error: error["row"]):
        yield number, " ".join(_sentence(error) for error in found)


def _sentence(error: dict[str, Any]) -> str:
    return f"{error['column']}: {error['message']}" if error["column"] else error["message"]


def _line(row: Row, places: list[int], width: int, message: str) -> list[str]:
    cells = row.written + [""] * (width - len(row.written))
    return [
        harmless(cell[:LONGEST]) for cell in (*(cells[place] for place in places), message, *cells[width:])
    ]
