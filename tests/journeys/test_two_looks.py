"""An office compares two looks of a checker and hands the exhibits over: a real browser, before and behind."""

import asyncio
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.roles import Role
from casework import store
from casework.captures import Clock, Given, keep
from casework.models import Check, Event, Item
from checker import captures
from checker.browser import Browser, CannotLook
from checker.courtesy import Courtesy
from checker.fetch import Fetcher
from checker.pretend.world import World
from checker.tape import Tape
from tests.conftest import PASSWORD
from tests.factories import make_item, see_live, some
from tests.journeys.hand import CHROMIUM, MISSING, Hand, let_go

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ADDRESS = "https://x.com/somebody/status/1700000000000000000"


@pytest.fixture
def hand(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hand]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's driver runs a loop in this thread
    if CHROMIUM is None:
        (pytest.fail if os.geteuid() == 0 else pytest.skip)(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Hand(browser, live_server.url)
        browser.close()
    let_go()


async def seen(text: str) -> list[captures.Capture]:
    """The files of a visit, and of a look with a browser, at a pretend page with these words."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(World({ADDRESS: "live"}, texts={ADDRESS: text}))
        fetcher = await stack.enter_async_context(
            Fetcher(pretence=world.pretence, courtesy=Courtesy(interval=0))
        )
        tape: Tape = []
        response = await fetcher.fetch(ADDRESS, tape)
        try:
            sight = await Browser(fetcher).look(ADDRESS)
        except CannotLook as missing:
            pytest.skip(str(missing))
        pictures = [each for each in sight.captures if each.kind in ("screenshot", "document")]
        return captures.of(response, tape, software="a checker") + pictures


def look(item: Item, files: list[captures.Capture]) -> Check:
    see_live(item)
    found = item.checks.latest("pk")
    given = [Given(each.kind, store.put(each.content)) for each in files]
    keep([(found, given)], clock=Clock("ntp", 4, -35), by=some(Role.OFFICER))
    return found


@pytest.fixture
def item(person: Callable[..., User], settings: Any, tmp_path: Path) -> Item:
    settings.EVIDENCE_DIR, settings.SEAL_KEY_FILE = tmp_path / "evidence", tmp_path / "seal_key"
    for role in (Role.OFFICER, Role.REVIEWER):
        each = person(role)
        each.set_password(PASSWORD)
        each.save(update_fields=["password"])
    item = make_item(address=ADDRESS, title="An offer of arms")
    rest = "".join(f"<p>Comment {number} that stays</p>" for number in range(9))
    for text in ("Two rifles for sale, delivered to your door", "This channel is about gardening now"):
        look(item, asyncio.run(seen(f"{text}</h1>{rest}<h1>")))
    return item


def test_two_looks_are_compared_and_handed_over(item: Item, hand: Hand, tmp_path: Path) -> None:
    hand.sign_in(User.objects.get(role=Role.OFFICER, email__contains="officer").email)
    hand.visit("casework:item_detail", item.reference)
    hand.go(hand.page.get_by_role("link", name="What it saw").first)
    hand.picture("look")
    hand.reads("HTTP/1.1 200 Pretend")
    hand.go(hand.page.locator("aside .desk-looks a, .desk-looks a").first)
    hand.reads("This channel is about gardening now")
    assert Event.objects.filter(kind="evidence.opened").count() == 0
    for shown in hand.page.get_by_text("Show the picture, blurred").all():
        shown.click()
    expect(hand.page.locator(".desk-media img")).to_have_count(2)
    for image in hand.page.locator(".desk-media img").all():
        image.evaluate("image => image.decode()")
    hand.picture("two-looks-blurred")
    for box in hand.page.get_by_text("Show it clearly").all():
        box.click()
    hand.picture("two-looks")
    assert Event.objects.filter(kind="evidence.opened").count() == 2

    hand.sign_in(User.objects.get(role=Role.REVIEWER, email__contains="reviewer").email)
    hand.visit("casework:item_detail", item.reference)
    hand.follow("Hand all exhibits over")
    hand.picture("hand-over")
    hand.fill(recipient="The court of the district", reason="It asked for them, 12/2026")
    with hand.page.expect_download() as loading:
        hand.page.get_by_role("button", name="Make the archive").click()
    archive = tmp_path / "handed.zip"
    loading.value.save_as(archive)
    program = tmp_path / "verify.py"
    program.write_bytes(zipfile.ZipFile(archive).read("verify.py"))
    checked = subprocess.run(
        [sys.executable, "-I", "-S", program, archive], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "All is as it was handed over.\n")
    assert hand.complaints == []
