"""Rows of a CSV, XLSX, ODS or text file, streamed and mistrusted: never a formula run, never half a file."""

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("address", "category", "note", "language", "found_at", "kind", "platform", "priority", "source")
MOST_ROWS = 1_000_000
MOST_CELL = 32_767  # what a spreadsheet cell can hold
MOST_UNPACKED = 1024**3
MOST_RATIO = 200
SMALL = 10**7  # bytes: below this nothing is called a bomb
MOST_MEMBERS = 2_000
PROLOGUE = 64 * 1024  # bytes within which an XML document has begun
ZIPPED = {".xlsx", ".ods"}
KNOWN = {".csv", ".txt", *ZIPPED}
ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
READER = Path(__file__).with_name("sheet_reader.py")
UNREADABLE = 3

Raw = Iterator[tuple[int, list[str]]]


class FileRefused(Exception):
    """The file cannot be trusted as a whole; `row` and `column` name the place where there is one."""

    def __init__(self, message: str, *, code: str, row: int = 0, column: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.row, self.column = message, code, row, column


@dataclass(frozen=True)
class Row:
    """One row below the header: its number in the file (from 1) and its cells, or why it cannot be read.

    `column` names the cell that `problem` is about, if it is about one.
    """

    number: int
    cells: dict[str, str]
    problem: str = ""
    code: str = ""
    column: str = ""


@dataclass
class Table:
    columns: list[str]
    rows: Iterator[Row]


def read_rows(content: Path | bytes, filename: str) -> Table:
    """The table in a file; raises `FileRefused` for what is no table, rows are read as they are asked for.

    The rows too may raise it: at the first that is no CSV, or past the last that is allowed.
    """
    suffix = Path(filename).suffix.lower()
    if suffix not in KNOWN:
        raise FileRefused("Use a CSV, XLSX, ODS or TXT file.", code="wrong_extension")
    data = content.read_bytes() if isinstance(content, Path) else content
    if not data.strip(b"\x00 \r\n\t"):
        raise FileRefused("The file is empty.", code="empty_file")
    if suffix in ZIPPED:
        _mistrust(data, suffix[1:].upper())
        return _table(_sheet(data, suffix[1:].upper()))
    if data.startswith(ARCHIVES):
        raise FileRefused(
            f"This is a spreadsheet or an archive, not a {suffix} file; give it its right name.",
            code="wrong_extension",
        )
    text = _text(data)
    return _table(_csv(text)) if suffix == ".csv" else Table(["address"], _lines(text))


# -- Plain text and CSV ----------------------------------------------------------------------------


def _text(data: bytes) -> str:
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"Row {line} is not {encoding.upper()}; save the file as UTF-8 and try again."
        raise FileRefused(message, code="encoding", row=line) from None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise FileRefused(f"Row {line} holds a NUL character; save the file as UTF-8.", code="nul", row=line)
    return text


def _lines(text: str) -> Iterator[Row]:
    """One address a line; only ends of line part them: other control characters stay, and are refused."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if line.strip():
            yield _row(number, ["address"], [line])


def _csv(text: str) -> Raw:
    header = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, cells
    except csv.Error as error:
        message = f"Row {number + 1} is not CSV: {error}. Correct it and try again."
        raise FileRefused(message, code="not_csv", row=number + 1) from None


# -- Spreadsheets ----------------------------------------------------------------------------------


def _mistrust(data: bytes, form: str) -> None:
    """Refuse archives that unpack to far more than they are, and XML that declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS or unpacked > min(MOST_UNPACKED, MOST_RATIO * len(data) + SMALL):
                raise FileRefused("The file unpacks to far more than a spreadsheet would.", code="zip_bomb")
            if not {"[Content_Types].xml", "content.xml"} & {member.filename for member in members}:
                raise FileRefused(f"The file is not a readable {form} file.", code="not_a_sheet")
            for member in members:
                if member.filename.endswith((".xml", ".rels")) and _declares(archive, member):
                    message = "The file declares entities of its own; save it anew from a spreadsheet."
                    raise FileRefused(message, code="entities")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError, OSError):
        raise FileRefused(f"The file is not a readable {form} file.", code="not_a_sheet") from None


def _declares(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether the document has a DTD, in whatever encoding, or hides where it begins."""
    with archive.open(member) as stream:
        head = stream.read(PROLOGUE).replace(b"\x00", b"")
    begun = re.search(rb"<[A-Za-z_]", head)
    return begun is None or b"<!DOCTYPE" in head or b"<!ENTITY" in head


def _sheet(data: bytes, form: str) -> Raw:
    """The first sheet's rows, from a reader under limits (see `sheet_reader`)."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        reader = subprocess.Popen(
            [sys.executable, "-I", str(READER)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
    try:
        assert reader.stdout is not None
        for number, line in enumerate(reader.stdout, 1):
            yield number, json.loads(line)
        ended = reader.wait()
    finally:
        reader.kill()
        reader.wait()
        if reader.stdout:
            reader.stdout.close()
    if ended == UNREADABLE:
        raise FileRefused(f"The file is not a readable {form} file.", code="not_a_sheet")
    if ended:
        message = "The sheet takes more memory or time than any list of addresses would."
        raise FileRefused(message, code="too_large")


# -- Rows ------------------------------------------------------------------------------------------


def _table(raw: Raw) -> Table:
    found = next(((number, cells) for number, cells in raw if any(cell.strip() for cell in cells)), None)
    if found is None:
        raise FileRefused("The file has no header row.", code="empty_file")
    number, cells = found
    width = max(place for place, cell in enumerate(cells, 1) if cell.strip())
    columns = [cell.strip().lower() for cell in cells[:width]]
    for name in columns:
        if columns.count(name) > 1:
            message = f"The column “{name}” is there twice."
            raise FileRefused(message, code="duplicate_column", row=number, column=name)
        if name not in COLUMNS:
            message = f"The column “{name}” is not known; use {', '.join(COLUMNS)}."
            raise FileRefused(message, code="unknown_column", row=number, column=name)
    if "address" not in columns:
        message = "There is no column “address”."
        raise FileRefused(message, code="missing_column", row=number, column="address")
    return Table(columns, _rows(columns, len(cells), raw))


def _rows(columns: list[str], width: int, raw: Raw) -> Iterator[Row]:
    """`width` is the header's, with the empty cells that a spreadsheet pads its rows with."""
    count = 0
    for number, cells in raw:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise FileRefused(f"The file has more than {MOST_ROWS:,} rows.", code="too_many_rows", row=number)
        if len(cells) != width:
            yield Row(number, {}, f"The row has {len(cells)} cells, the header {width}.", "ragged_row")
        elif any(cell.strip() for cell in cells[len(columns) :]):
            yield Row(number, {}, "A cell stands where the header has no name.", "ragged_row")
        else:
            yield _row(number, columns, cells[: len(columns)])


def _row(number: int, columns: list[str], cells: list[str]) -> Row:
    for name, cell in zip(columns, cells, strict=True):
        if len(cell) > MOST_CELL:
            return Row(number, {}, f"The cell is longer than {MOST_CELL:,} characters.", "too_long", name)
        if "\x00" in cell:
            return Row(number, {}, "The cell holds a NUL character.", "nul", name)
    return Row(number, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
