"""Sheets as an XLSX file; equal sheets give equal bytes."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from reports.sheets import Number, Sheet, Value

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
WIDEST = 60
HEADS = 2  # the row of the heads, from 0
TOP = {"valign": "top"}
TEXT = {**TOP, "text_wrap": True}
HEAD = {**TEXT, "bold": True}
TITLE = {"bold": True, "font_size": 14}


def xlsx(sheets: Sequence[Sheet], *, title: str, created: datetime) -> bytes:
    """The sheets in their order; `created` is what the file says of itself, whenever it is written."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, OPTIONS) as book:
        book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        kept: dict[Any, Any] = {}
        for sheet in sheets:
            _write(book, sheet, kept)
    return stream.getvalue()


def _write(book: Any, sheet: Sheet, kept: dict[Any, Any]) -> None:
    page = book.add_worksheet(sheet.name)
    page.write_string(0, 0, sheet.title, _kept(book, kept, TITLE))
    for column, head in enumerate(sheet.heads):
        page.write_string(HEADS, column, head, _kept(book, kept, HEAD))
    for row, values in enumerate(sheet.rows, HEADS + 1):
        for column, value in enumerate(values):
            _write_value(page, row, column, value, _kept(book, kept, _format_of(value)))
    if sheet.note:
        page.write_string(HEADS + len(sheet.rows) + 2, 0, sheet.note)
    for column, width in enumerate(widths(sheet)):
        page.set_column(column, column, width)
    if sheet.heads:
        page.freeze_panes(HEADS + 1, 1)


def _write_value(page: Any, row: int, column: int, value: Value, form: Any) -> None:
    if isinstance(value, Number):
        page.write_number(row, column, value.value, form)
    elif value:
        page.write_string(row, column, value, form)


def widths(sheet: Sheet) -> list[int]:
    """For each column, in characters, enough for its heads and values."""
    lines = [sheet.heads, *sheet.rows]
    columns = max(1, *map(len, lines))
    longest = [max((_length(line[column]) for line in lines if column < len(line)), default=0)
               for column in range(columns)]  # fmt: skip
    return [min(length, WIDEST) + 2 for length in longest]


def _length(value: Value) -> int:
    return 8 + len(value.format.words) if isinstance(value, Number) else len(value)


def _format_of(value: Value) -> dict[str, Any]:
    if not isinstance(value, Number):
        return TEXT
    form = value.format
    digits = "#,##0" + ("." + "0" * form.places if form.places else "")
    words = f'"{form.words}"' if form.words else ""
    return {**TOP, "num_format": f"{digits}{'%' if form.is_share else ''}{words}"}


def _kept(book: Any, kept: dict[Any, Any], wanted: dict[str, Any]) -> Any:
    """One format of the book for each that is wanted."""
    key = tuple(wanted.items())
    if key not in kept:
        kept[key] = book.add_format(wanted)
    return kept[key]
