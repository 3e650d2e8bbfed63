"""A chaser that an answer stops, by hand: the officer sends it, the liaison has answered before it leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from notices import dispatch
from notices.models import Notice, NoticeKind
from tests.conftest import PASSWORD
from tests.journeys.hand import CHROMIUM, MISSING, Hand, let_go
from tests.notices.letters_at import Desk, ago

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(person: object, settings: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    part: list[User] = [person("officer"), person("reviewer"), person("liaison", platform="x")]  # type: ignore[operator]
    for each in part:
        each.set_password(PASSWORD)
        each.save(update_fields=["password"])
    return Desk(*part)


@pytest.fixture
def hand(
    desk: Desk, mail_sink: Path, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hand]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's driver runs a loop in this thread
    assert CHROMIUM is not None, MISSING
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Hand(browser, live_server.url)
        browser.close()
    let_go()


def test_an_answer_that_arrives_in_between_stops_the_chaser(hand: Hand, desk: Desk, mail_sink: Path) -> None:
    late = desk.sent(lines=1, kind="mail", at=ago(days=3))
    letters = len(list(mail_sink.glob("*.eml")))

    hand.sign_in(desk.first.email)
    hand.visit("notices:notice_list")
    hand.follow("Chasers")
    hand.reads(late.reference)
    hand.picture("chasers")
    hand.press("Send the chaser to X")
    chaser = Notice.objects.get(kind=NoticeKind.CHASER)
    hand.reads(f"The chaser {chaser} is on its way.")
    hand.picture("chaser-queued")

    hand.sign_in(desk.liaison.email)
    hand.visit("notices:notice_answer", late.reference)
    hand.fill(answer="removed")
    hand.press("Save the answer")
    hand.reads("1 line is answered: Removed.")
    assert dispatch.send_due() == 0

    hand.sign_in(desk.first.email)
    hand.visit("notices:notice_detail", chaser.reference)
    hand.reads("Discarded")
    hand.reads("Left out. It is answered; nothing is owed now.")
    hand.picture("chaser-stopped")
    hand.visit("notices:notification_list")
    hand.reads(late.reference)
    hand.picture("news")
    hand.press("Mark all as read")
    hand.reads("Nothing new")
    assert len(list(mail_sink.glob("*.eml"))) == letters
    assert hand.complaints == []
