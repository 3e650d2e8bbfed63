"""What a look leaves behind, read again with the archives' own tools."""

import asyncio
import gzip
import itertools
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from checker import captures, clock, verdict
from checker.courtesy import Courtesy
from checker.fetch import Fetcher, Limits
from checker.observed import Response
from checker.pretend.world import World
from checker.tape import Exchange, Tape, head

AT = datetime(2026, 11, 28, 9, 30, 0, 250_000, tzinfo=UTC)
BASE = "https://chirp.example/item/"


def looked(behaviours: dict[str, str], address: str, **limits: Any) -> tuple[Response, Tape]:
    """A visit in a world of these behaviours, and what went over the wire."""

    async def look() -> tuple[Response, Tape]:
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(World(behaviours))
            wishes = {
                "pretence": world.pretence,
                "courtesy": Courtesy(interval=0),
                "limits": Limits(**limits),
            }
            fetcher = await stack.enter_async_context(Fetcher(**wishes))
            tape: Tape = []
            return await fetcher.fetch(address, tape), tape

    return asyncio.run(look())


def records(content: bytes) -> list[dict[str, Any]]:
    """Each record's type, address, headers and body, as the archives' reader gives them."""
    return [
        {
            "type": record.rec_type,
            "url": record.rec_headers.get_header("WARC-Target-URI"),
            "truncated": record.rec_headers.get_header("WARC-Truncated"),
            "status": record.http_headers.get_statuscode() if record.rec_type == "response" else None,
            "headers": record.http_headers.headers if record.http_headers else [],
            "body": record.content_stream().read(),
        }
        for record in ArchiveIterator(BytesIO(content))
    ]


def exchange(url: str = f"{BASE}1", body: bytes = b"<p>One</p>", **more: Any) -> Exchange:
    sent = head(b"GET /item/1 HTTP/1.1", [(b"Host", b"chirp.example")])
    heard = head(
        b"HTTP/1.1 200 OK", [(b"coNTent-Type", b"text/html"), (b"Set-Cookie", b"a"), (b"Set-Cookie", b"b")]
    )
    return replace(
        Exchange(url, sent, heard, "93.184.216.34", at=AT, body=bytearray(body), truncated=""), **more
    )


def numbers() -> Any:
    counted = itertools.count(1)
    return lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(counted):012}>"


def test_a_look_over_a_redirect_is_kept_hop_by_hop() -> None:
    response, tape = looked({f"{BASE}1": f"to {BASE}2", f"{BASE}2": "live"}, f"{BASE}1")

    kept = records(captures.warc(tape, software="a checker"))

    assert [(each["type"], each["url"], each["status"]) for each in kept] == [
        ("warcinfo", None, None),
        ("response", f"{BASE}1", "302"),
        ("request", f"{BASE}1", None),
        ("response", f"{BASE}2", "200"),
        ("request", f"{BASE}2", None),
    ]
    assert kept[3]["body"].decode() == response.body
    assert ("Location", f"{BASE}2") in kept[1]["headers"]


def test_digests_hold(tmp_path: Path) -> None:
    _, tape = looked({f"{BASE}1": "live"}, f"{BASE}1")
    (tmp_path / "look.warc.gz").write_bytes(captures.warc(tape, software="a checker"))
    checker = Checker(type("Wish", (), {"inputs": [str(tmp_path / "look.warc.gz")], "verbose": False})())

    checker.process_all()

    assert checker.exit_value == 0


def test_an_altered_archive_is_noticed(tmp_path: Path) -> None:
    plain = gzip.decompress(captures.warc([exchange()], software="a checker"))
    (tmp_path / "look.warc").write_bytes(plain.replace(b"<p>One</p>", b"<p>Two</p>"))
    checker = Checker(type("Wish", (), {"inputs": [str(tmp_path / "look.warc")], "verbose": False})())

    checker.process_all()

    assert checker.exit_value == 1


