"""Rows of a CSV, XLSX, ODS or text file, streamed and mistrusted: never a formula run, never half a file."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

COLUMNS = ("address", "category", "note", "language", "found_at", "kind", "platform", "priority", "source")
MOST_ROWS = 1_000_000
MOST_CELL = 32_767  # what a spreadsheet cell can hold
MOST_UNPACKED = 1024**3
MOST_RATIO = 200
MOST_MEMBERS = 2_000
ZIPPED = {".xlsx", ".ods"}
KNOWN = {".csv", ".txt", *ZIPPED}


class FileRefused(Exception):
    """The file cannot be trusted as a whole; `row` and `column` name the place where there is one."""

    def __init__(self, message: str, *, code: str, row: int = 0, column: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.row, self.column = message, code, row, column


@dataclass(frozen=True)
class Row:
    """One row below the header: its number in the file (from 1) and its cells, or why it cannot be read."""

    number: int
    cells: dict[str, str]
    problem: str = ""
    code: str = ""


@dataclass
class Table:
    columns: list[str]
    rows: Iterator[Row]


def read_rows(content: Path | bytes, filename: str) -> Table:
    """The table in a file; raises `FileRefused` for what is no table, rows are read as they are asked for."""
    suffix = Path(filename).suffix.lower()
    data = content.read_bytes() if isinstance(content, Path) else content
    if suffix not in KNOWN:
        raise FileRefused("Use a CSV, XLSX, ODS or TXT file.", code="wrong_extension")
    if not data.strip(b"\x00 \r\n\t"):
        raise FileRefused("The file is empty.", code="empty_file")
    if suffix in ZIPPED:
        return _table(_sheet(data, suffix))
    if data[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise FileRefused(
            f"This is a spreadsheet or an archive, not a {suffix} file.", code="wrong_extension"
        )
    text = _text(data)
    if suffix == ".txt":
        lines = ((number, [line]) for number, line in enumerate(text.splitlines(), 1) if line.strip())
        return Table(["address"], (Row(number, {"address": cells[0].strip()}) for number, cells in lines))
    return _table(_csv(text))


def _text(data: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            break
    else:
        encoding = "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileRefused(
            f"Row {line} is not {encoding.upper()}; save the file as UTF-8 and try again.",
            code="encoding",
            row=line,
        ) from None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise FileRefused(f"Row {line} holds a NUL character.", code="nul", row=line)
    return text


def _csv(text: str) -> Iterator[tuple[int, list[str]]]:
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise FileRefused(
            f"Row {reader.line_num} is not CSV: {error}.", code="not_csv", row=reader.line_num
        ) from None


def _sheet(data: bytes, suffix: str) -> Iterator[tuple[int, list[str]]]:
    _mistrust(data, suffix)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = workbook.get_sheet_by_index(0)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        raise FileRefused(
            f"The file is not a readable {suffix[1:].upper()} file: {error}.", code="not_a_sheet"
        ) from None
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, [_cell(cell) for cell in cells]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _mistrust(data: bytes, suffix: str) -> None:
    """Refuse archives that unpack to far more than they are, and XML that declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if (
                len(members) > MOST_MEMBERS
                or unpacked > MOST_UNPACKED
                or unpacked > MOST_RATIO * len(data) + 10**7
            ):
                raise FileRefused("The file unpacks to far more than a spreadsheet would.", code="zip_bomb")
            if not any(member.filename in {"[Content_Types].xml", "content.xml"} for member in members):
                raise FileRefused(f"The file is not a {suffix[1:].upper()} file.", code="not_a_sheet")
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as stream:
                        if b"<!DOCTYPE" in (head := stream.read(4096)) or b"<!ENTITY" in head:
                            raise FileRefused("The file declares its own entities.", code="entities")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError):
        raise FileRefused(f"The file is not a {suffix[1:].upper()} file.", code="not_a_sheet") from None


def _table(raw: Iterator[tuple[int, list[str]]]) -> Table:
    header = next(((number, cells) for number, cells in raw if any(cell.strip() for cell in cells)), None)
    if header is None:
        raise FileRefused("The file has no header row.", code="empty_file")
    number, cells = header
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    columns = [cell.strip().lower() for cell in cells]
    for name in columns:
        if columns.count(name) > 1:
            raise FileRefused(
                f"Column “{name}” stands there twice.", code="duplicate_column", row=number, column=name
            )
        if name not in COLUMNS:
            raise FileRefused(
                f"Column “{name}” is not known; use {', '.join(COLUMNS)}.",
                code="unknown_column", row=number, column=name,
            )  # fmt: skip
    if "address" not in columns:
        raise FileRefused(
            "There is no column “address”.", code="missing_column", row=number, column="address"
        )
    return Table(columns, _rows(columns, raw))


def _rows(columns: list[str], raw: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    count = 0
    for number, cells in raw:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise FileRefused(f"The file has more than {MOST_ROWS:,} rows.", code="too_many_rows", row=number)
        extra = len(cells) - len(columns)
        if extra > 0 and not any(cell.strip() for cell in cells[len(columns) :]):
            cells = cells[: len(columns)]  # a spreadsheet pads its rows
        if len(cells) != len(columns):
            problem = f"The row has {len(cells)} cells, the header {len(columns)}."
            yield Row(number, {}, problem, "ragged_row")
        elif too_long := next(
            (name for name, cell in zip(columns, cells, strict=True) if len(cell) > MOST_CELL), ""
        ):
            yield Row(
                number, {}, f"The cell is longer than {MOST_CELL:,} characters.", f"too_long:{too_long}"
            )
        else:
            yield Row(number, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
