"""Cells of XLSX and ODS files as text, held against another reader of such files where that says the same."""

import io
import json
import subprocess
import tempfile
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from casework.spreadsheets import HOME, READER
from tests.casework import sheets

PART = "xl/worksheets/sheet1.xml"


def read(content: bytes, form: str) -> list[Any]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        ended = subprocess.run([*READER, form], stdin=file, capture_output=True, cwd=HOME, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def book(**options: object) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, options) as made:
        sheet = made.add_worksheet()
        day, moment, hour, money = (
            made.add_format({"num_format": code})
            for code in ('"on "dd.mm.yyyy', "[$-409]d/m/yy h:mm;@", "hh:mm", '#,##0.00 "days"')
        )
        sheet.write_row(0, 0, ["text", 7, 2.5, 1e20, True])
        sheet.write_datetime(1, 0, datetime(2026, 3, 1), day)
        sheet.write_datetime(1, 1, datetime(2026, 3, 1, 14, 30, 5), moment)
        sheet.write_number(1, 2, 0.5, hour)
        sheet.write_number(1, 3, 12, money)
        sheet.write_rich_string(3, 0, "one ", made.add_format({"bold": True}), "two", " three")
        sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
        sheet.write_string(3, 1, "a\x01b _x0041_ é 🚤")
        made.add_worksheet().write(0, 0, "second")
    return stream.getvalue()


@pytest.mark.parametrize("options", [{}, {"date_1904": True}, {"constant_memory": True}])
def test_cells_become_text(options: dict[str, object]) -> None:
    assert read(book(**options), "xlsx") == [
        [1, ["text", "7", "2.5", "1e+20", "TRUE"]],
        [2, ["2026-03-01", "2026-03-01T14:30:05", "12:00:00", "12"]],
        [4, ["one two three", "a\x01b _x0041_ é 🚤", "#DIV/0!"]],
    ]


def test_another_reader_finds_the_same_texts_and_times() -> None:
    table = [["address", "note"], ["https://x.com/a", " two\nlines "], [date(2026, 3, 1), 3]]
    content = sheets.xlsx(table)

    other = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    assert [cells for _, cells in read(content, "xlsx")] == [[as_text(cell) for cell in row] for row in other]


def as_text(cell: object) -> object:
    return cell.isoformat() if isinstance(cell, date) else f"{cell:.0f}" if isinstance(cell, float) else cell


def with_sheet(rows: str) -> bytes:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sheets.xlsx([["a"]]))) as old,
        zipfile.ZipFile(content, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(
                name,
                f"<worksheet><sheetData>{rows}</sheetData></worksheet>" if name == PART else old.read(name),
            )
    return content.getvalue()


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("<row><c><v>1</v></c><c t='str'><f>A1</f><v>x</v></c></row><row><c/></row>", [[1, ["1", "x"]]]),
        ("<x:row r='5'><x:c r='C5' t='inlineStr'><x:is><x:t>a</x:t></x:is></x:c></x:row>", [[5, ["", "", "a"]]]),
        ("<row r='1'><c r='A1'><v>12345678901234567890</v></c></row>", [[1, ["12345678901234567890"]]]),
        ("<row r='1'><c r='A1' t='inlineStr'><is><t>a_x000D_b_x0000_</t></is></c></row>", [[1, ["a\rb\0"]]]),
        ("<row r='1'><c r='A1' t='inlineStr'><is><t>漢</t><rPh><t>kan</t></rPh></is></c></row>", [[1, ["漢"]]]),
        ("<row r='1'/><row r='2'><c r='A2'/></row>", []),
        ("<row r='2'><c r='A2'><v>1</v></c></row><row r='1'><c><v>1</v></c></row>", ["not_a_sheet"]),
        ("<row r='1'><c r='A1' t='s'><v>99</v></c></row>", ["not_a_sheet"]),
        ("<row r='1'><c r='A1'><v>many</v></c></row>", ["not_a_sheet"]),
    ],
)  # fmt: skip
def test_sheets_that_other_programs_write(rows: str, found: list[object]) -> None:
    said = [line["code"] if isinstance(line, dict) else line for line in read(with_sheet(rows), "xlsx")]

    assert said == found


def test_cell_of_a_megabyte_is_cut_where_no_cell_can_go_on() -> None:
    ((_, (cell,)),) = read(sheets.ods([["x" * 1024**2]]), "ods")

    assert len(cell) == 32_768


def test_ods_cells_say_their_value_not_how_it_looks() -> None:
    cells = (
        (
            '<T office:value-type="float" office:value="1234.5"><text:p>1.234,50</text:p></T>'
            '<T office:value-type="date" office:date-value="2026-03-01"><text:p>1/3/26</text:p></T>'
            '<T office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></T>'
            '<T office:value-type="string"><office:annotation><text:p>aside</text:p></office:annotation>'
            '<text:p>a<text:s text:c="3"/>b<text:tab/>c</text:p><text:p><text:span>d</text:span></text:p></T>'
        )
        .replace("T ", "table:table-cell ")
        .replace("</T>", "</table:table-cell>")
    )
    content = sheets.ods([["MARK"]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        document = archive.read("content.xml").decode()
    begin, end = document.index("<table:table-cell"), document.index("</table:table-row>")
    made = sheets.zipped({"content.xml": document[:begin] + cells + document[end:]})

    assert read(made, "ods") == [[1, ["1234.5", "2026-03-01", "TRUE", "a   b\tc\nd"]]]
