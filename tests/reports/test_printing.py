"""The report as a PDF: what every reader of it can count on."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from reports.figures import figures
from reports.models import Edition
from reports.printing import Copy, print_document, print_edition, print_rates
from reports.public import publishable
from reports.tabulation import Hours, Share, printed, tables
from tests.journeys.pdf import text_of
from tests.reports.conftest import scope
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items

WITHHELD_COPY = Copy("A title", "For the public", "not an edition", [])
ARABIC = "منصة"


@pytest.fixture
def office(person: Callable[..., User]) -> Office:
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


@pytest.fixture
def edition(bring_in: Callable[..., None], office: Office) -> Edition:
    bring_in(ten_items())
    return office.published(grouped_by="platform")


def nodes(node: Any) -> Iterator[Any]:
    """Every element of a structure tree."""
    if isinstance(node, pikepdf.Dictionary):
        yield node
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            yield from nodes(kid)


def test_report_can_be_read_aloud(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    with pikepdf.open(BytesIO(print_rates(scope(), {"x": "X"}))) as pdf:
        elements = list(nodes(pdf.Root.StructTreeRoot))
        cells = [node for node in elements if node.get("/S") == "/TD"]
        figured = [node for node in elements if node.get("/S") == "/Figure"]
        fonts = [font for page in pdf.pages for font in page.Resources.get("/Font", {}).values()]

        assert [len(node.A.Headers) > 0 for node in cells] == [True] * len(cells)
        assert len(cells) > 100
        assert ["/Alt" in node for node in figured] == [True]
        assert str(pdf.Root.Lang) == "en-GB"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert "/First" in pdf.Root.Outlines
        described = [font.DescendantFonts[0].FontDescriptor for font in fonts]
        assert [{"/FontFile2", "/FontFile3"} & set(d.keys()) != set() for d in described] == [True] * len(
            fonts
        )


def test_every_page_says_what_it_is_and_which_rows(edition: Edition) -> None:
    said = text_of(content := print_edition(edition, {"x": "X"}))
    with pikepdf.open(BytesIO(content)) as pdf:
        pages = len(pdf.pages)

    assert said.count("Managementinformation,notforrelease") == pages + 1
    assert said.count(f"rows{edition.figures['rows_sha256']}") == pages + 1  # type: ignore[index]
    assert f"Page{pages}of{pages}" in said


def test_edition_is_printed_the_same_whatever_is_recorded_later(
    edition: Edition, bring_in: Callable[..., None]
) -> None:
    first = print_edition(edition, {"x": "X"})
    later = [record | {"ref": "i99"} for record in ten_items()[:1]]
    bring_in([record | {"address": "https://x.com/nobody/status/1099"} for record in later])

    assert print_edition(edition, {"x": "X"}) == first


def test_scope_is_marked_as_no_edition_and_keeps_names_from_right_to_left(
    bring_in: Callable[..., None],
) -> None:
    bring_in(ten_items())

    content = print_rates(scope(), {"x": ARABIC})

    assert "Notanedition" in text_of(content)
    assert [table.rows[0][0] for table in tables(figures(scope(), ["platform"]), {"x": ARABIC})][3] == ARABIC


def test_edition_without_figures_has_no_report(
    bring_in: Callable[..., None], office: Office, signed_in: Callable[[User], Client]
) -> None:
    bring_in(ten_items())

    assert signed_in(office.first).get(f"/reports/editions/{office.draft()}/report.pdf").status_code == 404


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (1218, "1,218"), (None, "–"), ("yes", "yes"), (Share(None, 0), "no items"), (Share(0.5, 9), "too few"),
        (Share(0.5, 49), "50% (low base)"), (Share(578 / 1218, 1218), "47.5%"), (Hours(None), "not reached"),
        (Hours(26.0), "1 day 2 hours"),
    ],
)  # fmt: skip
def test_cells_in_words(cell: Any, words: str) -> None:
    assert printed(cell) == words


def test_report_of_withheld_figures_says_that_they_are(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    printed = print_document(scope(), publishable(figures(scope(), ["platform"])), {"x": "X"}, WITHHELD_COPY)

    assert "isnotshown:thenumberissmall" in text_of(printed)
