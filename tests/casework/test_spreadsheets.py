"""Reading rows: what is read, what is refused whole, what is refused as a row."""

import datetime
from pathlib import Path

import pytest

from casework import spreadsheets
from casework.sheet_reader import archive
from casework.spreadsheets import FileRefused, Row, read_rows
from tests.casework import sheets

POST = "https://x.com/a/status/1"


def rows(content: bytes, filename: str = "items.csv") -> list[Row]:
    return list(read_rows(content, filename).rows)


def refused(content: bytes, filename: str = "items.csv") -> FileRefused:
    with pytest.raises(FileRefused) as problem:
        rows(content, filename)
    return problem.value


@pytest.mark.parametrize(
    "content",
    [
        b"address,note\nhttps://x.com/a,caf\xc3\xa9\n",
        b"\xef\xbb\xbfaddress,note\r\nhttps://x.com/a,caf\xc3\xa9\r\n",
        "address;note\rhttps://x.com/a;café\r".encode(),
        "address\tnote\nhttps://x.com/a\tcafé".encode("utf-16"),
        "\ufeffaddress,note\nhttps://x.com/a,café\n".encode("utf-16-be"),
        b' Address , NOTE \n"https://x.com/a", caf\xc3\xa9 \n',
        b"address,note,,\nhttps://x.com/a,caf\xc3\xa9,,\n",
    ],
    ids=["utf-8", "mark", "semicolon", "utf-16", "utf-16-be", "quoted", "padded"],
)
def test_csv_is_read_in_its_usual_forms(content: bytes) -> None:
    assert rows(content) == [Row(2, {"address": "https://x.com/a", "note": "café"})]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    found = rows(b'\naddress,note\nhttps://x.com/a,"two\nlines"\n\nhttps://x.com/b,\n')

    assert [(row.number, row.cells["note"]) for row in found] == [(3, "two\nlines"), (5, "")]


def test_text_file_holds_one_address_a_line() -> None:
    found = rows(b"https://x.com/a\r\n\r\n  https://x.com/b\x0b\n", "list.TXT")

    assert found == [Row(1, {"address": "https://x.com/a"}), Row(3, {"address": "https://x.com/b"})]


@pytest.mark.parametrize("make", [sheets.xlsx, sheets.ods])
def test_sheet_is_read_as_text(make: object) -> None:
    filename = f"items.{make.__name__}"  # type: ignore[attr-defined]
    found = rows(make([["address", "note"], [POST, "two\nlines & <more>"]]), filename)  # type: ignore[operator]

    assert found == [Row(2, {"address": POST, "note": "two\nlines & <more>"})]


def test_cells_of_a_sheet_become_plain_text_and_formulas_are_not_run() -> None:
    table = [
        ["address", "priority", "found_at", "note"],
        [POST, 2, datetime.date(2026, 3, 1), '=HYPERLINK("https://evil.example","x")'],
        [POST, 2.5, datetime.datetime(2026, 3, 1, 14, 30), "=1+1"],
    ]

    found = [tuple(row.cells.values()) for row in rows(sheets.xlsx(table), "items.xlsx")]

    assert found[0][1:3] == ("2", "2026-03-01")
    assert found[1][1:3] == ("2.5", "2026-03-01T14:30:00")
    assert {cells[3] for cells in found} == {"0"}  # what the file stored as their value


def test_sheet_need_not_begin_in_the_corner() -> None:
    content = sheets.xlsx([["address"], [POST]], at=(4, 0))

    assert rows(content, "items.xlsx") == [Row(6, {"address": POST})]


