"""The table that came with a notice, filled in and sent back."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
import python_calamine
import xlsxwriter
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from casework import store
from casework.models import Event
from casework.spreadsheets import FileRefused
from notices.answer_files import answer_by_file, read
from notices.line_table import COLUMNS, line_sheet, line_table
from notices.models import Answer, Notice
from tests.notices.letters_at import Desk, ago

Cells = dict[str, str]


def rows_of(notice: Notice) -> list[Cells]:
    return list(csv.DictReader(io.StringIO(line_table(notice).decode("utf-8-sig"))))


def as_csv(rows: Sequence[Cells], columns: Sequence[str] = COLUMNS) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_xlsx(rows: Sequence[Cells]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for place, cells in enumerate([COLUMNS, *([row[name] for name in COLUMNS] for row in rows)]):
        sheet.write_row(place, 0, cells)
    book.close()
    return out.getvalue()


def filled(notice: Notice, **answers: Cells) -> list[Cells]:
    """The table with what is said of some lines, by position as `l1`."""
    rows = rows_of(notice)
    for name, cells in answers.items():
        rows[int(name[1:]) - 1].update(cells)
    return rows


@pytest.fixture
def notice(desk: Desk) -> Notice:
    return desk.sent(lines=3, at=ago(hours=30))


@pytest.mark.parametrize(("write", "name"), [(as_csv, "back.csv"), (as_xlsx, "back.xlsx")])
def test_a_filled_in_table_answers_line_by_line(
    write: Callable[[list[Cells]], bytes], name: str, notice: Notice, desk: Desk
) -> None:
    content = write(
        filled(
            notice,
            l1={"answer": "removed", "effective_at": "2026-11-01T10:00+01:00", "platform_reference": "P-1"},
            l2={"answer": "Refused", "refusal_code": "no breach of POLICY", "note": "=see our rules"},
            l3={"answer": "access disabled", "territories": "gb; FR"},
        )
    )

    reading = answer_by_file(notice, content, name, by=desk.liaison)

    assert (reading.rows, len(reading.filled), reading.errors) == (3, 3, [])
    made = Answer.objects.filter(line__notice=notice).order_by("line__position")
    assert [
        (each.answer, each.refusal_code, each.territories, each.note, each.platform_reference, each.source)
        for each in made
    ] == [
        ("removed", "", [], "", "P-1", "sheet"),
        ("refused", "no_policy_breach", [], "=see our rules", "", "sheet"),
        ("access_disabled", "", ["GB", "FR"], "", "", "sheet"),
    ]
    assert made[0].effective_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert [line.answer for line in notice.lines.order_by("position")] == [
        "removed", "refused", "access_disabled",
    ]  # fmt: skip
    assert notice.status == "answered"
    assert [line.item.claim for line in notice.lines.order_by("position")] == [
        "removed", "refused", "access_disabled",
    ]  # fmt: skip
    event = Event.objects.get(kind="notice.answer_file_read")
    assert store.get(event.details["sha256"]) == content


def test_a_second_file_adds_only_what_is_new(notice: Notice, desk: Desk) -> None:
    first = filled(notice, l1={"answer": "removed"})
    answer_by_file(notice, as_csv(first), "a.csv", by=desk.liaison)

    second = filled(notice, l1={"answer": "removed"}, l2={"answer": "already_gone"})
    reading = answer_by_file(notice, as_csv(second), "b.csv", by=desk.liaison)

    assert (len(reading.filled), reading.unchanged, reading.empty) == (1, 1, 1)
    assert Answer.objects.count() == 2
    assert notice.status == "part_answered"
    with pytest.raises(ValidationError, match="no new answer"):
        answer_by_file(notice, as_csv(second), "b.csv", by=desk.liaison)


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"answer": "deleted"}, "answer", "“deleted” is not known; use removed, "),
        ({"answer": "refused"}, "refusal_code", "Give the reason of the refusal"),
        ({"answer": "removed", "refusal_code": "other"}, "refusal_code", "Only a refusal has a reason code."),
        ({"refusal_code": "other"}, "answer", "The answer is missing"),
        ({"note": "We look into it"}, "answer", "The answer is missing"),
        ({"answer": "removed", "effective_at": "yesterday"}, "effective_at", "“yesterday” is no time"),
        ({"answer": "removed", "effective_at": "2099-01-01"}, "effective_at", "cannot take effect after"),
        (
            {"answer": "removed", "effective_at": "0001-01-01T00:00+14:00"},
            "effective_at",
            "before the year 2000",
        ),
        ({"answer": "removed", "effective_at": "01/03/2026"}, "effective_at", "can be 1 March or 3 January"),
        ({"answer": "removed", "territories": "GB"}, "territories", "Territories belong to"),
        ({"answer": "access_disabled", "territories": "Britain"}, "territories", "Not a country code"),
        ({"answer": "removed", "platform_reference": "9" * 121}, "platform_reference", "at most 120"),
        ({"answer": "removed", "line": "7"}, "line", "This notice has no line “7”."),
        ({"answer": "removed", "line": ""}, "line", "Which line is this about?"),
        ({"answer": "removed", "reference": "2026-999999"}, "reference", "cells seem to have been moved"),
        ({"answer": "removed", "line": "1"}, "reference", "cells seem to have been moved"),
        ({"answer": "removed", "line": "1", "reference": ""}, "address", "cells seem to have been moved"),
    ],
)
def test_an_error_names_row_and_column_and_nothing_is_saved(
    cells: Cells, column: str, said: str, notice: Notice, desk: Desk
) -> None:
    content = as_csv(filled(notice, l1={"answer": "removed"}, l2=cells))

    [error] = read(content, "back.csv", notice, by=desk.liaison).errors

    assert (error.row, error.column) == (3, column)
    assert said in error.message
    with pytest.raises(ValidationError, match="Row 3"):
        answer_by_file(notice, content, "back.csv", by=desk.liaison)
    assert Answer.objects.count() == 0


def test_rows_in_error_can_be_left_out(notice: Notice, desk: Desk) -> None:
    content = as_csv(filled(notice, l1={"answer": "removed"}, l2={"answer": "gone fishing"}))

    reading = answer_by_file(notice, content, "back.csv", by=desk.liaison, leave_out=True)

    assert (len(reading.filled), reading.refused) == (1, 1)
    assert [line.answer for line in notice.lines.order_by("position")] == ["removed", "", ""]


def test_one_line_twice_is_an_error(notice: Notice, desk: Desk) -> None:
    rows = filled(notice, l1={"answer": "removed"})

    reading = read(as_csv([*rows, rows[0]]), "back.csv", notice, by=desk.liaison)

    assert [(error.row, error.message) for error in reading.errors] == [
        (5, "Line 1 is answered in row 2 already.")
    ]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"line,answer\n", "back.txt", "Use a CSV, XLSX or ODS file."),
        (b"line,verdict\n1,removed\n", "back.csv", "“verdict” is not known"),
        (b"line,line,answer\n1,1,removed\n", "back.csv", "there twice"),
        (b"line,note\n1,removed\n", "back.csv", "no column “answer”"),
        (b"line,answer\n1,re\x00moved\n", "back.csv", "NUL"),
        (b"line,answer\n1,\xff\xfe\n", "back.csv", "not UTF-8"),
        (b"PK\x03\x04rest", "back.xlsx", "not a readable XLSX"),
        (b"", "back.csv", "empty"),
    ],
)
def test_what_is_no_such_table_is_refused_whole(
    content: bytes, name: str, said: str, notice: Notice, desk: Desk
) -> None:
    with pytest.raises(FileRefused, match=said):
        read(content, name, notice, by=desk.liaison)


def test_the_workbook_offers_the_answers_and_reads_back(notice: Notice, desk: Desk) -> None:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(line_sheet(notice)))
    [head, *rows] = book.get_sheet_by_index(0).to_python()

    assert tuple(head) == COLUMNS
    assert [row[:3] for row in rows] == [
        [str(line.position), line.item.reference, line.address] for line in notice.lines.order_by("position")
    ]
    assert read(line_sheet(notice), "lines.xlsx", notice, by=desk.liaison).empty == 3
    assert line_sheet(notice) == line_sheet(notice)


def test_a_stranger_cannot_answer(notice: Notice, desk: Desk, auditor: User) -> None:
    with pytest.raises(PermissionDenied):
        answer_by_file(notice, as_csv(filled(notice, l1={"answer": "removed"})), "a.csv", by=auditor)


def test_pages_show_first_and_save_then(
    notice: Notice, desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    browser, page = signed_in(desk.liaison), reverse("notices:answer_file", args=[notice.reference])
    content = as_csv(filled(notice, l1={"answer": "removed"}, l2={"answer": "gone fishing"}))

    shown = browser.post(page, {"file": SimpleUploadedFile("back.csv", content)})

    assert shown.status_code == 200
    assert "“gone fishing” is not known" in shown.content.decode()
    assert Answer.objects.count() == 0
    kept = {"kept": shown.context["kept"]}
    save = reverse("notices:answer_file_save", args=[notice.reference])
    browser.post(save, kept)
    assert Answer.objects.count() == 0
    answer = browser.post(save, {**kept, "leave_out": "yes"}, follow=True)
    assert "1 line is answered." in answer.content.decode()
    assert [each.answer for each in Answer.objects.all()] == ["removed"]


def test_what_was_kept_belongs_to_its_notice(
    notice: Notice, desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    other = desk.sent(lines=1)
    browser = signed_in(desk.liaison)
    shown = browser.post(
        reverse("notices:answer_file", args=[notice.reference]),
        {"file": SimpleUploadedFile("back.csv", as_csv(filled(notice, l1={"answer": "removed"})))},
    )

    for kept in (shown.context["kept"], "forged", ""):
        told = browser.post(
            reverse("notices:answer_file_save", args=[other.reference]), {"kept": kept}, follow=True
        )
        assert "This page no longer knows the file. Read it again." in told.content.decode()
    assert Answer.objects.count() == 0


@pytest.mark.parametrize("name", ["nothing.csv", "back.doc"])
def test_a_page_says_why_a_file_is_refused(
    name: str, notice: Notice, desk: Desk, signed_in: Callable[[User], Client]
) -> None:
    page = reverse("notices:answer_file", args=[notice.reference])

    shown = signed_in(desk.liaison).post(page, {"file": SimpleUploadedFile(name, b"a\n")})

    assert shown.status_code == 422
    assert shown.context["form"].errors["file"]


def test_the_api_tries_first(notice: Notice, desk: Desk, api: Callable[[User], APIClient]) -> None:
    client, path = api(desk.liaison), f"/api/v1/notices/{notice.reference}/answers/file/"
    content = as_csv(filled(notice, l1={"answer": "removed"}, l3={"answer": "labelled"}))

    def sent(**more: object) -> dict[str, object]:
        answer = client.post(path, {"file": SimpleUploadedFile("b.csv", content), **more}, format="multipart")
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    tried = sent()

    assert Answer.objects.count() == 0
    assert tried == {
        "rows": 3, "unchanged": 0, "empty": 1, "refused": 0, "errors": [],
        "answers": [
            {"row": 2, "line": 1, "answer": "removed", "refusal_code": ""},
            {"row": 4, "line": 3, "answer": "labelled", "refusal_code": ""},
        ],
    }  # fmt: skip
    assert sent(dry_run=False)["answers"] == tried["answers"]
    assert Answer.objects.count() == 2


def test_the_api_refuses_a_file_with_errors(
    notice: Notice, desk: Desk, api: Callable[[User], APIClient]
) -> None:
    content = as_csv(filled(notice, l1={"answer": "removed"}, l2={"answer": "gone fishing"}))

    answer = api(desk.liaison).post(
        f"/api/v1/notices/{notice.reference}/answers/file/",
        {"file": SimpleUploadedFile("b.csv", content), "dry_run": False},
        format="multipart",
    )

    assert answer.status_code == 400
    assert answer.json()["errors"]["file"][0].startswith("Row 3, answer: “gone fishing” is not known")
    assert Answer.objects.count() == 0
