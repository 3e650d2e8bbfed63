"""What the pages show, and that every number of them leads to as many rows as it says."""

import csv
import re
from collections.abc import Callable
from html import unescape
from io import BytesIO, StringIO
from typing import Any

import pikepdf
import pytest
from django.core.signing import dumps
from django.test import Client
from django.urls import reverse

from accounts.models import User
from reports import charts
from reports.figures import figures
from reports.groupings import GROUPING_WORDS
from tests.reports.conftest import item, notice, scope
from tests.reports.histories import ten_items

JANUARY = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z"
RATES = f"/reports/?{JANUARY}"
LINK = re.compile(r'<a [^>]*href="(/reports/(?:episodes|items|looks|chasers)/\?[^"]*)"[^>]*>([\d,]+)')


@pytest.fixture
def reader(manager: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(manager)


def text(response: Any) -> str:
    return response.content.decode()


def test_rates_show_the_headline_with_all_that_belongs_to_it(
    bring_in: Callable[..., None], reader: Client
) -> None:
    bring_in(ten_items())

    page = " ".join(re.sub(r"<[^>]+>", " ", unescape(text(reader.get(RATES)))).split())

    assert "33% 3 of 9" in page
    assert "95% interval 12% to 65%" in page
    assert "1 Mar 2026, 00:00 GMT" in page
    assert "At least 54 days 12 hours" in page


def test_every_number_leads_to_its_rows(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in(ten_items())

    links = {
        (unescape(address), int(count.replace(",", "")))
        for address, count in LINK.findall(text(reader.get(RATES)))
    }

    assert len(links) > 40
    for address, count in links:
        assert reader.get(address).context["count"] == count, address


@pytest.mark.parametrize("by", GROUPING_WORDS)
def test_numbers_of_every_group_lead_to_their_rows(
    by: str, bring_in: Callable[..., None], reader: Client
) -> None:
    bring_in(
        [
            *ten_items(),
            item("i11", language="ar", category="fraud"),
            notice("2026-01-31T12:00:00Z", "i11", ref="n8"),
        ]
    )

    page = text(reader.get(f"{RATES}&by={by}"))
    links = {unescape(address): int(count) for address, count in LINK.findall(page) if "group=" in address}

    assert {address: reader.get(address).context["count"] for address in links} == links
    assert len(links) >= 9


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("platform", ["X"]),
        ("category", ["Fraud", "None recorded"]),
        ("kind", ["Post"]),
        ("language", ["Arabic", "None recorded"]),
        ("channel", ["E-mail", "Portal"]),
        ("severity", ["None recorded"]),
        ("month", ["January 2026"]),
    ],
)
def test_groups_have_names(by: str, names: list[str], bring_in: Callable[..., None], reader: Client) -> None:
    bring_in([*ten_items(), item("i11", language="ar"), notice("2026-01-31T12:00:00Z", "i11", ref="n8")])

    groups = reader.get(f"{RATES}&by={by}").context["groups"]

    assert [row["name"] for row in groups] == names


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["E-mail", "Portal"]),
        ("-name", ["Portal", "E-mail"]),
        ("notified", ["Portal", "E-mail"]),
        ("-notified", ["E-mail", "Portal"]),
        ("-to_date", ["E-mail", "Portal"]),
        ("to_date", ["E-mail", "Portal"]),  # four in the portal are too few to say a rate
    ],
)
def test_groups_are_sorted_as_the_address_says(
    sort: str, names: list[str], bring_in: Callable[..., None], reader: Client
) -> None:
    refs = [f"i{number}" for number in range(11, 17)]
    bring_in([*ten_items(), *map(item, refs), notice("2026-01-31T12:00:00Z", *refs, ref="n8")])

    context = reader.get(f"{RATES}&by=channel&sort={sort}").context

    assert [row["name"] for row in context["groups"]] == names


