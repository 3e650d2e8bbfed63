import shutil
from collections.abc import Callable, Iterator
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route, sync_playwright
from pytest_django import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SITE = "https://desk.example"
PHONE, DESKTOP = (390, 844), (1280, 900)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.urls("tests.config.gallery"),
    pytest.mark.skipif(
        CHROMIUM is None, reason="No Chromium: run `apt-get install chromium` to test the pages."
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser, settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser that is served by the test client, and fails if the console complains."""
    settings.STATIC_ROOT = tmp_path  # which must be there, although the browser is served from the sources
    contexts, complaints = [], []

    def opened(path: str, size: tuple[int, int] = DESKTOP, *, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, base_url=SITE
        )
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(10_000)
        context.route("**/*", serve)
        page = context.new_page()
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def serve(route: Route) -> None:
    address = urlsplit(route.request.url)
    if address.path.startswith("/static/"):
        found = finders.find(address.path.removeprefix("/static/"))
        route.fulfill(path=found, content_type=guess_type(found)[0])
        return
    response = Client().get(f"{address.path}?{address.query}")
    route.fulfill(status=response.status_code, headers=dict(response.headers), body=response.content)


def chosen(page: Page) -> list[str]:
    return page.eval_on_selector_all("[data-select]:checked", "boxes => boxes.map(box => box.value)")


def focused_row(page: Page) -> str:
    return page.evaluate("document.activeElement.closest('tr')?.querySelector('th').textContent ?? ''")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ["/", "/?wrong=1"])
def test_every_component_passes_the_audit_and_fits(
    visit: Callable[..., Page], path: str, size: tuple[int, int]
) -> None:
    page = visit(path, size)
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_rows_are_walked_and_selected_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("/")
    count = page.locator("[data-bulk-count]")
    assert count.inner_text() == "Select items to act on several at once."
    for key in "jxjjxk":
        page.keyboard.press(key)
    assert focused_row(page) == "2026-000002"
    assert chosen(page) == ["2026-000001", "2026-000003"]
    assert count.inner_text() == "2 of 8 selected"
    page.keyboard.press("Enter")
    page.wait_for_url("**/?open=2026-000002")


def test_select_all_and_ranges(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.check("[data-select-all]")
    assert len(chosen(page)) == 8
    page.uncheck("[data-select-all]")
    assert chosen(page) == []
    boxes = page.locator("[data-select]")
    boxes.nth(5).click()
    boxes.nth(2).click(modifiers=["Shift"])
    assert chosen(page) == ["2026-000003", "2026-000004", "2026-000005", "2026-000006"]


def test_acting_on_nothing_is_not_sent(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.get_by_role("button", name="Preview").click()
    assert page.locator("[data-bulk-count]").inner_text() == "Select items first."
    assert page.url == f"{SITE}/"


def test_shortcuts_can_be_seen_and_switched_off_for_good(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.keyboard.press("?")
    page.get_by_label("Use these shortcuts in this browser").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert focused_row(page) == ""


def test_shortcuts_leave_typing_alone(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.keyboard.press("/")
    page.keyboard.type("jax?/")
    assert page.get_by_label("Search").input_value() == "jax?/"
    assert chosen(page) == []


def test_an_address_is_copied_defanged(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.get_by_role("button", name="Copy the defanged address").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("hxxps://www[.]facebook[.]com/groups/")


@pytest.mark.parametrize("scripts", [True, False])
def test_media_are_not_loaded_until_asked_and_blurred_until_asked_again(
    visit: Callable[..., Page], scripts: bool
) -> None:
    page = visit("/", scripts=scripts)
    picture = page.locator(".desk-media img")
    assert not picture.is_visible()
    page.get_by_text("Show the picture, blurred").click()
    assert blur(page) == "grayscale(1) blur(14px)"
    page.get_by_label("Show it clearly").check()
    assert blur(page) == "none"


def test_escape_blurs_media_again(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.get_by_text("Show the picture, blurred").click()
    page.get_by_label("Show it clearly").check()
    page.keyboard.press("Escape")
    assert blur(page) == "grayscale(1) blur(14px)"


def blur(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.querySelector('.desk-media img')).filter")


def test_filters_fold_away_on_a_phone_only_with_scripts(visit: Callable[..., Page]) -> None:
    page = visit("/", PHONE)
    assert not page.get_by_label("Search").is_visible()
    page.get_by_role("button", name="Show filters").click()
    assert page.get_by_label("Search").is_visible()
    without = visit("/", PHONE, scripts=False)
    assert without.get_by_label("Search").is_visible()
    assert not without.get_by_text("Show filters").is_visible()


def test_nothing_that_needs_scripts_is_offered_without_them(visit: Callable[..., Page]) -> None:
    page = visit("/", scripts=False)
    assert not page.locator("[data-select-all]").is_visible()
    assert page.locator("[data-copy]:visible").count() == 0
    assert not page.locator("[data-keys-open]").is_visible()
    assert page.get_by_role("link", name="Figures").is_visible()


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(visit: Callable[..., Page]) -> None:
    page = visit("/?wrong=1")
    assert page.title() == "Error: Every component – Takedown Desk"
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    page.get_by_role("link", name="Severity: This field is required.").click()
    assert page.evaluate("document.activeElement.id") == "id_severity_0"


def test_a_waiting_page_looks_again_by_itself(visit: Callable[..., Page]) -> None:
    page = visit("/?busy=1")
    with page.expect_request("**/?busy=1", timeout=5000) as looked:
        pass
    assert looked.value.resource_type == "fetch"


def test_a_waiting_page_looks_again_without_scripts(visit: Callable[..., Page]) -> None:
    page = visit("/?busy=1", scripts=False)
    with page.expect_request("**/?busy=1", timeout=5000) as looked:
        pass
    assert looked.value.is_navigation_request()
