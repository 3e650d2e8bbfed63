"""Every page of figures: each number leads to as many rows as it says, at the same cost for few items and many."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from casework.models import Item
from reports.figures_pages import PAGES
from tests.casework.checking import noticed
from tests.reports.conftest import answer, check, item, notice
from tests.reports.histories import ten_items

JANUARY = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z"
LINK = re.compile(r'<a [^>]*href="(/reports/(?:episodes|items|looks|chasers)/\?[^"]*)"[^>]*>([\d,]+)')
# Refused and then taken down, taken down and back, answered late; beside what the ten items show.
MORE = [
    item("i21"), notice("2026-01-05T12:00:00Z", "i21", ref="n21"),
    answer("2026-01-06T12:00:00Z", "refused", ref="i21", to="n21", refusal_code="no_policy_breach"),
    check("2026-01-20T12:00:00Z", "gone", ref="i21"),
    item("i22"), notice("2026-01-06T12:00:00Z", "i22", ref="n22"),
    check("2026-01-07T12:00:00Z", "gone", ref="i22"),
    check("2026-01-17T12:00:00Z", "live", ref="i22"),
    item("i23"), notice("2026-01-06T12:00:00Z", "i23", ref="n23"),
    check("2026-01-07T12:00:00Z", "geo_blocked", ref="i23", vantage="GB"),
    check("2026-01-07T13:00:00Z", "login_required", ref="i23", method="automatic"),
]  # fmt: skip
LINKS = {
    "overview": 34, "times": 31, "responses": 12, "refusals": 9, "durability": 20, "own-speed": 4, "comparison": 4,
    "quality": 34,
}  # fmt: skip
QUERIES = {"overview": 19, "comparison": 18, "quality": 18}  # with items on their way, a second group, looks


@pytest.fixture
def reader(manager: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(manager)


@pytest.mark.parametrize("slug", PAGES)
def test_every_number_leads_to_its_rows(slug: str, bring_in: Callable[..., None], reader: Client) -> None:
    bring_in([*ten_items(), *MORE])

    page = reader.get(f"/reports/{slug}/?{JANUARY}").content.decode()

    links = [(unescape(address), int(count.replace(",", ""))) for address, count in LINK.findall(page)]
    assert {address: reader.get(address).context["count"] for address, _ in links} == dict(links)
    assert len(links) >= LINKS[slug]


@pytest.mark.parametrize("slug", PAGES)
@pytest.mark.parametrize("items", [1, 3])
def test_pages_need_a_fixed_number_of_queries(
    slug: str, items: int, bring_in: Callable[..., None], reader: Client,
    django_assert_num_queries: Callable[..., None],
) -> None:  # fmt: skip
    refs = [f"i{number}" for number in range(1, items + 1)]
    bring_in([*map(item, refs), *(notice("2026-01-05T12:00:00Z", ref, ref=f"n{ref}") for ref in refs)])

    with django_assert_num_queries(QUERIES.get(slug, 11)):
        reader.get(f"/reports/{slug}/?{JANUARY}")


@pytest.mark.parametrize("slug", PAGES)
def test_empty_period_says_what_to_do_and_a_wrong_one_why(slug: str, db: None, reader: Client) -> None:
    empty = reader.get(f"/reports/{slug}/?{JANUARY}")
    wrong = reader.get(f"/reports/{slug}/?from=2026-02-02&to=2026-02-01")

    assert "No item was notified in this period" in empty.content.decode()
    assert wrong.status_code == 422
    assert "The period ends before it begins" in wrong.content.decode()


def test_tabs_keep_the_filters(bring_in: Callable[..., None], reader: Client) -> None:
    bring_in(ten_items())

    page = unescape(reader.get(f"/reports/times/?{JANUARY}&platform=x").content.decode())

    asked = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00%3A00%3A00Z&known_by=2026-03-01T00%3A00%3A00Z"
    assert re.findall(r'href="/reports/([a-z-]*/?)\?from=[^"]*platform=x"', page)[:9] == [
        "overview/", "", *(f"{slug}/" for slug in PAGES if slug != "overview")
    ]  # fmt: skip
    assert f"/reports/refusals/?{asked}&platform=x" in page


def test_removals_dated_before_the_notice_are_told_with_their_rows(
    bring_in: Callable[..., None], reader: Client
) -> None:
    bring_in(
        [
            item("i1", at="2026-01-05T08:00:00Z"),
            check("2026-01-05T10:00:00Z", "live"),
            notice("2026-01-05T12:00:00Z"),
            answer("2026-01-05T15:00:00Z", "removed", effective_at="2026-01-05T11:00:00Z"),
            check("2026-01-05T14:00:00Z", "gone"),
        ]
    )

    page = unescape(reader.get(f"/reports/quality/?{JANUARY}").content.decode())

    (row,) = [row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if "Dated before notice" in row]
    (number, whole) = LINK.findall(row)
    assert (number[1], whole[1]) == ("1", "1")
    (shown,) = reader.get(number[0]).context["page"]
    assert (shown["row"].within_1h, shown["row"].outcome) == ("yes", "DOWN_PLATFORM_VERIFIED")
    assert "Say how many they are" in row


def test_looks_not_made_in_time_are_counted_and_lead_to_their_queue(
    bring_in: Callable[..., None], reader: Client
) -> None:
    bring_in(ten_items())
    Item.objects.update(next_check_at=None)
    late, due = noticed(), noticed()
    for item_, hours in ((late, 2), (due, 0.5)):
        since = timezone.now() - timedelta(hours=hours)
        Item.objects.filter(pk=item_.pk).update(next_check_at=since, last_verdict="live")

    page = unescape(reader.get(f"/reports/quality/?{JANUARY}").content.decode())

    (row,) = [row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if "Not seen in time" in row]
    [(link, count)] = re.findall(r'href="([^"]*queue=unseen[^"]*)"[^>]*>(\d+)', row)
    assert count == "1"
    assert list(reader.get(link).context["page_obj"]) == [late]
