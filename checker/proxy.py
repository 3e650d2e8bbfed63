"""The only door of a browser: each host that it asks for goes through the guard, or nowhere."""

import asyncio
import contextlib
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

import httpcore2
from httpcore2 import AsyncNetworkStream

from checker.connection import GuardedBackend
from checker.guard import Refused, Target, Unresolved, read
from checker.pretence import Pretence

_ASKED = re.compile(rb"([A-Z]{3,10}) (\S{1,16000}) HTTP/1\.[01]\r\n")
_HOP = re.compile(rb"\r\n(?:proxy-[a-z]+|connection|keep-alive):[^\r]*", re.IGNORECASE)
_BLOCK = 65_536  # bytes
_LONGEST_HEAD = 128_000  # bytes
_PATIENCE = 10.0  # seconds

# Where Chromium itself calls, whatever it is told; no page has anything there.
_CHATTER = frozenset(
    {
        "android.clients.google.com",
        "clients2.google.com",
        "connectivitycheck.gstatic.com",
        "content-autofill.googleapis.com",
        "mtalk.google.com",
        "optimizationguide-pa.googleapis.com",
        "safebrowsing.googleapis.com",
        "update.googleapis.com",
    }
)

Guarding = Callable[[str], Awaitable[Target]]


class TooMuch(Exception):
    """The page wants more than we are willing to fetch for it."""


_ENDINGS = (asyncio.CancelledError, OSError, EOFError, asyncio.LimitOverrunError, TimeoutError, TooMuch)


@dataclass
class Asked:
    """One connection that was asked for; `refused` is a word of `observed.ERRORS`, empty where it was let through."""

    host: str
    refused: str = ""
    reason: str = ""


class Proxy:
    """Serves at `door`. A host is resolved once for all of a look, so that it cannot come to mean another."""

    def __init__(
        self,
        door: socket.socket,
        guarding: Guarding,
        *,
        pretence: Pretence | None = None,
        most_bytes: int = 40_000_000,
        most_connections: int = 300,
    ) -> None:
        self.door, self.guarding, self.pretence = door, guarding, pretence
        self.bytes_left, self.connections_left = most_bytes, most_connections
        self.asked: list[Asked] = []
        self._pinned: dict[tuple[str, int], asyncio.Future[Target]] = {}
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, sock=self.door, limit=_LONGEST_HEAD)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await asyncio.gather(*self._pinned.values(), return_exceptions=True)

    def refusal(self, host: str) -> str:
        """Return why the host's last connection was refused; empty where it was let through, or never asked for."""
        return next((asked.refused for asked in reversed(self.asked) if asked.host == host), "")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            with contextlib.suppress(*_ENDINGS):
                async with asyncio.timeout(_PATIENCE):
                    head = await reader.readuntil(b"\r\n\r\n")
                await self._serve(head, reader, writer)
        finally:
            self._serving.discard(task)
            writer.close()

    async def _serve(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Who is refused gets no answer at all: an error page of ours could be taken for the host's."""
        line = _ASKED.match(head)
        self.connections_left -= 1
        if not line or self.connections_left < 0:
            raise TooMuch
        is_tunnel, named = line[1] == b"CONNECT", line[2].decode("ascii", "replace")
        url = f"https://{named}/" if is_tunnel else named
        if _host(url) in _CHATTER or (upstream := await self._connected(url)) is None:
            return
        try:
            if is_tunnel:
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                await upstream.write(_as_asked_of_the_host(head, line), _PATIENCE)
                writer.write(_once(await self._head(upstream)))
            await self._between(reader, writer, upstream)
        except (httpcore2.NetworkError, httpcore2.TimeoutException):
            pass  # one of the two has gone
        finally:
            await upstream.aclose()

    async def _connected(self, url: str) -> AsyncNetworkStream | None:
        asked = Asked(_host(url))
        self.asked.append(asked)
        try:
            target = await self._target(url)
            asked.host = target.host
            return await GuardedBackend(target, self.pretence).connect_tcp(
                target.host, target.port, _PATIENCE
            )
        except Unresolved as problem:
            asked.refused, asked.reason = "dns", problem.reason
        except Refused as problem:
            asked.refused, asked.reason = "refused_address", problem.reason
        except (httpcore2.NetworkError, httpcore2.TimeoutException) as problem:
            asked.refused, asked.reason = "connect", str(problem)
        return None

    async def _target(self, url: str) -> Target:
        _, host, port = read(url)
        if (host, port) not in self._pinned:
            self._pinned[host, port] = asyncio.ensure_future(self.guarding(url))
        return await asyncio.shield(self._pinned[host, port])

    async def _head(self, upstream: AsyncNetworkStream) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            part = await upstream.read(_BLOCK, _PATIENCE)
            self._spend(part)
            head += part
            if not part or len(head) > _LONGEST_HEAD:
                raise TooMuch
        return head

    async def _between(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: AsyncNetworkStream
    ) -> None:
        """Carry what either says to the other, until one of them has ended."""

        async def there() -> None:
            while part := await reader.read(_BLOCK):
                self._spend(part)
                await upstream.write(part, _PATIENCE)

        async def back() -> None:
            while part := await upstream.read(_BLOCK):
                self._spend(part)
                writer.write(part)
                await writer.drain()

        ways = {asyncio.create_task(there()), asyncio.create_task(back())}
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    def _spend(self, part: bytes) -> None:
        self.bytes_left -= len(part)
        if self.bytes_left < 0:
            raise TooMuch


def _host(url: str) -> str:
    return re.sub(r":\d*\Z", "", url.partition("://")[2].partition("/")[0])


def _as_asked_of_the_host(head: bytes, line: "re.Match[bytes]") -> bytes:
    """Return the request as a host expects it: without its own name in the first line, and for one answer only."""
    path = re.sub(rb"\A[a-z]+://[^/?#]*", b"", line[2])
    rest = _HOP.sub(b"", head[line.end() - 2 :])
    return line[1] + b" /" + path.removeprefix(b"/") + b" HTTP/1.1\r\nConnection: close" + rest


def _once(head: bytes) -> bytes:
    """Return the answer's head so that no second question comes over this connection: it might be another host's."""
    first, _, rest = head.partition(b"\r\n\r\n")
    return _HOP.sub(b"", first) + b"\r\nConnection: close\r\n\r\n" + rest
