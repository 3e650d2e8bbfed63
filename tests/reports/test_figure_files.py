"""Figures as files for spreadsheets, read back by another reader than wrote them."""

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from reports import figure_files
from reports.copies import Copy, unfrozen
from reports.figure_files import FORMS, Report
from reports.figures import figures
from reports.models import Edition
from reports.public import publishable
from reports.revisions import differences
from reports.sheets import Format, Number, value_of
from reports.tabulation import Hours, Share
from tests.reports.conftest import item, notice, scope
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items

SPREADSHEETS = ("ods", "xlsx")
JANUARY = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z"
HOSTILE = '=HYPERLINK("http://attack.example";"open")'


@pytest.fixture
def office(person: Callable[..., User]) -> Office:
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


@pytest.fixture
def edition(bring_in: Callable[..., None], office: Office) -> Edition:
    bring_in(ten_items())
    return office.published(grouped_by="platform")


def read(content: bytes) -> dict[str, list[list[Any]]]:
    """Each sheet's rows, by its name."""
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def tidy(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode(), newline="")))


def report(document: dict[str, Any], **more: Any) -> Report:
    given: dict[str, Any] = {"names": {"x": "X"}, "copy": unfrozen(), "code": "1.0+abc", "seed": 7, **more}
    return Report(document, **given)


@pytest.mark.parametrize("form", SPREADSHEETS)
def test_every_table_is_a_sheet_whose_numbers_are_numbers(
    form: str, bring_in: Callable[..., None], edition: Edition
) -> None:
    found = read(figure_files.of_edition(edition, {"x": "X"}).written(form))

    assert list(found) == ["About", "S05", "S03", "S02", "S04", "Others", "S08", "S18", "S17"]
    assert found["S02"][0][0] == "Notified items left out (S02)"
    assert found["S02"][2:] == [
        ["Why", "Items", "Share of notified"],
        ["X1: Withdrawn by us before any decision", 0, 0],
        ["X2: Duplicate: notified again while the episode was open", 0, 0],
        ["X3: Invalid: our error, confirmed by a reviewer", 0, 0],
        ["X4: Not shown to be live at notice", 0, 0],
        ["X5: Not delivered", 0, 0],
        ["X6: On hold: left up on request", 1, 0.1],
        ["Eligible", 9, ""],
        ["Notified", 10, ""],
    ]
    assert found["S04"][3][:5] == ["X", 10, 3, 9, "too few"]


@pytest.mark.parametrize("form", SPREADSHEETS)
def test_first_sheet_says_what_the_figures_are(form: str, edition: Edition) -> None:
    frozen = edition.frozen
    assert frozen is not None

    rows = dict(row[:2] for row in read(figure_files.of_edition(edition, {}).written(form))["About"][3:])

    mark = f"Edition {edition}, published. Management information, not for release"
    if edition.provisional:
        mark = mark.replace("published", "published, provisional [p]")
    assert rows == {
        "Title": "January 2026",
        "Edition": edition.reference,
        "Status": mark,
        "Items notified from": "2026-01-01",
        "Items notified to": "2026-01-31 (included; days in Europe/London)",
        "As at": "2026-03-01T00:00:00Z",
        "Known by": "2026-03-01T00:00:00Z",
        "Definitions": "version 1",
        "Rows": "10",
        "SHA-256 of the rows": frozen.rows_sha256,
        "Code version": frozen.code_version,
        "Random seed": str(frozen.seed),
    }


@pytest.mark.parametrize("form", FORMS)
def test_an_edition_is_the_same_file_each_time(form: str, edition: Edition) -> None:
    first, second = (figure_files.of_edition(edition, {"x": "X"}).written(form) for _ in range(2))

    assert first == second


def test_csv_has_every_figure_of_the_document_as_it_is(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())
    made = figure_files.of_scope(scope(), {"x": "X"})
    total = made.document["groups"][0]

    lines = tidy(made.written("csv"))
    values = {(line["statistic"], line["platform"], line["measure"]): line["value"] for line in lines}

    assert set(lines[0]) == {"statistic", "platform", "measure", "value"}
    assert values["about", "", "Status"] == "Not an edition. Management information, not for release"
    assert values["S04", "", "numerator"] == values["S04", "x", "numerator"] == "3"
    assert float(values["S04", "", "rate"]) == total["S04"]["rate"] == 3 / 9
    assert [float(values["S04", "", f"interval.{end}"]) for end in ("low", "high")] == total["S04"][
        "interval"
    ]
    assert [float(values["S08", "", f"survival.24h.{name}"]) for name in ("value", "low", "high")] == (
        total["S08"]["survival"]["24h"]
    )
    assert values["S08", "", "median_hours"] == ""
    assert len(values) == len(lines)


def test_a_title_that_is_a_formula_is_text(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())
    made = report(figures(scope(), ["platform"]), copy=Copy(HOSTILE, "x", HOSTILE, []), names={"x": HOSTILE})

    for form in SPREADSHEETS:
        found = read(made.written(form))
        assert found["About"][0][0] == f"'{HOSTILE}"
        assert found["S04"][3][0] == f"'{HOSTILE}"
    assert [line["value"] for line in tidy(made.written("csv"))[:2]] == [f"'{HOSTILE}"] * 2
    with ZipFile(BytesIO(made.written("xlsx"))) as archive:
        assert b"<f>" not in b"".join(archive.read(name) for name in archive.namelist())


