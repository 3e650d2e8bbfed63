"""The report as a PDF: what every reader of it can count on, and what the copy to be kept holds."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from typing import Any

import pikepdf
import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from notices.typesetting import Order, PrintingNotPossible, Variant
from reports.copies import Copy
from reports.figure_files import Report, of_edition
from reports.figures import figures
from reports.models import Edition
from reports.printing import TOO_MUCH, print_edition, print_rates, print_report, typeset
from reports.public import publishable
from reports.tabulation import Hours, Share, printed, tables
from tests.journeys.pdf import text_of
from tests.reports.conftest import scope
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items

WITHHELD_COPY = Copy("A title", "For the public", "not an edition", [])
ARABIC = "\u0645\u0646\u0635\u0629"
TITLE = "\u062a\u0642\u0631\u064a\u0631 (2026)"
UA, A = "{http://www.aiim.org/pdfua/ns/id/}", "{http://www.aiim.org/pdfa/ns/id/}"
FETCHING = {"/URI", "/Launch", "/JavaScript", "/GoToR", "/GoToE", "/SubmitForm", "/ImportData"}


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


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(content))


def kinds(pdf: pikepdf.Pdf, *wanted: str) -> list[Any]:
    """The elements of these kinds, in the order of reading."""
    return [node for node in nodes(pdf.Root.StructTreeRoot) if str(node.get("/S")) in wanted]


@pytest.mark.parametrize("variant", Variant)
def test_report_can_be_read_aloud(variant: Variant, bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    with opened(print_rates(scope(), {"x": "X"}, variant)) as pdf:
        cells, pictures = kinds(pdf, "/TD"), kinds(pdf, "/Figure")
        levels = [int(str(node.S)[2:]) for node in kinds(pdf, "/H1", "/H2", "/H3")]

        assert len(cells) > 100
        assert {len(node.A.Headers) > 0 for node in cells} == {True}
        assert ["/Alt" in node for node in pictures] == [True, True]
        assert levels[:2] == [1, 2]
        assert [step for step in pairwise(levels) if step[1] > step[0] + 1] == []
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en-GB"
        assert "/First" in pdf.Root.Outlines


@pytest.mark.parametrize("variant", Variant)
def test_report_brings_every_font_along_and_fetches_nothing(
    variant: Variant, bring_in: Callable[..., None]
) -> None:
    bring_in(ten_items())

    with opened(print_rates(scope(), {"x": ARABIC}, variant)) as pdf:
        descriptors = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary)
                       and each.get("/Type") == "/FontDescriptor"]  # fmt: skip
        actions = {str(each.get("/S")) for each in pdf.objects if isinstance(each, pikepdf.Dictionary)}

        assert {bool({"/FontFile2", "/FontFile3"} & set(each.keys())) for each in descriptors} == {True}
        assert {str(each.FontName)[8:] for each in descriptors} == {
            "Public-Sans", "Public-Sans-Bold", "IBM-Plex-Sans-Arabic",
        }  # fmt: skip
        assert actions & FETCHING == set()
        assert {"/AA", "/OpenAction"} & set(pdf.Root.keys()) == set()


def test_copies_say_what_they_promise(edition: Edition) -> None:
    with (
        opened(print_edition(edition, {"x": "X"})) as read,
        opened(print_edition(edition, {"x": "X"}, Variant.ARCHIVE)) as kept,
    ):
        told, archived = read.open_metadata(), kept.open_metadata()

        assert (told[f"{UA}part"], f"{A}part" in told) == ("1", False)
        assert (archived[f"{A}part"], archived[f"{A}conformance"]) == ("3", "A")
        assert archived["dc:title"] == "January 2026: items notified from 1 January to 31 January 2026"
        assert archived["dc:title"] == str(kept.docinfo["/Title"])
        assert archived["xmp:CreateDate"] == f"{edition.frozen.computed_at:%Y-%m-%dT%H:%M:%SZ}"  # type: ignore[union-attr]
        assert bool(read.Root.ViewerPreferences.DisplayDocTitle)
        assert str(kept.Root.OutputIntents[0].S) == "/GTS_PDFA1"


def test_copy_to_be_kept_holds_its_figures(edition: Edition) -> None:
    with opened(print_edition(edition, {"x": "X"}, Variant.ARCHIVE)) as pdf:
        files = {name: file.get_file() for name, file in pdf.attachments.items()}

        assert {str(each.UF): str(each.AFRelationship) for each in pdf.Root.AF} == {
            "figures.csv": "/Data",
            "figures.json": "/Source",
        }
        assert [str(file.mime_type) for file in files.values()] == ["text/csv", "application/json"]
        assert files["figures.json"].read_bytes().decode() == edition.frozen.document  # type: ignore[union-attr]
        assert files["figures.csv"].read_bytes() == of_edition(edition, {"x": "X"}).written("csv")


@pytest.mark.parametrize("variant", Variant)
def test_every_page_says_what_it_is_and_which_rows(variant: Variant, edition: Edition) -> None:
    said = text_of(content := print_edition(edition, {"x": "X"}, variant))
    with opened(content) as pdf:
        pages = len(pdf.pages)

    assert said.count("Managementinformation,notforrelease") == pages
    assert said.count(edition.figures["rows_sha256"]) == pages + 1  # type: ignore[index]
    assert said.count(f"{edition.reference},asat1March2026,00:00UTC") == pages
    assert [said.count(f"Page{page}of{pages}") for page in range(1, pages + 1)] == [1] * pages


def test_cover_says_when_and_by_which_code(edition: Edition) -> None:
    frozen = edition.frozen
    assert frozen is not None

    said = text_of(print_edition(edition, {"x": "X"}))

    assert f"{edition.reference},publishedon" in said
    assert frozen.document_sha256 in said
    assert f"{frozen.code_version},seed{frozen.seed}" in said
    assert "T00:00" not in said


def test_headings_and_captions_say_different_things(edition: Edition) -> None:
    with opened(print_edition(edition, {"x": "X"})) as pdf:
        outline = [str(each.title) for each in pdf.open_outline().root[0].children]
    captions = {table.title for table in tables(edition.figures, {"x": "X"})}  # type: ignore[arg-type]

    assert outline[-1] == "How the figures are made"
    assert captions & set(outline) == set()


def test_revised_report_marks_and_lists_what_is_printed_otherwise(edition: Edition, office: Office) -> None:
    revised = office.revised(edition, as_at=edition.as_at + timedelta(days=1))
    report = of_edition(revised, {"x": "X"})
    before = deepcopy(edition.figures)
    assert before is not None
    before["groups"][0]["S03"]["outcomes"]["REFUSED"] = 77

    same = text_of(print_report(report))
    said = text_of(print_report(replace(report, copy=replace(report.copy, before=before))))

    assert f"Noprintedfigurediffersfromedition{edition.reference}" in same
    assert "[r]" not in same
    refused = revised.figures["groups"][0]["S03"]["outcomes"]["REFUSED"]  # type: ignore[index]
    assert f"Leftup:theplatformrefusedItems77{refused}" in said
    assert f"Leftup:theplatformrefused[r]{refused}" in said


def test_scope_is_marked_as_no_edition(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    assert text_of(print_rates(scope(), {"x": "X"})).count("Notanedition") > 2


def test_names_from_right_to_left_are_joined_and_keep_their_place(
    bring_in: Callable[..., None], office: Office
) -> None:
    """On the page the letters stand from right to left, and the brackets of the title to the left of its word."""
    bring_in(ten_items())
    edition = office.computed(title=TITLE, grouped_by="platform")

    said = text_of(print_edition(edition, {"x": ARABIC}))

    word, _, year = TITLE.partition(" ")
    assert f"){year[1:-1]}({word[::-1]}" in said
    assert ARABIC[::-1] in said


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
    document = publishable(figures(scope(), ["platform"]))

    said = text_of(print_report(Report(document, {"x": "X"}, WITHHELD_COPY, "1.0", 1)))

    assert "isnotshown:thenumberissmall" in said


def test_pages_that_take_too_long_are_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(PrintingNotPossible, match=TOO_MUCH):
        typeset(Order("<p>word</p>" * 20_000), seconds=1)

    assert "could not be set" in caplog.text


def test_document_that_loads_something_is_not_set(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(PrintingNotPossible):
        typeset(Order('<img alt="x" src="file:///etc/hostname">'))

    assert "loads nothing" in caplog.text