def test_heading_of_the_order_asks_for_the_other_way_round(
    bring_in: Callable[..., None], reader: Client
) -> None:
    bring_in(ten_items())

    headings = reader.get(f"{RATES}&by=kind&sort=-7d").context["headings"]

    assert [(head["asks"], head["sorted"]) for head in headings] == [
        ("name", ""), ("-notified", ""), ("-eligible", ""), ("-to_date", ""), ("-low", ""), ("-high", ""),
        ("7d", "descending"), ("-24h", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["by=colour", "sort=colour", "language=12345678901", "severity=mild"])
def test_wrong_grouping_order_or_filter_is_refused(wrong: str, db: None, reader: Client) -> None:
    assert reader.get(f"{RATES}&{wrong}").status_code == 422


def test_filters_are_told_by_name(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in(ten_items())

    address = f"{RATES}&platform=x&language=ckb&severity=high&category=fraud"

    assert reader.get(address).context["filters"] == [
        "Platform: X", "Category: Fraud", "Language: Kurdish (Sorani)", "Severity: High",
    ]  # fmt: skip


@pytest.mark.parametrize("items", [1, 3])
def test_pages_need_a_fixed_number_of_queries(
    items: int, bring_in: Callable[..., None], reader: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    refs = [f"i{number}" for number in range(1, items + 1)]
    bring_in([*map(item, refs), *(notice("2026-01-05T12:00:00Z", ref, ref=f"n{ref}") for ref in refs)])

    with django_assert_num_queries(12):
        reader.get(RATES)
    with django_assert_num_queries(11):
        reader.get(f"/reports/episodes/?{JANUARY}")


def test_empty_period_says_what_to_do(db: None, reader: Client) -> None:
    page = text(reader.get(RATES))

    assert "No item was notified in this period" in page
    assert "desk-figure__rate" not in page


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("from=2026-02-02&to=2026-02-01", "The period ends before it begins"),
        ("as_at=2099-01-01T00:00:00Z", "This time has not come yet"),
        ("known_by=2099-01-01T00:00:00Z", "This time has not come yet"),
        ("as_at=9999-12-31T23:59:59-14:00", "This is after the year 2100: check the year."),
        ("as_at=0001-01-01T00:00:00%2B14:00", "This is before the year 2000: check the year."),
        ("known_by=0001-01-01T00:00", "This is before the year 2000: check the year."),
        ("to=9999-12-31", "This is after the year 2100: check the year."),
        ("from=0001-01-01", "This is before the year 2000: check the year."),
        ("from=yesterday", "Enter a valid date"),
        ("platform=nowhere", "Select a valid choice"),
    ],
)
def test_wrong_filters_are_explained(db: None, reader: Client, parameters: str, message: str) -> None:
    response = reader.get(f"/reports/?{parameters}")

    assert response.status_code == 422
    assert message in text(response)
    assert reader.get(f"/reports/episodes.csv?{parameters}").status_code == 400
    assert reader.get(f"/reports/takedown-rate.pdf?{parameters}").status_code == 400


def test_rows_show_addresses_defanged_and_never_as_links(
    bring_in: Callable[..., None], reader: Client
) -> None:
    bring_in([item(), notice()])

    page = text(reader.get(f"/reports/episodes/?{JANUARY}"))

    assert "hxxps" in page
    assert "https://x.com" not in page


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        ("outcome=REFUSED", 200),
        ("outcome=BURNT", 400),
        ("exclusion=X9", 400),
        ("window=24h", 400),
        ("group=kind:post", 200),
        ("group=language:", 200),
        ("group=kind", 400),
        ("group=colour:red", 400),
        ("group=kind:%00", 400),
        ("window=24h&within=yes", 200),
        ("page=2", 404),
        ("page=0", 404),
        ("page=x", 404),
    ],
)
def test_choice_of_rows_is_checked(db: None, reader: Client, choice: str, status: int) -> None:
    assert reader.get(f"/reports/episodes/?{JANUARY}&{choice}").status_code == status