def test_text_that_no_xml_can_hold_does_not_break_the_file(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())
    made = report(figures(scope()), copy=Copy("a\x0bb\ufffe", "x", "y", []))

    found = {form: read(made.written(form))["About"][0][0] for form in SPREADSHEETS}

    assert found["ods"] == "a\ufffdb\ufffd"
    assert found["xlsx"][0] == "a"


def test_revised_figures_have_a_sheet_of_their_own(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())
    earlier, later = figures(scope()), figures(scope(as_at="2026-01-06T12:00:00+00:00"))
    made = report(later, copy=Copy("t", "m", "r", differences(earlier, later)))

    for form in SPREADSHEETS:
        rows = read(made.written(form))["Revisions"]
        assert rows[0][0] == "Revisions"
        assert rows[2] == ["Group", "Figure", "Before", "Now [r]"]
        assert ["All", "S03 outcomes REPORTED_DOWN_UNVERIFIED", 1, 2] in rows


def test_what_is_withheld_stays_so_in_every_form(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())
    made = report(publishable(figures(scope(), ["platform"])))

    for form in SPREADSHEETS:
        found = read(made.written(form))
        assert found["S02"][-1][:2] == ["Notified", "c"]
        assert ["Withheld", "“c”: counts below 5, and what would give them away"] in found["About"]
    values = {(line["statistic"], line["platform"], line["measure"]): line["value"]
              for line in tidy(made.written("csv"))}  # fmt: skip
    assert values["S04", "", "numerator"] == values["S04", "x", "rate"] == "c"


def test_ods_begins_with_its_media_type_unpacked(edition: Edition) -> None:
    with ZipFile(BytesIO(figure_files.of_edition(edition, {}).written("ods"))) as archive:
        first = archive.infolist()[0]
        told = archive.read(first)

    assert (first.filename, first.compress_type, told.decode()) == ("mimetype", ZIP_STORED, FORMS["ods"])


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (1218, Number(1218, Format())),
        (Share(578 / 1218, 1218), Number(578 / 1218, Format(1, is_share=True))),
        (Share(0.5, 20), Number(0.5, Format(0, is_share=True, words=" (low base)"))),
        (Share(0.5, 8), "too few"),
        (Share(None, 0), "no items"),
        (Share("c", 100), "c"),
        (Hours(30.25), Number(30.25, Format(1, words=" hours"))),
        (Hours(None), "not reached"),
        (Hours("c"), "c"),
        ("-3", "-3"),
        ("+1", "'+1"),
        (None, ""),
    ],
)
def test_cells(cell: Any, value: Any) -> None:
    assert value_of(cell) == value


def test_pages_offer_the_files_to_those_who_may_take_figures_away(
    edition: Edition, person: Callable[..., User], signed_in: Callable[[User], Client]
) -> None:
    auditor, officer = signed_in(person(Role.AUDITOR)), signed_in(person(Role.OFFICER))
    for page, start in (
        (f"/reports/?{JANUARY}", "/reports/takedown-rate."),
        (f"/reports/times/?{JANUARY}", "/reports/takedown-rate."),
        (f"/reports/editions/{edition}/", f"/reports/editions/{edition}/report."),
    ):
        shown = auditor.get(page).context["downloads"]
        assert [label for label, _ in shown] == ["PDF", "CSV", "ODS", "XLSX", "PDF/A"]
        assert [url[: len(start)] for _, url in shown] == [start] * 5
        assert "Download these figures" not in officer.get(page).content.decode()
        for label, url in shown[1:-1]:
            response = auditor.get(url)
            assert response["Content-Type"] == FORMS[label.lower()]
            assert response["Content-Disposition"].endswith(f'.{label.lower()}"')


def test_frozen_file_does_not_change_with_the_records(
    edition: Edition, bring_in: Callable[..., None], office: Office, signed_in: Callable[[User], Client]
) -> None:
    reader = signed_in(office.first)
    before = reader.get(f"/reports/editions/{edition}/report.csv").content
    bring_in([item("i50"), notice("2026-01-05T12:00:00Z", "i50", ref="n50")])

    assert reader.get(f"/reports/editions/{edition}/report.csv").content == before


def test_file_of_no_such_scope_or_edition(manager: User, signed_in: Callable[[User], Client]) -> None:
    reader = signed_in(manager)

    assert reader.get("/reports/takedown-rate.xlsx?from=yesterday").status_code == 400
    assert reader.get("/reports/editions/E2026-000009/report.ods").status_code == 404


@pytest.mark.parametrize("form", FORMS)
def test_api_gives_the_files_that_the_pages_give(
    form: str,
    edition: Edition,
    office: Office,
    api: Callable[[User], APIClient],
    signed_in: Callable[..., Client],
) -> None:
    page, program = signed_in(office.first), api(office.first)
    asked = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z"

    frozen = program.get(f"/api/v1/editions/{edition}/report.{form}")
    current = program.get(f"/api/v1/figures/report.{form}?{asked}")

    assert frozen.content == page.get(f"/reports/editions/{edition}/report.{form}").content
    assert current.content == page.get(f"/reports/takedown-rate.{form}?{asked}").content
    assert (frozen["Content-Type"], current["Content-Type"]) == (FORMS[form], FORMS[form])
