"""The annual table as page, files and command."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import pikepdf
import pytest
from django.core.management import call_command
from django.test import Client
from python_calamine import CalamineWorkbook

from accounts.commands import WrongArguments
from accounts.models import User
from reports.article_22 import of_scope
from reports.article_22_printing import print_annual_table
from reports.provider_actions import ACTIONS, COLUMNS
from tests.journeys.pdf import is_tagged, text_of
from tests.reports.conftest import scope
from tests.reports.histories import twelve_items

JANUARY = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z"
ASKED = ("--from", "2026-01-01", "--to", "2026-01-31", "--as-at", "2026-03-01T00:00Z")
STATEMENT = "Decisions are made by officers alone; no platform pays for any of them."


@pytest.fixture(autouse=True)
def records(bring_in: Callable[..., None], settings: Any) -> None:
    settings.INDEPENDENCE_STATEMENT = STATEMENT
    bring_in(twelve_items())


def printed(*more: str) -> str:
    stream = StringIO()
    call_command("article_22_report", *ASKED, *more, stdout=stream)
    return stream.getvalue()


def test_command_prints_the_columns_of_the_format() -> None:
    lines = list(csv.DictReader(StringIO(printed())))

    assert tuple(lines[0]) == COLUMNS == (
        "period_start", "period_end", "provider", "category", "keyword", "notices", "lines", "action", "count",
        "median_hours_to_decision",
    )  # fmt: skip
    assert [(line["category"], line["action"], line["lines"], line["count"]) for line in lines] == [
        ("", "removed", "9", "2"),
        ("", "disabled_in_territories", "9", "1"),
        ("", "no_action", "9", "2"),
        ("", "undecided", "9", "2"),
        ("", "no_response", "9", "2"),
        ("fraud", "removed", "2", "2"),
    ]


def test_command_prints_json_with_scope_and_statement() -> None:
    document = json.loads(printed("--format", "json", "--threshold", "5"))

    assert (document["as_at"], document["independence"]) == ("2026-03-01T00:00:00Z", STATEMENT)
    assert {row["count"] for row in document["S20"]} == {"c"}


def test_command_takes_no_groupings() -> None:
    with pytest.raises(WrongArguments):
        printed("--by", "month")


def test_page_shows_the_table_and_the_statement(manager: User, signed_in: Callable[[User], Client]) -> None:
    response = signed_in(manager).get(f"/reports/article-22/?{JANUARY}")

    (table,) = response.context["tables"]
    assert (table["title"], table["columns"]) == (
        "X",
        "Type of content|Notices|Lines|Removed|Disabled in some territories|No action|No decision yet|No response"
        "|Median to decision",
    )
    assert [[label, *(text for _, text in cells)] for label, cells in table["rows"]] == [
        ["none", "3", "9", "2", "1", "2", "2", "2", "not reached"],
        ["Fraud", "1", "2", "2", "0", "0", "0", "0", "not reached"],
    ]
    assert STATEMENT in response.content.decode()
    assert [label for label, _ in response.context["downloads"]] == ["CSV", "ODS", "XLSX", "PDF"]


@pytest.mark.parametrize("form", ["ods", "xlsx"])
def test_files_say_what_they_are(form: str, manager: User, signed_in: Callable[[User], Client]) -> None:
    reader = signed_in(manager)

    content = reader.get(f"/reports/article-22.{form}?{JANUARY}").content
    book = CalamineWorkbook.from_filelike(BytesIO(content))

    assert book.sheet_names == ["About", "S20", "Codes"]
    about = dict(row[:2] for row in book.get_sheet_by_name("About").to_python()[3:])
    assert about["Status"] == "Not an edition. Management information, not for release"
    assert about["Independence"] == STATEMENT
    assert book.get_sheet_by_name("S20").to_python()[3][:6] == ["X", "none", 3, 9, "Removed", 2]
    assert content == reader.get(f"/reports/article-22.{form}?{JANUARY}").content


def test_nothing_in_it_names_an_item_or_a_person() -> None:
    everything = json.dumps(of_scope(scope()).document())

    for secret in ("x.com", "nobody", "2026-000", "Operation desk"):
        assert secret not in everything


def test_period_that_is_none_is_refused(manager: User, signed_in: Callable[[User], Client]) -> None:
    reader = signed_in(manager)

    assert reader.get("/reports/article-22/?from=x").status_code == 422
    assert reader.get("/reports/article-22.csv?from=x").status_code == 400


def test_pdf_says_what_the_page_says_and_can_be_read_aloud(
    manager: User, signed_in: Callable[[User], Client]
) -> None:
    first, second = (signed_in(manager).get(f"/reports/article-22.pdf?{JANUARY}") for _ in range(2))
    pages = text_of(first.content)

    assert (first["Content-Type"], first["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="annual-table-2026-01-01-to-2026-01-31.pdf"',
    )
    assert first.content == second.content
    assert is_tagged(first.content)
    for words in (
        "Notices by provider, type of content and action taken",
        "Not an edition. Management information, not for release",
        "Disabled in some territories",
        STATEMENT,
    ):
        assert "".join(words.split()) in pages


@pytest.mark.parametrize(("actions", "is_wide"), [(5, False), (6, True)])
def test_pages_lie_on_their_side_where_more_than_nine_columns_need_it(actions: int, is_wide: bool) -> None:
    every = [*ACTIONS][:actions]
    row = {"provider": "x", "category": "fraud", "notices": 6, "lines": 6, "count": 1,
           "median_hours_to_decision": None}  # fmt: skip
    annual = replace(of_scope(scope()), rows=[{**row, "action": action} for action in every])

    with pikepdf.open(BytesIO(print_annual_table(annual))) as pdf:
        sides = [float(side) for side in pdf.pages[0].mediabox[2:]]

    assert (sides[0] > sides[1]) == is_wide
