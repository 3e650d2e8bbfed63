"""Rows of a CSV, XLSX, ODS or text file, streamed and mistrusted: never a formula run, never half a file."""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO

COLUMNS = ("address", "category", "note", "language", "found_at", "kind", "platform", "priority", "source")
ERROR_COLUMN = "error"  # what a file of refused rows has more; passed over when it comes back corrected
MOST_ROWS = 1_000_000
MOST_EMPTY = 1_000_000
MOST_CELL = 32_767  # what a spreadsheet cell can hold
MOST_LINE = 4 * 1024**2
ZIPPED = {".xlsx", ".ods"}
KNOWN = {".csv", ".txt", *ZIPPED}
ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
STRAY = re.compile("[\udc80-\udcff]")  # a byte that was no UTF-8
HOME = Path(__file__).resolve().parent.parent
READER = (sys.executable, "-s", "-E", "-m", "casework.sheet_reader")

Source = Path | bytes
Raw = Iterator[tuple[int, list[str]]]

csv.field_size_limit(MOST_LINE)


class FileRefused(Exception):
    """The file cannot be trusted as a whole; `row` and `column` name the place where there is one."""

    def __init__(self, message: str, *, code: str, row: int = 0, column: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.row, self.column = message, code, row, column


@dataclass(slots=True)
class Row:
    """One row below the header: its number in the file (from 1) and its cells, or why it cannot be read.

    `column` names the cell that `problem` is about, if it is about one; `written` is the row as the file has it.
    """

    number: int
    cells: dict[str, str]
    problem: str = ""
    code: str = ""
    column: str = ""
    written: list[str] = field(default_factory=list, compare=False)


@dataclass
class Table:
    columns: list[str]
    rows: Iterator[Row]


@dataclass(frozen=True)
class Header:
    """The columns that a table may have, and those that it must."""

    known: Sequence[str]
    required: Sequence[str]


ITEMS = Header(COLUMNS, ("address",))


def read_rows(source: Source, filename: str, header: Header = ITEMS) -> Table:
    """The table in a file; raises `FileRefused` for what is no table, rows are read as they are asked for.

    The rows too may raise it: at the first that is no CSV or no UTF-8, or past the last that is allowed. Memory does
    not grow with the file.
    """
    suffix = Path(filename).suffix.lower()
    if suffix not in KNOWN:
        raise FileRefused("Use a CSV, XLSX, ODS or TXT file.", code="wrong_extension")
    if suffix in ZIPPED:
        return _table(_sheet(source, suffix[1:]), header, padded=True)
    if suffix == ".csv":
        return _table(_records(source, _separated), header)
    if header != ITEMS:
        raise FileRefused("Use a CSV, XLSX or ODS file.", code="wrong_extension")
    return Table(["address"], _one_a_line(source))


def opened(source: Source) -> IO[bytes]:
    """The file; a link, a folder or a device is refused (it could lead to anything, or never end)."""
    if isinstance(source, bytes):
        file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the caller)
        file.write(source)
        file.seek(0)
        return file
    if source.is_symlink():
        raise FileRefused("This is a link; name the file itself.", code="not_a_file")
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileRefused("This is a folder or a device, not a file.", code="not_a_file")
    return os.fdopen(descriptor, "rb")


# -- Plain text and CSV ----------------------------------------------------------------------------


def _text(file: IO[bytes]) -> IO[str]:
    head = file.read(4)
    file.seek(0)
    if head.startswith(ARCHIVES):
        message = "This is a spreadsheet or an archive, not a text file; give it its right name."
        raise FileRefused(message, code="wrong_extension")
    encoding = next((name for mark, name in MARKS.items() if head.startswith(mark)), "utf-8")
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(file, encoding, errors, newline="")


def _lines(text: IO[str]) -> Iterator[str]:
    """Lines with their ends, of which only CR and LF are ends; none longer than memory should hold."""
    empty = 0
    while line := text.readline(MOST_LINE + 1):
        if len(line) > MOST_LINE:
            raise _LineRefused(f"is longer than {MOST_LINE // 1024**2} MB; divide it", "too_large")
        if "\x00" in line:
            raise _LineRefused("holds a NUL character; save the file as UTF-8", "nul")
        if not line.isascii() and STRAY.search(line):
            raise _LineRefused("is not UTF-8; save the file as UTF-8 and try again", "encoding")
        empty += line.isspace()
        if empty > MOST_EMPTY:
            raise _LineRefused("is one of more than a million empty ones; take them out", "too_many_rows")
        yield line


class _LineRefused(Exception):
    def __init__(self, problem: str, code: str) -> None:
        super().__init__(problem)
        self.problem, self.code = problem, code


def _one_a_line(source: Source) -> Iterator[Row]:
    """One address a line; other control characters than its end stay in it, and are refused."""
    found = 0
    for number, cells in _records(source, _whole_lines):
        if cells[0].strip():
            found += 1
            _count(found, number)
            yield _row(number, ["address"], cells)
    if not found:
        raise FileRefused("The file is empty.", code="empty_file")


def _whole_lines(lines: Iterator[str]) -> Iterator[list[str]]:
    return ([line.rstrip("\r\n")] for line in lines)


