"""A person's hand at a real browser: opens pages, fills forms, presses buttons, and takes pictures of each step."""

import io
import re
import shutil
import threading
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.conftest import PASSWORD

PICTURES = Path(settings.BASE_DIR) / "var" / "screenshots"
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
TALLEST = 6_000  # pixels of a picture; a longer page is cut
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "No Chromium: run `sudo apt-get install chromium` (`make test` does it as root), then test again."


class Hand:
    """One browser in which people sign in one after another."""

    def __init__(self, browser: Browser, site: str, *, javascript: bool = True) -> None:
        self.browser, self.site = browser, site
        self.complaints: list[str] = []
        self.steps = 0
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 1280, "height": 900}, base_url=site, accept_downloads=True, locale="en-GB",
            java_script_enabled=javascript,
        )  # fmt: skip
        self.context.set_default_timeout(90_000)  # a busy machine takes its time
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def without_javascript(self) -> "Hand":
        """Somebody else's browser, which runs no scripts."""
        return Hand(self.browser, self.site, javascript=False)

    def sign_in(self, email: str) -> None:
        self.context.clear_cookies()
        self.visit("accounts:sign_in")
        self.fill(username=email, password=PASSWORD)
        self.press("Sign in")
        expect(self.page.get_by_role("button", name="Sign out")).to_have_count(1)

    def visit(self, name: str, *arguments: object, **query: str) -> None:
        self.page.goto(f"{reverse(name, args=arguments)}{'?' if query else ''}{urlencode(query)}")

    def fill(self, **values: Any) -> None:
        """Each field by its name; choices by their value."""
        for name, value in values.items():
            fields = self.page.locator(f"main [name='{name}']:not([type=hidden])")
            self._fill(fields, fields.first.evaluate("field => field.type"), value)

    def _fill(self, fields: Locator, kind: str, value: Any) -> None:
        if kind == "radio":
            fields.and_(self.page.locator(f"[value='{value}']")).check()
        elif kind == "checkbox":
            fields.set_checked(value)
        elif kind == "select-one":
            fields.select_option(value)
        elif kind == "file":
            fields.set_input_files(value)
        else:
            fields.fill(value)

    def press(self, button: str) -> None:
        self.go(self.page.get_by_role("main").get_by_role("button", name=button, exact=True))

    def follow(self, link: str) -> None:
        self.go(self.page.get_by_role("main").get_by_role("link", name=link, exact=True))

    def go(self, way: Locator) -> None:
        """Click, and wait until the next page is there to its end: a click alone returns at its first byte."""
        with self.page.expect_event("load"):
            way.click()

    def take(self, link: str) -> bytes:
        """The file behind a link."""
        with self.page.expect_download() as loading:
            self.page.get_by_role("main").get_by_role("link", name=link, exact=True).click()
        return Path(loading.value.path()).read_bytes()

    def act_on_all(self, verb: str) -> None:
        """Select every row of the list and ask for the preview of a bulk action."""
        self.page.locator("[data-select-all]").check()
        self.page.locator("#bulk-verb").select_option(verb)
        self.press("Preview")

    def reads(self, text: str) -> None:
        """The page says so."""
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def rows(self) -> list[list[str]]:
        """The cells of the page's first table, white space folded."""
        cells = self.page.locator("table").first.locator("tbody tr").all()
        return [[fold(cell) for cell in row.locator("th, td").all_inner_texts()] for row in cells]

    def table(self, caption: str) -> list[list[str]]:
        """The cells of the table of this caption, white space folded."""
        tables = self.page.locator("table").filter(
            has=self.page.locator("caption", has_text=re.compile(f"^{caption}$"))
        )
        return [
            [fold(cell) for cell in row.locator("th, td").all_inner_texts()]
            for row in tables.locator("tbody tr").all()
        ]

    def status_of(self, name: str, *arguments: object) -> int:
        """How the site answers this person, without leaving the page."""
        cookies = "; ".join(f"{each['name']}={each['value']}" for each in self.context.cookies())
        request = Request(f"{self.site}{reverse(name, args=arguments)}", headers={"Cookie": cookies})
        try:
            with urlopen(request, timeout=90) as response:
                return int(response.status)
        except HTTPError as refusal:
            refusal.close()
            return refusal.code

    def picture(self, name: str) -> None:
        """The whole page at both widths; nothing may stick out sideways."""
        self.steps += 1
        for label, (width, height) in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, (name, label)
            taken = Image.open(io.BytesIO(self.page.screenshot(full_page=True, animations="disabled")))
            folder = PICTURES / label
            folder.mkdir(parents=True, exist_ok=True)
            taken.crop((0, 0, taken.width, min(taken.height, TALLEST))).save(
                folder / f"{self.steps:02}-{name}.png"
            )
        self.page.set_viewport_size({"width": 1280, "height": 900})


def fold(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def screenshot(number: int) -> dict[str, Any]:
    """A small picture as a file to upload; no two are alike."""
    stream = io.BytesIO()
    Image.new("RGB", (320, 200), (number * 7 % 256, 90, 120)).save(stream, "PNG")
    return {"name": f"seen-{number}.png", "mimeType": "image/png", "buffer": stream.getvalue()}


def let_go() -> None:
    """Wait until the live server has noticed that the browser is gone: its threads hold database connections."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(60)
