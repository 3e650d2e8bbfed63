"""A small world of platforms on one port for http and one for https, each address behaving as it is told."""

import asyncio
import gzip
import tempfile
import tomllib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from checker.pretence import Pretence
from checker.pretend.certificates import FAULTS, contexts

_PAGES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "pages.toml").read_text(encoding="utf-8")
)
_PLACES = {"/": "front", "/login": "sign_in"}
_MEGABYTE = bytes(1_000_000)

Headers = dict[str, str]
Send = Callable[[bytes], Awaitable[None]]


class World:
    """`behaviours` gives what happens at whole addresses; elsewhere on the same hosts there is
    nothing (404), or what `*` says.

    A value is one of `BEHAVIOURS`, or `to ADDRESS` for a redirect. It may be changed while the world stands.
    `texts` gives what a live page says; `ports` those of http and https, 0 for any.
    `async with World(…) as world:` and `Fetcher(pretence=world.pretence)`.
    """

    def __init__(
        self,
        behaviours: Mapping[str, str],
        *,
        texts: Mapping[str, str] | None = None,
        ports: tuple[int, int] = (0, 0),
        lasts: timedelta = timedelta(days=1),
    ) -> None:
        self.behaviours, self.texts = dict(behaviours), dict(texts or {})
        self.ports, self.lasts = ports, lasts
        named = {host for url in self.behaviours if (host := urlsplit(url).hostname)}
        self.hosts = frozenset(named | {f"{fault}.chirp.example" for fault in FAULTS})
        self.visits: Counter[str] = Counter()
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="pretend-")
        tls, authority = contexts(Path(self._folder.name), self.hosts, self.lasts)
        for scheme, context, port in (("http", None, self.ports[0]), ("https", tls, self.ports[1])):
            answer = self._answering(scheme)
            self._servers.append(
                await asyncio.start_server(answer, "127.0.0.1", port, ssl=context, backlog=1000)
            )
        http, https = (server.sockets[0].getsockname()[1] for server in self._servers)
        self.pretence = Pretence(self.hosts, {80: http, 443: https}, authority)
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()
        self._folder.cleanup()

    def _answering(
        self, scheme: str
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            async def send(part: bytes) -> None:
                writer.write(part)
                await writer.drain()

            try:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in head[1:])
                }
                await self._serve(f"{scheme}://{headers.get('host', '')}{head[0].split()[1]}", headers, send)
            except (OSError, EOFError, asyncio.LimitOverrunError):
                pass  # the visitor has left
            finally:
                writer.close()

        return answer

    async def _serve(self, address: str, headers: Headers, send: Send) -> None:
        self.visits[address] += 1
        path = urlsplit(address).path
        behaviour = self.behaviours.get(address) or _PLACES.get(path) or self.behaviours.get("*", "missing")
        if behaviour == "geo":
            behaviour = "withheld" if headers.get("accept-language", "").startswith("en-GB") else "live"
        if behaviour == "flapping":
            behaviour = "missing" if self.visits[address] % 2 else "live"
        if behaviour.startswith("to "):
            await _send(send, 302, {"Location": behaviour[3:]}, b"")
        elif behaviour in _ODD:
            await _ODD[behaviour](send)
        else:
            await self._page(_PAGES[behaviour], address, send)

    async def _page(self, page: dict[str, Any], address: str, send: Send) -> None:
        identifier = urlsplit(address).path.rpartition("/")[2]
        words = {
            "{address}": address,
            "{identifier}": identifier,
            "{text}": self.texts.get(address, "An offer"),
        }
        headers = {name: _filled(value, words) for name, value in page.get("headers", {}).items()}
        await _send(send, page.get("status", 200), headers, _filled(page.get("body", ""), words).encode())


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(name, value)
    return text


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    given = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    await send(f"HTTP/1.1 {status} Pretend\r\n{head}Connection: close\r\n\r\n".encode() + body)


async def _slow(send: Send) -> None:
    """A byte now and then, for ever."""
    await send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>")
    while True:
        await send(b".")
        await asyncio.sleep(0.05)


async def _huge(send: Send) -> None:
    await send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(128):
        await send(_MEGABYTE)


@cache
def _bomb_packed() -> bytes:
    return gzip.compress(_MEGABYTE * 128)


async def _bomb(send: Send) -> None:
    """Little on the way, very much unpacked."""
    packed = _bomb_packed()
    await _send(send, 200, {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}, packed)


async def _packed(send: Send) -> None:
    await _send(send, 200, {"Content-Encoding": "gzip"}, gzip.compress(b"<title>Packed</title>"))


async def _members(send: Send) -> None:
    """One page in two packed parts."""
    packed = gzip.compress(b"<title>Two ") + gzip.compress(b"members</title>")
    await _send(send, 200, {"Content-Encoding": "gzip"}, packed)


async def _cut(send: Send) -> None:
    """A packed page whose end never came, although the answer has one."""
    await _send(
        send, 200, {"Content-Encoding": "gzip"}, gzip.compress(b"<h1>This post has been removed</h1>")[:-9]
    )


async def _unasked(send: Send) -> None:
    await _send(send, 200, {"Content-Encoding": "br"}, b"\x0b\x02\x80hello\x03")


async def _wide(send: Send) -> None:
    await _send(send, 200, {f"X-{number}": "x" * 900 for number in range(90)}, b"")


async def _letters(send: Send) -> None:
    page = "<meta charset=windows-1251><title>Лодка</title>".encode("cp1251")
    await _send(send, 200, {"Content-Type": "text/html"}, page)


async def _riddle(send: Send) -> None:
    """Letters that take time without end to be told apart."""
    await _send(send, 200, {"Content-Type": "text/html; charset=punycode"}, b"<title>Riddle</title>" * 50_000)


async def _broken(send: Send) -> None:
    await send(b"HTTP/1.1 two hundred\r\n\r\n")


async def _closed(send: Send) -> None:
    await send(b"")


_ODD: dict[str, Callable[[Send], Awaitable[None]]] = {
    "slow": _slow, "huge": _huge, "bomb": _bomb, "packed": _packed, "members": _members,
    "cut": _cut, "unasked": _unasked, "riddle": _riddle,
    "wide": _wide, "letters": _letters, "broken": _broken, "closed": _closed,
}  # fmt: skip
BEHAVIOURS = frozenset(_PAGES) | frozenset(_ODD) | {"geo", "flapping"}
