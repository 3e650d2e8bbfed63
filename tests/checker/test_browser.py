"""A real browser behind the guard: what it brings back, and where no page gets it to go."""

import asyncio
import io
import os
import socket
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from checker.browser import Browser, CannotLook, Sight
from checker.courtesy import Courtesy
from checker.fetch import Fetcher
from checker.guard import Target
from checker.pretend.world import World
from checker.proxy import Asked, Proxy
from checker.verdict import judge

pytestmark = pytest.mark.slow
BASE = "https://chirp.example/item/"
OTHER = "http://pictures.chirp.example/item/9"


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(coroutine)
    except CannotLook as missing:
        pytest.skip(str(missing))


async def looked(
    behaviours: dict[str, str], *addresses: str, texts: dict[str, str] | None = None, seconds: float = 30
) -> tuple[list[Sight], World]:
    """A look at each address, and the world they were in."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(World({**behaviours, OTHER: "live"}, texts=texts))
        fetcher = await stack.enter_async_context(
            Fetcher(pretence=world.pretence, courtesy=Courtesy(interval=0))
        )
        browser = Browser(fetcher, seconds=seconds)
        return [await browser.look(address) for address in addresses or behaviours], world


def page(script: str, **wishes: Any) -> tuple[Sight, World]:
    """A look at a page with this markup in it."""
    (sight,), world = run(looked({f"{BASE}1": "live"}, texts={f"{BASE}1": script}, **wishes))
    return sight, world


class Trap:
    """A host of this machine that no page may reach, over TCP and UDP; it counts who comes."""

    def __init__(self) -> None:
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.came: list[str] = []
        for wait in (self._take_calls, self._take_packets):
            threading.Thread(target=wait, daemon=True).start()

    def _take_calls(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self.tcp.accept()
                self.came.append("tcp")
                visitor.close()

    def _take_packets(self) -> None:
        with suppress(OSError):
            while self.udp.recv(99):
                self.came.append("udp")
        self.udp.close()

    def close(self) -> None:
        self.tcp.shutdown(socket.SHUT_RDWR)
        self.udp.sendto(b"", self.udp.getsockname())
        self.tcp.close()


@pytest.fixture
def trap() -> Iterator[Trap]:
    with closing(Trap()) as set_up:
        yield set_up


def test_pages_as_their_hosts_give_them() -> None:
    behaviours = {
        f"{BASE}1": "live",
        f"{BASE}2": f"to {BASE}1",
        f"{BASE}3": "removed",
        "http://chirp.example/item/5": "live",
    }
    places = [
        *behaviours,
        f"{BASE}4",
        "https://expired.chirp.example/",
        "https://nowhere.example/",
        "http://10.0.0.1/",
    ]

    sights, _ = run(looked({**behaviours, f"{BASE}4": "closed"}, *places))

    assert [(each.response.status, each.response.final_url, each.response.error) for each in sights] == [
        (200, f"{BASE}1", None),
        (200, f"{BASE}1", None),
        (200, f"{BASE}3", None),
        (200, "http://chirp.example/item/5", None),
        (0, f"{BASE}4", "connect"),
        (0, "https://expired.chirp.example/", "tls"),
        (0, "https://nowhere.example/", "dns"),
        (0, "http://10.0.0.1/", "refused_address"),
    ]
    assert sights[1].response.redirects == [f"{BASE}2"]
    assert [each.kind for each in sights[0].captures] == ["document", "text", "fingerprint", "screenshot"]
    assert Image.open(io.BytesIO(sights[0].captures[3].content)).size == (1280, 900)


def test_what_scripts_write_is_seen() -> None:
    written = "document.body.innerHTML = '<h1>An ' + 'offer of arms</h1><p>Written by a script, at some length.</p>'"
    sight, _ = page(f"<script>{written}</script>")

    texts = {each.kind: each.content for each in sight.captures}

    assert texts["text"] == b"An offer of arms\n\nWritten by a script, at some length."
    assert b"<h1>An offer of arms</h1>" in texts["document"]


def test_a_removed_page_is_judged_as_without_a_browser() -> None:
    (sight,), _ = run(looked({f"{BASE}4711000111": "removed"}))
    expected = {
        "platform": "chirp",
        "kind": "post",
        "identifier": "4711000111",
        "canonical": f"{BASE}4711000111",
    }

    found = judge(sight.response, expected=expected)

    assert (found.verdict, found.cause) == ("gone", "platform_policy")


INSIDE = frozenset(
    {
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "metadata.google.internal",
        "rebinding.example",
    }
)
ATTACKS = """
<link rel="dns-prefetch" href="//localhost"><link rel="preconnect" href="http://127.0.0.1:{port}">
<link rel="prefetch" href="http://127.0.0.1:{port}/prefetch"><link rel="stylesheet" href="http://[::1]:{port}/style">
<img src="http://127.0.0.1:{port}/img"><img src="http://localhost:{port}/img"><img src="http://2130706433:{port}/">
<img src="http://0x7f.1:{port}/"><img src="http://[::ffff:127.0.0.1]:{port}/"><img src="http://127.0.0.1/">
<img src="http://rebinding.example:{port}/"><img src="https://chirp.example/item/redirect">
<iframe src="http://127.0.0.1:{port}/frame"></iframe><iframe src="file:///etc/passwd"></iframe>
<iframe src="http://169.254.169.254/latest/meta-data/"></iframe><iframe src="http://10.0.0.1/"></iframe>
<object data="http://127.0.0.1:{port}/object"></object><video src="http://127.0.0.1:{port}/video"></video>
<script src="http://127.0.0.1:{port}/script"></script>
<form id="f" action="http://127.0.0.1:{port}/form" target="sent" method="post"></form><iframe name="sent"></iframe>
<script>
const at = "127.0.0.1:{port}";
for (const url of ["http://" + at, "http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/"])
  fetch(url, {{mode: "no-cors"}}).catch(() => 0);