@pytest.mark.parametrize(
    ("content", "filename", "code", "row", "column"),
    [
        (b"address\n", "items.pdf", "wrong_extension", 0, ""),
        (b"", "items.csv", "empty_file", 0, ""),
        (b"\r\n \n", "items.csv", "empty_file", 0, ""),
        (b",,\n , \n", "items.csv", "empty_file", 0, ""),
        (b"address,colour\n", "items.csv", "unknown_column", 1, "colour"),
        (b"address,,note\n", "items.csv", "unknown_column", 1, ""),
        (b"address,note,Address\n", "items.csv", "duplicate_column", 1, "address"),
        (b"note\nx\n", "items.csv", "missing_column", 1, "address"),
        (b"address\nhttps://x.com/\xff\n", "items.csv", "encoding", 2, ""),
        ("address\nhttps://x.com/é\n".encode("latin-1"), "items.csv", "encoding", 2, ""),
        (b"\xff\xfea", "items.csv", "encoding", 1, ""),
        (b"address\nhttps://x.com/\x00a\n", "items.csv", "nul", 2, ""),
        ("address\nhttps://x.com/a\n".encode("utf-16-le"), "items.csv", "nul", 1, ""),
        (b'address,note\nhttps://x.com/a,"open\n', "items.csv", "not_csv", 2, ""),
        (b'address,note\nhttps://x.com/a,"b"c\n', "items.csv", "not_csv", 2, ""),
        (sheets.xlsx([["address"]]), "items.csv", "wrong_extension", 0, ""),
        (b"\xd0\xcf\x11\xe0 an old or an encrypted workbook", "items.csv", "wrong_extension", 0, ""),
        (b"address\nhttps://x.com/a\n", "items.xlsx", "not_a_sheet", 0, ""),
        (sheets.xlsx([["address"], [POST]])[:-200], "items.xlsx", "not_a_sheet", 0, ""),
        (sheets.zipped({"word/document.xml": "<a/>"}), "items.xlsx", "not_a_sheet", 0, ""),
        (sheets.zipped({"[Content_Types].xml": "<a/>"}), "items.xlsx", "not_a_sheet", 0, ""),
        (sheets.xlsx([["address", "colour"]]), "items.xlsx", "unknown_column", 1, "colour"),
    ],
)  # fmt: skip
def test_file_that_is_no_table_is_refused_whole(
    content: bytes, filename: str, code: str, row: int, column: str
) -> None:
    problem = refused(content, filename)

    assert (problem.code, problem.row) == (code, row)
    assert not column or problem.column == column
    assert problem.message.endswith(".")


def test_archive_that_unpacks_to_far_more_is_refused() -> None:
    bomb = sheets.zipped({"[Content_Types].xml": "<a/>", "xl/worksheets/sheet1.xml": b"\0" * 30_000_000})

    assert len(bomb) < 100_000
    assert refused(bomb, "items.xlsx").code == "zip_bomb"


def test_archive_of_very_many_members_is_refused() -> None:
    many = {f"xl/{number}.xml": "<a/>" for number in range(archive.MOST_MEMBERS)}

    assert refused(sheets.zipped({"[Content_Types].xml": "<a/>", **many}), "items.xlsx").code == "zip_bomb"


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE a [<!ENTITY b "https://x.com/b">]>',
        f"<!--{' ' * 5000}--><!DOCTYPE a>",
        f"<!--{' ' * 100_000}--><!DOCTYPE a>",
    ],
    ids=["entity", "behind a comment", "far behind"],
)
def test_document_that_declares_entities_is_refused(prologue: str) -> None:
    assert rows(sheets.ods([["address"], [POST]]), "items.ods") == [Row(2, {"address": POST})]
    assert refused(sheets.ods([["address"], [POST]], prologue=prologue), "items.ods").code == "entities"


def test_declaration_in_another_encoding_is_seen_too() -> None:
    hidden = "<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE a><a/>".encode("utf-16")

    assert refused(sheets.zipped({"content.xml": hidden}), "items.ods").code == "entities"


def test_cells_in_far_corners_cost_nothing() -> None:
    content = sheets.far_apart()

    (row,) = rows(content, "items.xlsx")

    assert len(content) < 10_000
    assert (row.number, row.code) == (1_048_576, "ragged_row")


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("https://x.com/a", "ragged_row", ""),
        ("https://x.com/a,b,c", "ragged_row", ""),
        ("https://x.com/a,b,", "ragged_row", ""),
        (f"https://x.com/a,{'b' * 40_000}", "too_long", "note"),
    ],
)
def test_row_that_does_not_fit_is_refused_and_the_others_are_read(line: str, code: str, column: str) -> None:
    bad, good = rows(f"address,note\n{line}\nhttps://x.com/b,fine\n".encode())

    assert (bad.number, bad.code, bad.column, bad.cells) == (2, code, column, {})
    assert bad.problem.endswith(".")
    assert good == Row(3, {"address": "https://x.com/b", "note": "fine"})


def test_cell_under_no_name_is_refused() -> None:
    (row,) = rows(b"address,,\nhttps://x.com/a,,stray\n")

    assert (row.code, row.problem) == ("ragged_row", "A cell stands where the header has no name.")


def test_file_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 2)

    assert len(rows(b"address\na\nb\n")) == 2
    assert (refused(b"address\na\nb\nc\n").code, refused(b"address\na\nb\nc\n").row) == ("too_many_rows", 4)


def test_file_may_be_given_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(b"address\nhttps://x.com/a\n")

    assert list(read_rows(path, path.name).rows) == [Row(2, {"address": "https://x.com/a"})]


def test_reader_of_a_sheet_is_gone_when_only_the_header_was_wanted() -> None:
    table = read_rows(sheets.xlsx([["address"], *([POST] for _ in range(5000))]), "items.xlsx")

    assert table.columns == ["address"]
    del table  # an unfinished reader would be a ResourceWarning, which is an error here
