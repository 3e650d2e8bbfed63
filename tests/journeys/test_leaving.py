"""The original of an item is opened in a real browser: a warning, a new window, no referrer, no way back."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from casework.models import Event, Item
from tests.factories import make_item
from tests.journeys.conftest import People
from tests.journeys.hand import Hand

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Elsewhere(BaseHTTPRequestHandler):
    """A site that sends visitors on to its other name, and keeps what browsers tell it."""

    def do_GET(self) -> None:
        self.server.told.append((self.path, self.headers["Referer"], self.headers["Origin"]))  # type: ignore[attr-defined]
        port = self.server.server_address[1]
        if self.path == "/short":
            self.send_response(301)
            self.send_header("Location", f"http://localhost:{port}/post")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A post</title><link rel=icon href='data:,'>An offer")

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    server.told = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_original_opens_past_a_warning_and_learns_nothing_of_us(
    hand: Hand, people: People, elsewhere: ThreadingHTTPServer
) -> None:
    item, port = make_item(), elsewhere.server_address[1]
    Item.objects.filter(pk=item.pk).update(canonical=f"http://127.0.0.1:{port}/short")
    hand.sign_in(people["officer"].email)
    hand.visit("casework:item_detail", item.reference)
    hand.follow("Open the original")
    hand.picture("before-leaving")
    assert elsewhere.told == []  # type: ignore[attr-defined]

    with hand.context.expect_page() as opened:
        hand.page.get_by_role("button", name="Open it in a new window").click()
    window = opened.value
    expect(window.get_by_text("An offer")).to_be_visible()

    assert elsewhere.told == [("/short", None, None), ("/post", None, None)]  # type: ignore[attr-defined]
    assert (window.url, window.evaluate("window.opener"), window.evaluate("document.referrer")) == (
        f"http://localhost:{port}/post", None, "",
    )  # fmt: skip
    assert Event.objects.filter(kind="item.original_opened", item=item).count() == 1
    assert hand.complaints == []