def test_bytes_are_kept_as_they_came() -> None:
    packed = gzip.compress(b"<title>Packed</title>")
    response, tape = looked({f"{BASE}1": "packed"}, f"{BASE}1")

    plain = gzip.decompress(captures.warc(tape, software="a checker"))

    assert response.body == "<title>Packed</title>"
    assert bytes(tape[0].body)[10:] == packed[10:]  # but for the time in its head
    assert bytes(tape[0].body) in plain


def test_headers_keep_their_spelling_order_and_number() -> None:
    plain = gzip.decompress(captures.warc([exchange()], software="a checker"))

    assert (
        b"\r\n\r\nHTTP/1.1 200 OK\r\ncoNTent-Type: text/html\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n<p>One</p>"
        in plain
    )


def test_the_same_look_gives_the_same_bytes() -> None:
    tape = [exchange(), exchange(f"{BASE}2", b"two")]

    once = captures.warc(tape, software="a checker", new_id=numbers())

    assert captures.warc(tape, software="a checker", new_id=numbers()) == once


def test_the_same_body_again_is_a_revisit() -> None:
    tape = [exchange(), exchange(f"{BASE}2", at=AT + timedelta(seconds=1))]

    kept = records(captures.warc(tape, software="a checker"))
    plain = gzip.decompress(captures.warc(tape, software="a checker"))

    assert [each["type"] for each in kept] == ["warcinfo", "response", "request", "revisit", "request"]
    assert plain.count(b"<p>One</p>") == 1
    assert (
        f"WARC-Refers-To-Target-URI: {BASE}1\r\nWARC-Refers-To-Date: 2026-11-28T09:30:00.250000Z".encode()
        in plain
    )


def test_what_was_not_read_to_its_end_says_so() -> None:
    response, tape = looked({f"{BASE}1": "huge"}, f"{BASE}1", body=2_000_000)
    slow, dripped = looked({f"{BASE}1": "slow"}, f"{BASE}1", deadline=1.0)

    assert (response.error, tape[0].truncated) == ("too_large", "length")
    assert (slow.error, dripped[0].truncated) == ("timeout", "time")
    assert records(captures.warc(dripped, software="a checker"))[1]["truncated"] == "time"


def test_an_archive_has_an_end() -> None:
    tape = [exchange(body=bytes(15_000_000)), exchange(f"{BASE}2", b"\1" * 15_000_000)]

    kept = records(captures.warc(tape, software="a checker"))

    assert [(len(each["body"]), each["truncated"]) for each in kept if each["type"] == "response"] == [
        (15_000_000, None),
        (5_000_000, "length"),
    ]


def test_captures_of_a_page() -> None:
    response, tape = looked({f"{BASE}1": "live"}, f"{BASE}1")

    taken = {each.kind: each for each in captures.of(response, tape, software="a checker")}

    assert sorted(taken) == ["fingerprint", "text", "warc"]
    assert json.loads(taken["fingerprint"].content) == {
        "salient": verdict.fingerprint(response).salient,
        "rest": verdict.fingerprint(response).rest,
        "length": verdict.fingerprint(response).length,
    }


def test_text_keeps_lines_and_case() -> None:
    body = "<title>x</title><script>no()</script><h1>Buy  Now</h1><p>At &euro;5<br>only</p><p hidden>not seen</p>"

    text = captures.of_page(Response(200, body=body))[0]

    assert text.content.decode() == "Buy Now\nAt €5\nonly"


def test_of_nobody_who_answered_there_is_nothing_to_keep() -> None:
    response, tape = looked({f"{BASE}1": "live"}, "https://nowhere.example/")

    assert (response.error, captures.of(response, tape, software="a checker")) == ("dns", [])


def test_another_clock_is_compared_half_way() -> None:
    asked, answered = AT, AT + timedelta(seconds=2)

    assert clock.offset(asked, AT + timedelta(seconds=3), answered) == 2000


def test_the_kernel_says_what_sets_its_clock() -> None:
    assert clock.state().source in {"ntp", "free", "unknown"}