def test_csv_has_every_row_and_no_formula(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in([*ten_items(), {**item("i11"), "ref": "=1+1"}, notice("2026-01-05T12:00:00Z", "=1+1", ref="n9")])

    response = reader.get(f"/reports/episodes.csv?{JANUARY}")

    rows = list(csv.DictReader(StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 11
    assert {row["ref"] for row in rows} == {f"i{number}" for number in range(1, 11)} | {"'=1+1"}
    assert {row["ref"]: row["within_24h"] for row in rows}["i1"] == "yes"


def test_csv_of_a_number_has_its_rows(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in(ten_items())

    response = reader.get(f"/reports/episodes.csv?{JANUARY}&outcome=REFUSED")

    assert len(b"".join(response.streaming_content).decode().splitlines()) == 2


def test_pdf_is_tagged_numbered_and_the_same_twice(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in(ten_items())
    address = f"/reports/takedown-rate.pdf?{JANUARY}"

    first, second = reader.get(address).content, reader.get(address).content

    assert first == second
    with pikepdf.open(BytesIO(first)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert len(pdf.pages) > 1
        assert pdf.docinfo["/Title"] == "Takedown rate: items notified from 1 January to 31 January 2026"
        assert _figures_with_words(pdf.Root.StructTreeRoot) == [True, True]
    assert len(figures(scope())["rows_sha256"]) == 64


def _figures_with_words(node: Any) -> list[bool]:
    """For each figure of the structure tree, whether it has a text alternative."""
    if not isinstance(node, pikepdf.Dictionary):
        return []
    kids = node.get("/K", [])
    found = [bool(str(node.get("/Alt", "")))] if node.get("/S") == "/Figure" else []
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        found += _figures_with_words(kid)
    return found


def test_chart_is_drawn_only_from_counts_that_we_signed(db: None, reader: Client) -> None:
    token = charts.counts("Items", {"=1": 3}).token
    other = dumps(["bars", "Items", "", []], salt="other")

    ours = [reader.get(reverse(f"reports:{name}", args=[token])) for name in ("chart", "chart_csv")]

    assert [(each.status_code, each["Content-Type"]) for each in ours] == [
        (200, "image/svg+xml"),
        (200, "text/csv; charset=utf-8"),
    ]
    assert ours[1].content == b"Label,Items\r\n'=1,3\r\n"
    for name in ("chart", "chart_csv"):
        assert reader.get(reverse(f"reports:{name}", args=[other])).status_code == 404


def test_method_page_names_every_outcome_and_exclusion(db: None, reader: Client) -> None:
    page = text(reader.get("/reports/method/"))

    assert "DOWN_PLATFORM_VERIFIED" in page
    assert "X6" in page


EXPORTS = ("/reports/episodes.csv", "/reports/takedown-rate.pdf")
PAGES = ("/reports/", "/reports/episodes/", "/reports/method/")


@pytest.mark.parametrize(
    ("role", "pages", "exports"),
    [("officer", 200, 403), ("reviewer", 200, 403), ("manager", 200, 200), ("auditor", 200, 200),
     ("liaison", 403, 403), ("administrator", 403, 403)],
)  # fmt: skip
def test_who_sees_figures_and_who_takes_them_away(
    role: str, pages: int, exports: int, person: Callable[..., User], signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(person(role))

    assert [client.get(f"{page}?{JANUARY}").status_code for page in PAGES] == [pages] * 3
    assert [client.get(f"{page}?{JANUARY}").status_code for page in EXPORTS] == [exports] * 2


def test_form_keeps_the_days_and_times_that_were_asked_for(db: None, reader: Client) -> None:
    """In London's time, as the browser's picker wants it: 12:00 UTC in July is 13:00."""
    page = text(reader.get("/reports/?to=2026-07-15&as_at=2026-07-20T12:00:00Z"))

    assert re.findall(r'name="(from|to|as_at|known_by)" value="([^"]*)"', page) == [
        ("from", "2026-02-01"),
        ("to", "2026-07-15"),
        ("as_at", "2026-07-20T13:00:00"),
    ]


def test_hour_that_comes_twice_keeps_its_zone(db: None, reader: Client) -> None:
    page = text(reader.get("/reports/?to=2025-10-25&as_at=2025-10-26T01:30:00Z"))

    assert 'name="as_at" value="2025-10-26T01:30:00+00:00"' in page
