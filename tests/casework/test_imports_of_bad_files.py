"""Bad files, each through the command and through the page: a clear error with its place, nothing stored, no crash."""

import csv
import io
import json
import os
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from casework import imports, spreadsheets
from casework.error_file import error_lines
from casework.models import Case, Item, ItemImport
from tests.casework import sheets
from tests.factories import make_case

POST = "https://x.com/a/status/1700000000000000001"
OTHER = "https://x.com/a/status/1700000000000000002"
BILLION_LAUGHS = "<!DOCTYPE a [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip

pytestmark = pytest.mark.django_db


def with_part(book: bytes, name: str, content: bytes, *, instead: bool = False) -> bytes:
    """The archive with one more part, or with another content of one that it has."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if not (instead and member == name):
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return out.getvalue()


def with_declaration() -> bytes:
    book = sheets.xlsx([["address"], [POST]])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    begun = sheet.index("<worksheet")
    hostile = sheet[:begun] + BILLION_LAUGHS + sheet[begun:].replace("</worksheet>", "&i;</worksheet>")
    return with_part(book, "xl/worksheets/sheet1.xml", hostile.encode(), instead=True)


def locked_ods() -> bytes:
    manifest = sheets.MANIFEST.replace(
        "</manifest:manifest>", "<manifest:encryption-data/></manifest:manifest>"
    )
    return with_part(
        sheets.ods([["address"], [POST]]), "META-INF/manifest.xml", manifest.encode(), instead=True
    )


def twice() -> bytes:
    with warnings.catch_warnings(action="ignore"):
        return with_part(sheets.ods([["address"]]), "content.xml", b"<a/>")


def bad_byte_far_down() -> bytes:
    lines = [
        b"address",
        *(b"https://x.com/a/status/%d" % number for number in range(10**15, 10**15 + 70_000)),
    ]
    lines[69_999] += b"\xff"
    return b"\n".join(lines)


@dataclass
class Bad:
    name: str
    content: bytes
    code: str
    row: int = 0
    column: str = ""


WHOLE = {
    "utf-16 without a mark": Bad("a.csv", f"address\n{POST}\n".encode("utf-16-le"), "nul", 1),
    "utf-16 that breaks off": Bad("a.csv", f"address\n{POST}\n".encode("utf-16")[:-1], "encoding", 2),
    "latin-1": Bad("a.csv", f"address,note\n{POST},Calais é\n".encode("latin-1"), "encoding", 2),
    "bad byte in row 70,000": Bad("a.csv", bad_byte_far_down(), "encoding", 70_000),
    "bad byte in a text": Bad("a.txt", f"{POST}\n".encode() + b"\xff\n", "encoding", 2),
    "nul": Bad("a.csv", f"address\n{POST}\n{POST}\x00\n".encode(), "nul", 3),
    "line without end": Bad("a.csv", b"address\n" + b"x" * (spreadsheets.MOST_LINE + 1), "too_large", 2),
    "a million empty lines": Bad("a.csv", b"address\n" + b"\n" * 1_000_001, "too_many_rows", 1_000_002),
    "quote left open": Bad("a.csv", f'address,note\n{POST},fine\n{OTHER},"open\n'.encode(), "not_csv", 3),
    "text behind a quote": Bad("a.csv", f'address,note\n{POST},"b"c\n'.encode(), "not_csv", 2),
    "unknown column": Bad("a.csv", b"address,colour\n", "unknown_column", 1, "colour"),
    "column twice": Bad("a.csv", b"address,note,Note\n", "duplicate_column", 1, "note"),
    "column without a name": Bad("a.csv", b"address,,note\n", "unknown_column", 1),
    "no address": Bad("a.csv", b"note\nx\n", "missing_column", 1, "address"),
    "empty": Bad("a.csv", b"", "empty_file"),
    "empty sheet file": Bad("a.xlsx", b"", "empty_file"),
    "empty text": Bad("a.txt", b"\n \n", "empty_file"),
    "only blanks": Bad("a.csv", b"\n , \n", "empty_file"),
    "only a header": Bad("a.csv", b"address,note\n", "no_rows"),
    "only a header in a sheet": Bad("a.xlsx", sheets.xlsx([["address"]]), "no_rows"),
    "unknown extension": Bad("a.pdf", b"%PDF", "wrong_extension"),
    "xlsx named csv": Bad("a.csv", sheets.xlsx([["address"], [POST]]), "wrong_extension"),
    "xlsx named ods": Bad("a.ods", sheets.xlsx([["address"], [POST]]), "wrong_extension"),
    "ods named xlsx": Bad("a.xlsx", sheets.ods([["address"], [POST]]), "wrong_extension"),
    "csv named xlsx": Bad("a.xlsx", b"address\n", "not_a_sheet"),
    "half an xlsx": Bad("a.xlsx", sheets.xlsx([["address"], [POST]])[:-200], "not_a_sheet"),
    "encrypted xlsx": Bad("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted"),
    "encrypted ods": Bad("a.ods", locked_ods(), "encrypted"),
    "entities in xlsx": Bad("a.xlsx", with_declaration(), "entities"),
    "entities in ods": Bad("a.ods", sheets.ods([["address"]], prologue=BILLION_LAUGHS), "entities"),
    "zip bomb": Bad("a.ods", with_part(sheets.ods([["address"]]), "x.xml", b"\0" * 30_000_000), "zip_bomb"),
    "two gigabytes declared": Bad("a.ods", sheets.declaring(2 * 1024**3), "zip_bomb"),
    "a row repeated to the last": Bad("a.ods", sheets.repeated(POST, 1_048_575), "too_many_rows", 1_000_002),
    "path out of the archive": Bad("a.xlsx", with_part(sheets.xlsx([["address"]]), "../../x", b""), "unsafe_archive"),
    "part twice": Bad("a.ods", twice(), "unsafe_archive"),
    "unknown column in a sheet": Bad("a.ods", sheets.ods([["address", "colour"]]), "unknown_column", 1, "colour"),
}  # fmt: skip


@pytest.fixture
def case(officer: User) -> Case:
    return make_case(reference="OP-1", by=officer)


def command(path: Path, by: User, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """What the command exits with and prints."""
    try:
        call_command("import_items", str(path), "--case", "OP-1", "--by", by.email, "--format", "json")
        ended = 0
    except CommandError as error:
        ended = error.returncode
    return ended, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("bad", WHOLE.values(), ids=WHOLE)
def test_command_refuses_the_file_whole(
    bad: Bad, case: Case, officer: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / bad.name
    path.write_bytes(bad.content)

    ended, said = command(path, officer, capsys)

    (error,) = said.pop("errors")
    assert ended == 1
    assert said == {"rows": 0, "accepted": 0, "duplicates": 0, "refused": 0, "items": []}
    assert (error["code"], error["row"], error["column"]) == (bad.code, bad.row, bad.column)
    assert error["message"].endswith(".")
    assert not Item.objects.exists()


@pytest.mark.parametrize("bad", WHOLE.values(), ids=WHOLE)
def test_page_refuses_the_file_whole(
    bad: Bad, case: Case, officer: User, signed_in: Callable[[User], Client]
) -> None:
    desk = signed_in(officer)
    file = SimpleUploadedFile(bad.name, bad.content)

    page = desk.post(f"/cases/{case.reference}/import/", {"file": file}, follow=True)

    if job := ItemImport.objects.first():
        imports.run_import(job.pk)
        page = desk.get(f"/imports/{job.pk}/")
        assert (page.status_code, page.context["object"].errors[0]["code"]) == (200, bad.code)
        assert "Nothing was stored." in page.content.decode()
    else:
        assert (page.status_code, list(page.context["form"].errors)) == (422, ["file"])
    assert not bad.row or f"{bad.row:d}" in page.content.decode() or bad.column in page.content.decode()
    assert not Item.objects.exists()


ADDRESS = "address"
BIG = "x" * 1024**2
NOTED, TIMED, PLAIN = ["address", "note"], ["address", "found_at"], [OTHER, ""]
ROWS = {
    "cell of a megabyte": Bad("a.csv", f"address,note\n{POST},{BIG}\n{OTHER},\n".encode(), "too_long", 2, "note"),
    "address of a megabyte": Bad("a.txt", f"https://x.com/{BIG}\n{OTHER}\n".encode(), "too_long", 1, "address"),
    "too few cells": Bad("a.csv", f"address,note\n{POST}\n{OTHER},\n".encode(), "ragged_row", 2),
    "too many cells": Bad("a.csv", f"address,note\n{POST},a,b\n{OTHER},\n".encode(), "ragged_row", 2),
    "cell beside the table": Bad("a.xlsx", sheets.xlsx([["address"], [POST, "x"], [OTHER]]), "ragged_row", 2),
    "cell in the last column": Bad("a.xlsx", sheets.far_right(), "ragged_row", 2),
    "cell longer than a sheet's": Bad("a.ods", sheets.ods([NOTED, [POST, "x" * 40_000], PLAIN]), "too_long", 2, "note"),
    "nul in a sheet": Bad("a.xlsx", sheets.xlsx([NOTED, [POST, "a\x00b"], PLAIN]), "nul", 2, "note"),
    "day as a bare number": Bad("a.xlsx", sheets.xlsx([TIMED, [POST, 46_082], PLAIN]), "not_a_time", 2, "found_at"),
    "day long ago": Bad("a.xlsx", sheets.xlsx([TIMED, [POST, date(1950, 3, 1)], PLAIN]), "out_of_range", 2, "found_at"),
    "formula for an address": Bad("a.xlsx", sheets.xlsx([["address"], ["=A3"], [OTHER]]), "not_an_address", 2, ADDRESS),
}  # fmt: skip


@pytest.mark.parametrize("bad", ROWS.values(), ids=ROWS)
def test_row_is_refused_and_the_next_is_taken(
    bad: Bad, case: Case, officer: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / bad.name
    path.write_bytes(bad.content)

    ended, said = command(path, officer, capsys)

    (error,) = said["errors"]
    assert (ended, said["rows"], said["accepted"], said["refused"]) == (0, 2, 1, 1)
    assert (error["code"], error["row"], error["column"]) == (bad.code, bad.row, bad.column)
    assert Item.objects.get().address == OTHER


def test_repeated_rows_and_columns_of_a_sheet_cost_nothing(
    case: Case, officer: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ods"
    path.write_bytes(sheets.ods([["address"], ["EMPTY"], [POST], ["WIDE"]], repeat=1_000_000))

    ended, said = command(path, officer, capsys)

    assert (ended, said["rows"], said["accepted"], said["refused"]) == (0, 2, 1, 1)
    assert [(error["row"], error["code"]) for error in said["errors"]] == [(1_000_003, "ragged_row")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", sheets.second_of_two(POST)),
        ("a.ods", sheets.second_of_two_ods(POST)),
        ("a.xlsx", sheets.with_shared_texts(1_000_000)),
    ],
    ids=["a hidden sheet and merged cells", "a hidden sheet in ods", "a million shared texts"],
)
def test_odd_sheet_is_read_as_a_person_sees_it(
    name: str, content: bytes, case: Case, officer: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    ended, said = command(path, officer, capsys)

    assert (ended, said["rows"], said["accepted"], said["errors"]) == (0, 1, 1, [])
    assert Item.objects.get().address == POST


@pytest.mark.parametrize("make", ["link", "folder", "pipe"])
def test_command_reads_only_files(
    make: str, case: Case, officer: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    (tmp_path / "b.csv").write_text(f"address\n{POST}\n")
    {"link": lambda: path.symlink_to("b.csv"), "folder": path.mkdir, "pipe": lambda: os.mkfifo(path)}[make]()

    ended, said = command(path, officer, capsys)

    assert (ended, [error["code"] for error in said["errors"]]) == (1, ["not_a_file"])
    assert not Item.objects.exists()


def test_refused_rows_come_back_with_their_error_and_go_in_once_corrected(
    case: Case, officer: User, signed_in: Callable[[User], Client]
) -> None:
    rows = [["address", "note"], [POST, "good"], ["nonsense", "=1+1"], ["javascript:x", "-5"]]
    content = sheets.xlsx(rows)
    job = imports.run_import(imports.start_import(content, "a.xlsx", case=case, dry_run=False, by=officer).pk)

    answer = signed_in(officer).get(f"/imports/{job.pk}/errors.csv")
    taken = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    assert [row[:2] for row in taken] == [["address", "note"], ["nonsense", "0"], ["javascript:x", "-5"]]
    assert (taken[0][2], all(row[2].startswith("address: ") for row in taken[1:])) == ("error", True)
    taken[1][0] = OTHER
    corrected = "\n".join(",".join(f'"{cell}"' for cell in row) for row in taken[:2]).encode("utf-8-sig")
    again = imports.start_import(corrected, "b.csv", case=case, dry_run=False, by=officer)
    assert imports.run_import(again.pk).accepted == 1


def test_row_with_too_many_cells_keeps_them_behind_its_error(case: Case, officer: User) -> None:
    content = f"address,note\n{POST},a,@b\nx\n".encode()
    job = imports.run_import(imports.start_import(content, "a.csv", case=case, dry_run=False, by=officer).pk)

    lines = list(csv.reader(error_lines(job)))

    assert [[*row[:2], *row[3:]] for row in lines[1:]] == [[POST, "a", "'@b"], ["x", ""]]
    assert lines[1][2] == "The row has 3 cells, the header 2."
