"""A manager at a real browser: every page about figures is audited, and one is read, counted, sent and taken away."""

import csv
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as site
from playwright.sync_api import expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.roles import Role
from reports.figures_pages import PAGES
from reports.views.records import KINDS
from tests.conftest import PASSWORD
from tests.journeys.hand import CHROMIUM, MISSING, WIDTHS, Hand, fold, let_go
from tests.reports.conftest import Records, check, item, notice
from tests.reports.editions_at import Office
from tests.reports.histories import day, twelve_items

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
JANUARY = "from=2026-01-01&to=2026-01-31&as_at=2026-03-01T00:00:00Z"
FIGURES = (
    *(f"{slug}/?" for slug in PAGES), "?", "?by=language&sort=-to_date&", "episodes/?",
    *(f"{kind}/?" for kind in KINDS),
)  # fmt: skip
OTHERS = (
    "method/", "editions/", "editions/E2026-000001/", "editions/prepare/", "claims/", "claims/public/", "jobs/",
    "editions/compare/?first=E2026-000001&second=E2026-000001", "schedules/", "schedules/add/",
    "series-breaks/", "series-breaks/add/",
)  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True, scope="session")
def _folder_of_static_files() -> None:
    """The live server wants it to be there, although it serves the sources."""
    Path(site.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


def many_items() -> Records:
    """The twelve, and sixty more in three notices, most of which went within a week."""
    refs = [f"i{number}" for number in range(21, 81)]
    return [
        *twelve_items(),
        *(item(ref, at="2026-01-10T11:30:00Z", language="ar") for ref in refs),
        *(notice(day(10), *refs[at : at + 20], ref=f"n{at + 20}") for at in (0, 20, 40)),
        *(check(day(11 + place % 5), "gone", ref=ref) for place, ref in enumerate(refs[:45])),
        *(check("2026-02-12T12:00:00Z", "live", ref=ref) for ref in refs[45:]),
    ]


@pytest.fixture
def office(
    person: Callable[..., User], bring_in: Callable[..., None], settings: Settings, tmp_path: Path
) -> Office:
    """Two managers who can sign in, and a published edition."""
    settings.EXPORT_DIR = tmp_path / "exports"
    bring_in(many_items())
    found = Office(person(Role.MANAGER), person(Role.MANAGER, number=2))
    for each in (found.first, found.second):
        each.set_password(PASSWORD)
        each.save(update_fields=["password"])
    found.published(grouped_by="kind,channel")
    return found


@pytest.fixture
def hand(office: Office, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hand]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's driver runs a loop in this thread
    if CHROMIUM is None:
        (pytest.fail if os.geteuid() == 0 else pytest.skip)(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = Hand(browser, live_server.url)
        found.sign_in(office.first.email)
        yield found
        browser.close()
    let_go()


def test_every_page_about_figures_passes_the_audit_and_fits(hand: Hand) -> None:
    for path in [*(f"{path}{JANUARY}" for path in FIGURES), *OTHERS]:
        hand.page.goto(f"/reports/{path}")
        for width, height in WIDTHS.values():
            hand.page.set_viewport_size({"width": width, "height": height})
            found = Axe().run(hand.page, options={"runOnly": RULES}).response["violations"]
            assert [(path, rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
            assert (path, hand.page.evaluate("document.documentElement.scrollWidth")) == (path, width)

    assert hand.complaints == []


def test_manager_reads_counts_sends_and_takes_away_a_figure(hand: Hand, office: Office) -> None:
    hand.visit("reports:overview")
    hand.fill(**{"from": "2026-01-01", "to": "2026-03-31", "platform": "x"})
    hand.press("Apply")
    hand.reads("Platform: X")

    counts_the_rows(hand)
    takes_the_chart_away(hand)
    address, figures = keeps(hand)
    hand.sign_in(office.second.email)
    hand.page.goto(address)
    assert tables(hand) == figures
    assert hand.complaints == []


def counts_the_rows(hand: Hand) -> None:
    """Behind the first card: as many rows, page by page, as it says."""
    link = hand.page.locator(".desk-figure a").first
    said = int(fold(link.inner_text()).split()[0])
    hand.go(link)
    rows = hand.page.locator("tbody tr").count()
    while (following := hand.page.locator(".govuk-pagination__next a")).count():
        hand.go(following)
        rows += hand.page.locator("tbody tr").count()
    assert rows == said
    hand.page.goto(hand.page.get_by_role("link", name="Figures", exact=True).last.get_attribute("href") or "")
    hand.go(hand.page.get_by_role("link", name="Overview", exact=True))


def takes_the_chart_away(hand: Hand) -> None:
    """Its picture, and its table, which has the rows that the page shows."""
    chart = hand.page.locator(".desk-chart").first
    with hand.page.expect_download() as picture:
        chart.get_by_role("link", name="Picture").click()
    assert picture.value.path().read_text(encoding="utf-8").startswith("<svg")
    with hand.page.expect_download() as table:
        chart.get_by_role("link", name="table").click()
    with table.value.path().open(encoding="utf-8", newline="") as file:
        (head, *rows) = csv.reader(file)
    assert (head[:3], [row[:3] for row in rows]) == (["Month", "Taken down", "Of"], [["2026-01", "49", "70"]])


def keeps(hand: Hand) -> tuple[str, list[list[str]]]:
    """The address that holds the moment, and the figures at it."""
    hand.follow("Address that keeps these figures")
    assert re.search(r"as_at=\d{4}-\d\d-\d\dT", hand.page.url)
    expect(hand.page.locator("main [name=platform]")).to_have_value("x")
    return hand.page.url, tables(hand)


def tables(hand: Hand) -> list[list[str]]:
    rows = hand.page.locator("tbody tr").all()
    return [[fold(cell) for cell in row.locator("th, td").all_inner_texts()] for row in rows]
