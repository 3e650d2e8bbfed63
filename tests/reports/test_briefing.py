"""The briefing on one platform: the page, the two pages of paper and the API say the same."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Permission
from platforms.models import Commitment, Contact, Platform
from reports.briefing import briefing
from reports.briefing_printing import print_briefing
from reports.comparison_sections import points
from reports.facts import Scope
from tests.journeys.pdf import is_tagged, text_of
from tests.reports.conftest import Records, check, item, notice, scope
from tests.reports.histories import day, twelve_items

JANUARY = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z"
LINK = re.compile(r'<a [^>]*href="(/reports/episodes/\?[^"]*)"[^>]*>([\d,]+)')
BringIn = Callable[[Records], None]
LONG = "Worldwide " * 12


def elsewhere() -> Records:
    """Two items of another platform, one of them down within a day."""
    refs = ["i91", "i92"]
    made = [
        item(ref, platform="telegram", address=f"https://t.me/nobody/{ref[1:]}", kind="post") for ref in refs
    ]
    return [*made, notice(day(5), *refs, ref="n91"), check("2026-01-06T11:00:00Z", "gone", ref="i91")]


def of_x(reader: User, **changes: Any) -> dict[str, Any]:
    return briefing(scope(**changes), Platform.objects.get(slug="x"), reader=reader)


def pages_of(content: bytes) -> int:
    with pikepdf.open(BytesIO(content)) as pdf:
        return len(pdf.pages)


def printed(reader: User, asked: Scope) -> bytes:
    document = briefing(asked, Platform.objects.get(slug="x"), reader=reader)
    return print_briefing(document, asked.about(platform="x"))


@pytest.fixture
def reader(manager: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(manager)


def test_document_counts_the_platform_alone(bring_in: BringIn, manager: User) -> None:
    bring_in([*twelve_items(), *elsewhere()])

    found = of_x(manager)

    assert found["platform"] == {"slug": "x", "name": "X"}
    assert found["rows"] == 12
    assert found["groups"][0]["S03"]["eligible"] == 10
    assert [(entry["category"], entry["items"]) for entry in found["by_category"]] == [
        (None, 10),
        ("fraud", 2),
    ]
    assert found["disputes"] == {"said_down_seen_live": 1, "said_kept_seen_gone": 1}
    assert [(row["month"], row["numerator"], row["denominator"]) for row in found["trend"]] == [
        ("2026-01", 4, 10)
    ]
    assert found["sentences"][0].startswith(
        "X: of 10 posts notified from 1 January to 31 January 2026 (platform X), 3 (30%;"
    )


def test_others_leave_the_platform_out(bring_in: BringIn, manager: User) -> None:
    bring_in([*twelve_items(), *elsewhere()])

    day_one = of_x(manager)["beside_others"]["24h"]

    counts = {name: (day_one[name]["numerator"], day_one[name]["denominator"])
              for name in ("platform", "others", "all")}  # fmt: skip
    assert counts == {"platform": (3, 10), "others": (1, 2), "all": (4, 12)}
    assert day_one["difference"] == pytest.approx(0.3 - 0.5)


def test_oldest_open_items_are_live_and_in_order(bring_in: BringIn, manager: User) -> None:
    later = [item(f"i{number}") for number in range(51, 58)]
    bring_in([*twelve_items(), *later, notice(day(10), *(one["ref"] for one in later), ref="n51"),
              *(check(day(12), "live", ref=one["ref"]) for one in later)])  # fmt: skip

    found = of_x(manager)["open"]

    assert found["items"] == 12
    assert [one["outcome"] for one in found["oldest"][:5]] == [
        "REFUSED", "PENDING", "CONTRADICTED", "REINSTATED", "LIMITED",
    ]  # fmt: skip
    assert [one["notified_at"][:10] for one in found["oldest"]] == ["2026-01-05"] * 5 + ["2026-01-10"] * 5
    assert found["oldest"][0]["days_open"] == 54
    assert found["oldest"][0]["address"] == "hxxps://x[.]com/i/status/1005"


def test_address_is_for_those_who_may_see_the_item(bring_in: BringIn, manager: User) -> None:
    bring_in(twelve_items())
    manager.token_scopes = frozenset({Permission.SEE_FIGURES})  # type: ignore[attr-defined]

    found = of_x(manager)

    assert {one["address"] for one in found["open"]["oldest"]} == {None}
    assert "hxxps" not in str(found)


def test_every_number_leads_to_its_rows(bring_in: BringIn, reader: Client) -> None:
    bring_in([*twelve_items(), *elsewhere()])

    page = reader.get(f"/reports/platforms/x/briefing/?{JANUARY}").content.decode()

    links = [(unescape(address), int(count.replace(",", ""))) for address, count in LINK.findall(page)]
    assert {address: reader.get(address).context["count"] for address, _ in links} == dict(links)
    assert len(links) >= 50


@pytest.mark.parametrize("items", [1, 3])
def test_page_needs_a_fixed_number_of_queries(
    items: int, bring_in: BringIn, reader: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    refs = [f"i{number}" for number in range(1, items + 1)]
    bring_in([*map(item, refs), *(notice(day(5), ref, ref=f"n{ref}") for ref in refs),
              *(check(day(7), "live", ref=ref) for ref in refs)])  # fmt: skip

    with django_assert_num_queries(39):
        reader.get(f"/reports/platforms/x/briefing/?{JANUARY}")


def test_empty_platform_says_what_comes_next(db: None, reader: Client) -> None:
    page = reader.get(f"/reports/platforms/x/briefing/?{JANUARY}").content.decode()

    assert "No items were notified to X from 1 January to 31 January 2026." in page
    assert "Once the platform has received a notice" in page


def test_items_that_are_all_left_out_are_said_so(bring_in: BringIn, manager: User) -> None:
    bounced = {"type": "delivery_failed", "notice": "n1", "at": "2026-01-05T12:05:00Z", "reason": "bounced"}
    bring_in([item("i1"), notice(day(5), "i1"), bounced])

    assert of_x(manager)["sentences"] == [
        "No items were notified to X from 1 January to 31 January 2026 that count: 1 was left out."
    ]


def test_wrong_period_and_unknown_platform(db: None, reader: Client) -> None:
    assert reader.get("/reports/platforms/x/briefing/?from=2026-02-02&to=2026-02-01").status_code == 422
    assert reader.get("/reports/platforms/x/briefing.pdf?from=2026-02-02&to=2026-02-01").status_code == 400
    assert reader.get("/reports/platforms/nowhere/briefing/").status_code == 404
    assert reader.get("/reports/platforms/nowhere/briefing.pdf").status_code == 404


def test_platform_stands_in_the_path_alone(bring_in: BringIn, reader: Client) -> None:
    bring_in([*twelve_items(), *elsewhere()])

    shown = reader.get(f"/reports/platforms/x/briefing/?{JANUARY}").context["document"]
    other = reader.get(f"/reports/platforms/x/briefing/?{JANUARY}&platform=telegram")

    assert (shown["rows"], shown["filters"]) == (12, {"platform": "x"})
    assert (other.status_code, "document" in other.context) == (400, False)


# -- Two pages ------------------------------------------------------------------------------------


def test_small_briefing_is_two_tagged_pages(bring_in: BringIn, reader: Client) -> None:
    bring_in([*twelve_items(), *elsewhere()])

    response = reader.get(f"/reports/platforms/x/briefing.pdf?{JANUARY}")

    assert response["Content-Disposition"] == (
        'attachment; filename="briefing-x-2026-01-01-to-2026-01-31.pdf"'
    )
    assert pages_of(response.content) == 2
    assert is_tagged(response.content)
    said = text_of(response.content)
    assert said.count("Managementinformation,notforrelease") == 2
    assert "hxxps://x[.]com/i/status/1005" in said


def test_empty_briefing_is_one_page(db: None, manager: User) -> None:
    assert pages_of(printed(manager, scope())) == 1


def test_large_briefing_is_two_pages(bring_in: BringIn, manager: User) -> None:
    """Every list fuller than it is printed, every text as long as it may be."""
    bring_in(large())
    platform = Platform.objects.get(slug="x")
    platform.name = LONG[:80]
    platform.save()
    for number in range(9):
        Contact.objects.create(
            platform=platform, desk=f"{number} {LONG}"[:120], email=f"{number}{'w' * 60}@example.org",
            telephone="+44 20 " + "7" * 30, hours=LONG, languages=LONG,
        )  # fmt: skip
    for severity in ("", "low", "medium", "high", "critical"):
        Commitment.objects.create(
            platform=platform, severity=severity, amount=9999, source=LONG * 2, valid_from=date(2020, 1, 1)
        )
    asked = scope(as_at=datetime(2027, 6, 1, tzinfo=UTC))
    asked = replace(asked, period=replace(asked.period, first=datetime(2025, 1, 1, tzinfo=UTC).date()))

    content = printed(manager, asked)
    assert pages_of(content) == 2


KINDS = ("post", "video", "account", "group", "page", "advert", "photo", "audio", "comment")
CATEGORIES = (
    "fraud", "phishing", "fake_shop", "advance_fee", "small_boat_advert", "lorry_crossing", "trafficking", "hate",
    "drugs", "terrorism", "coordinated_inauthentic",
)  # fmt: skip
REASONS = (
    "no_policy_breach", "no_illegality_seen", "insufficient_information", "jurisdiction", "other",
)  # fmt: skip


def large() -> Records:
    """Thirteen months of notices, in all kinds, categories and ends."""
    found: Records = []
    for number in range(1, 400):
        ref, month, year = f"i{number}", number % 13, 2025
        year, month = (2026, 1) if month == 12 else (2025, month + 1)
        at = f"{year}-{month:02d}-03T12:00:00Z"
        later = f"{year}-{month:02d}-05T12:00:00Z"
        found += [
            item(ref, at=at, kind=KINDS[number % 9], category=CATEGORIES[number % 11],
                 address=f"https://x.com/{'n' * 15}/status/{10**18 + number}"),
            notice(at, ref, ref=f"n{number}"),
        ]  # fmt: skip
        found += ends(number, ref, later)
    return found


def ends(number: int, ref: str, at: str) -> Records:
    """Every outcome, and what leaves an item out."""
    said = {"type": "answer", "notice": f"n{number}", "item": ref, "at": at}
    later = at.replace("T12", "T18")
    return [
        [check(at, "gone", ref=ref)],
        [{**said, "answer": "refused", "refusal_code": REASONS[number % 5]}, check(at, "live", ref=ref)],
        [{**said, "answer": "removed"}, check(later, "live", ref=ref)],
        [{**said, "answer": "restricted_age"}, check(at, "live", ref=ref)],
        [check(at, "gone", ref=ref, cause="author")],
        [{**said, "answer": "removed"}],
        [check(at, "live", ref=ref)],
        [],
        [check(at, "gone", ref=ref), check(later, "live", ref=ref)],
        [{**said, "answer": "removed"}, check(later, "gone", ref=ref)],
        [check(at, "geo_blocked", ref=ref, vantage="GB")],
        [{"type": "hold", "item": ref, "from": at, "until": None, "authority": "Operation desk"}],
        [{"type": "delivery_failed", "notice": f"n{number}", "at": at, "reason": "bounced"}],
        [notice(at, ref, ref=f"n{number + 1000}")],
    ][number % 14]


def test_equal_documents_give_equal_bytes(bring_in: BringIn, manager: User) -> None:
    bring_in(twelve_items())

    assert printed(manager, scope()) == printed(manager, scope())


# -- API, and the ways there ----------------------------------------------------------------------


def test_api_gives_the_document(bring_in: BringIn, manager: User, api: Callable[[User], APIClient]) -> None:
    bring_in([*twelve_items(), *elsewhere()])

    response = api(manager).get(f"/api/v1/platforms/x/briefing/?{JANUARY}")

    assert response.json() == of_x(manager)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"platforms/nowhere/briefing/?{JANUARY}", 404),
        ("platforms/x/briefing/", 400),
        (f"platforms/x/briefing/?{JANUARY}&platform=x", 400),
        (f"platforms/x/briefing/?{JANUARY}&by=month", 400),
    ],
)
def test_api_refuses_what_it_does_not_know(
    address: str, status: int, manager: User, api: Callable[[User], APIClient]
) -> None:
    assert api(manager).get(f"/api/v1/{address}").status_code == status


def test_platform_page_and_rates_lead_to_it(
    bring_in: BringIn, reader: Client, liaison: User, signed_in: Callable[[User], Client]
) -> None:
    bring_in(twelve_items())

    rates = reader.get(f"/reports/?{JANUARY}").content.decode()
    assert "/reports/platforms/x/briefing/?from=2026-01-01&amp;to=2026-01-31" in rates
    assert '/reports/platforms/x/briefing/"' in reader.get("/platforms/x/").content.decode()
    assert "briefing" not in signed_in(liaison).get("/platforms/x/").content.decode()


@pytest.mark.parametrize(
    ("difference", "words"), [(0.0345, "+3.5"), (-0.12, "\N{MINUS SIGN}12.0"), (-0.0001, "+0.0")]
)
def test_difference_in_points(difference: float, words: str) -> None:
    assert points(difference) == words