new WebSocket("ws://" + at + "/ws"); new EventSource("http://" + at + "/events");
navigator.sendBeacon("http://" + at + "/beacon", "x"); window.open("http://" + at + "/window");
try {{ new WebTransport("https://" + at + "/quic"); }} catch (e) {{}}
new Worker(URL.createObjectURL(new Blob(["fetch('http://" + at + "/worker', {{mode: 'no-cors'}})"])));
const peer = new RTCPeerConnection({{iceServers: [{{urls: "stun:" + at}},
  {{urls: "turn:" + at + "?transport=tcp", username: "a", credential: "b"}}]}});
peer.createDataChannel("x"); peer.createOffer().then((offer) => peer.setLocalDescription(offer));
document.getElementById("f").submit();
fetch("{control}", {{mode: "no-cors"}}).then(() => {{ document.title = "control loaded"; }});
</script>"""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_page_reaches_what_is_not_public(scheme: str, trap: Trap) -> None:
    """Over https it may use what needs a secure context; over http nothing is held back as mixed content."""
    address, control = f"{scheme}://chirp.example/item/1", OTHER.replace("http:", f"{scheme}:")
    behaviours = {address: "live", f"{BASE}redirect": f"to http://127.0.0.1:{trap.port}/redirected"}
    attacks = ATTACKS.format(port=trap.port, control=control)

    (sight,), world = run(looked(behaviours, address, texts={address: attacks}))

    asked = {each.host for each in sight.asked if each.refused == "refused_address"}
    assert trap.came == []
    assert {each.host for each in sight.asked if not each.refused} == {
        "chirp.example",
        "pictures.chirp.example",
    }
    assert asked - INSIDE == set()
    assert asked == INSIDE or scheme == "https"
    assert (world.visits[control], "<title>control loaded</title>" in sight.response.body) == (1, True)
    assert "root:" not in sight.response.body
    with socket.create_connection(("127.0.0.1", trap.port)) as visitor:  # it would have noticed
        visitor.recv(1)
    assert trap.came == ["tcp"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_that_leads_inside_is_refused(scheme: str, trap: Trap) -> None:
    address = f"{scheme}://chirp.example/item/1"
    (sight,), _ = run(looked({address: f"to http://127.0.0.1:{trap.port}/"}))

    assert (sight.response.error, sight.captures, trap.came) == ("refused_address", [], [])


def test_a_page_that_goes_inside_by_script_is_refused(trap: Trap) -> None:
    sight, _ = page(f"<script>location = 'http://127.0.0.1:{trap.port}/'</script>")

    assert (sight.response.error, trap.came) == ("refused_address", [])


def test_nothing_is_kept_from_one_look_to_the_next() -> None:
    script = """<p id=a></p><script>a.textContent = 'visits ' + (document.cookie + localStorage.x);
        document.cookie = 'c=1; max-age=99'; localStorage.x = 1</script>"""

    sights, _ = run(looked({f"{BASE}1": "live"}, f"{BASE}1", f"{BASE}1", texts={f"{BASE}1": script}))

    assert ["visits undefined" in each.response.body for each in sights] == [True, True]


def test_a_page_cannot_hold_us_up() -> None:
    alerting, _ = page(
        "<script>alert('stay'); document.title = 'after'; onbeforeunload = () => 'stay'</script>"
    )
    looping, _ = page("<script>while (true) {}</script>", seconds=6)

    assert (alerting.response.error, "<title>after</title>" in alerting.response.body) == (None, True)
    assert looping.response.error == "timeout"


def test_a_page_cannot_tell_us_another_tale() -> None:
    forged = (
        "Object.defineProperty(Document.prototype, 'documentElement', {get: () => ({outerHTML: 'forged'})})"
    )
    sight, _ = page(f"<p>The offer stands.</p><script>{forged}</script>")

    assert "<p>The offer stands.</p>" in sight.response.body


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # the browser, which is somebody else, passes through
        monkeypatch.setattr("tempfile.tempdir", folder)

        page("<p>Seen.</p>")

        left = [name for name in os.listdir("/proc") if name.isdecimal() and folder in _command(name)]
        assert (os.listdir(folder), left) == ([], [])


def _command(number: str) -> str:
    try:
        return Path(f"/proc/{number}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def test_a_tall_page_is_cut_off() -> None:
    sight, _ = page("<div style='height: 90000px; background: linear-gradient(red, blue)'></div>")

    assert Image.open(io.BytesIO(sight.captures[3].content)).size == (1280, 5000)


def test_a_host_is_resolved_once_for_a_look() -> None:
    asked: list[str] = []

    async def ask_thrice() -> list[Asked]:
        async with World({f"{BASE}1": "live"}) as world:

            async def guarding(url: str) -> Target:
                asked.append(url)
                return world.pretence.target(url)

            door = socket.create_server(("127.0.0.1", 0))
            port = door.getsockname()[1]
            async with Proxy(door, guarding, pretence=world.pretence) as proxy:
                for _ in range(3):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(b"GET http://chirp.example/item/1 HTTP/1.1\r\nHost: chirp.example\r\n\r\n")
                    assert b"404" in await reader.readline()
                    writer.close()
                return proxy.asked

    assert run(ask_thrice()) == [Asked("chirp.example")] * 3
    assert asked == ["http://chirp.example/item/1"]


def test_a_page_that_wants_too_much_gets_no_more() -> None:
    async def read_all() -> int:
        async with World({f"{BASE}1": "live", "http://chirp.example/item/2": "huge"}) as world:

            async def guarding(url: str) -> Target:
                return world.pretence.target(url)

            door = socket.create_server(("127.0.0.1", 0))
            async with Proxy(door, guarding, pretence=world.pretence, most_bytes=3_000_000):
                reader, writer = await asyncio.open_connection(*door.getsockname())
                writer.write(b"GET http://chirp.example/item/2 HTTP/1.1\r\nHost: chirp.example\r\n\r\n")
                read = len(await reader.read(-1))
                writer.close()
                return read

    assert run(read_all()) <= 3_000_000
