"""Where a visit ended, and an address beside it that never was."""

from random import Random

import pytest

from checker.observed import Expected, Response
from checker.page import Page
from checker.places import landed, names_item, sibling

WATCH = Expected("youtube", "video", "dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ")
POST = Expected("x", "post", "1234567890", "https://x.com/i/status/1234567890")
ACCOUNT = Expected("x", "account", "login", "https://x.com/login")
SCOPED = Expected("mastodon", "post", "social.example/109", "https://social.example/@ana/109")
PLAIN = Expected("web", "web_page", "", "https://boats.co.uk/prices?year=2026")


@pytest.mark.parametrize(
    ("expected", "final", "where"),
    [
        (WATCH, "https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ", "item"),
        (WATCH, "https://www.youtube.com/shorts/dQw4w9WgXcQ", "item"),
        (WATCH, "https://www.youtube.com/watch?v=dQw4w9WgXcR", "elsewhere"),
        (WATCH, "https://www.youtube.com/", "front"),
        (
            WATCH,
            "https://consent.youtube.com/m?continue=https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "consent",
        ),
        (WATCH, "https://www.google.com/sorry/index?continue=https://www.youtube.com/watch", "robot"),
        (POST, "https://twitter.com/ana/status/1234567890", "item"),
        (POST, "https://x.com/ana/status/12345678901", "elsewhere"),
        (POST, "https://x.com/i/flow/login?redirect_after_login=%2Fi%2Fstatus%2F1234567890", "login"),
        (POST, "https://evil.example/i/status/1234567890", "elsewhere"),
        (POST, "https://x.com/de/explore", "front"),
        (POST, "https://x.com/account/suspended", "suspended"),
        (ACCOUNT, "https://x.com/login", "item"),
        (SCOPED, "https://social.example/@ana/109", "item"),
        (SCOPED, "https://social.example/@ana/110", "elsewhere"),
        (PLAIN, "http://www.boats.co.uk/prices/?year=2026&from=mail", "item"),
        (PLAIN, "https://boats.co.uk/prices?year=2025", "elsewhere"),
        (PLAIN, "https://other.co.uk/prices?year=2026", "elsewhere"),
        (PLAIN, "https://boats.co.uk/404.html", "missing"),
        (PLAIN, "https://[::1", "front"),
        (PLAIN, "", "item"),
    ],
)
def test_where_a_visit_ended(expected: Expected, final: str, where: str) -> None:
    assert landed(Response(200, final, ["https://x.example/"]), Page(), expected) == where


@pytest.mark.parametrize(
    ("expected", "address", "own"),
    [
        (POST, "https://x.com/ana/status/1234567890", True),
        (POST, "/ana/status/1234567890", True),
        (POST, "https://x.com/login?next=/i/status/1234567890", False),
        (POST, "", False),
        (PLAIN, "/prices?year=2026", True),
        (PLAIN, "/", False),
        (Expected("web", "web_site", "", "https://boats.co.uk/"), "https://boats.co.uk/", False),
    ],
)
def test_whether_a_page_calls_itself_the_items(expected: Expected, address: str, own: bool) -> None:
    assert names_item(address, expected) is own


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("https://x.com/i/status/1234567890", "https://x.com/i/status/0000000000"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com/watch?v=aAa0a0AaAaA"),
        ("https://chirp.example/ana", "https://chirp.example/aaa"),
        ("https://chirp.example/", "https://chirp.example/aaaaaaaaaa"),
        ("https://chirp.example", "https://chirp.example/aaaaaaaaaa"),
    ],
)
def test_an_address_beside_is_made_up_in_the_same_shape(address: str, shape: str) -> None:
    beside = sibling(address, Random(7))
    same = [a == b or "0aA".count(b) for a, b in zip(beside, shape, strict=True)]

    assert (beside != address, len(beside), all(same)) == (True, len(shape), True)