def _separated(lines: Iterator[str]) -> Iterator[list[str]]:
    """The cells of each record, parted by what parts the header most often."""
    before: list[str] = []
    for line in lines:
        before.append(line)
        if not line.isspace():
            break
    delimiter = max(",;\t", key=before[-1].count) if before else ","
    return csv.reader(chain(before, lines), delimiter=delimiter, strict=True)


def _records(source: Source, parse: Callable[[Iterator[str]], Iterator[list[str]]]) -> Raw:
    """Numbered records; whatever goes wrong on the way is a refusal that names the row."""
    number = 0
    with opened(source) as file, _text(file) as text:
        try:
            for number, cells in enumerate(parse(_lines(text)), 1):
                yield number, cells
        except _LineRefused as line:
            message = f"Row {number + 1} {line.problem}."
            raise FileRefused(message, code=line.code, row=number + 1) from None
        except UnicodeDecodeError:
            message = f"Row {number + 1}, or one soon after it, is not UTF-16; save the file as UTF-8."
            raise FileRefused(message, code="encoding", row=number + 1) from None
        except csv.Error as error:
            message = f"Row {number + 1} is not CSV: {error}. Correct it and try again."
            raise FileRefused(message, code="not_csv", row=number + 1) from None


# -- Spreadsheets ----------------------------------------------------------------------------------


def _sheet(source: Source, form: str) -> Raw:
    """The first sheet's rows that have text, from a reader under limits (see `sheet_reader`)."""
    with opened(source) as file:
        if not os.fstat(file.fileno()).st_size:
            raise FileRefused("The file is empty.", code="empty_file")
        reader = subprocess.Popen(
            [*READER, form],
            cwd=HOME,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
    assert reader.stdout is not None
    try:
        for line in reader.stdout:
            said = json.loads(line)
            if isinstance(said, dict):
                raise FileRefused(said["message"], code=said["code"])
            yield said
        ended = reader.wait()
    finally:
        reader.kill()
        reader.wait()
        reader.stdout.close()
    if ended:
        message = "The sheet takes more memory or time than any table of this size would."
        raise FileRefused(message, code="too_large")


# -- Rows ------------------------------------------------------------------------------------------


def _table(raw: Raw, header: Header, *, padded: bool = False) -> Table:
    """`padded`: a sheet's rows have as many cells as are filled, which says nothing about their width."""
    found = next(((number, cells) for number, cells in raw if any(cell.strip() for cell in cells)), None)
    if found is None:
        raise FileRefused("The file is empty: it has no header row.", code="empty_file")
    number, cells = found
    width = max(place for place, cell in enumerate(cells, 1) if cell.strip())
    columns = [cell.strip().lower() for cell in cells[:width]]
    _check_names(columns, number, header)
    return Table(columns, _rows(columns, 0 if padded else len(cells), raw))


def _check_names(columns: list[str], row: int, header: Header) -> None:
    seen: set[str] = set()
    for place, name in enumerate(columns, 1):
        if name in seen:
            message = f"The column “{name}” is there twice."
            raise FileRefused(message, code="duplicate_column", row=row, column=name)
        if not name:
            message = f"The header's cell {place} is empty; name the column or take it out."
            raise FileRefused(message, code="unknown_column", row=row)
        if name not in header.known and name != ERROR_COLUMN:
            message = f"The column “{name[:60]}” is not known; use {', '.join(header.known)}."
            raise FileRefused(message, code="unknown_column", row=row, column=name[:60])
        seen.add(name)
    if missing := next((name for name in header.required if name not in seen), ""):
        message = f"There is no column “{missing}”."
        raise FileRefused(message, code="missing_column", row=row, column=missing)


def _rows(columns: list[str], width: int, raw: Raw) -> Iterator[Row]:
    """`width` is the header's, with the empty cells that a spreadsheet pads its rows with; 0 is any."""
    count, named = 0, len(columns)
    for number, cells in raw:
        if not any(cells) or not any(cell.strip() for cell in cells):
            continue
        count += 1
        _count(count, number)
        if width and len(cells) != width:
            problem = f"The row has {len(cells)} cells, the header {width}."
            yield Row(number, {}, problem, "ragged_row", "", cells)
        elif len(cells) > named and any(cell.strip() for cell in cells[named:]):
            yield Row(number, {}, "A cell stands where the header has no name.", "ragged_row", "", cells)
        else:
            yield _row(number, columns, cells[:named] + [""] * (named - len(cells)))


def _count(count: int, number: int) -> None:
    if count > MOST_ROWS:
        message = f"The file has more than {MOST_ROWS:,} rows; divide it."
        raise FileRefused(message, code="too_many_rows", row=number)


def _row(number: int, columns: list[str], cells: list[str]) -> Row:
    for name, cell in zip(columns, cells, strict=True):
        if len(cell) > MOST_CELL:
            problem = f"The cell is longer than {MOST_CELL:,} characters."
            return Row(number, {}, problem, "too_long", name, cells)
        if "\x00" in cell:
            return Row(number, {}, "The cell holds a NUL character.", "nul", name, cells)
    stripped = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    stripped.pop(ERROR_COLUMN, None)
    return Row(number, stripped, written=cells)
