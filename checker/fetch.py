"""Visiting one address: guarded on every hop, bounded in every way, and polite to the host.

    async with Fetcher() as fetcher:
        response = await fetcher.fetch("https://example.com/item")

Never raises for what a host does: the outcome is a `Response`, with `error` where there was no answer to read.
"""

import asyncio
import codecs
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import monotonic
from typing import Self
from urllib.parse import quote, urljoin

import httpcore2

from checker.connection import GuardedBackend
from checker.courtesy import Breaker, Courtesy, retry_after
from checker.guard import Refused, Resolve, Target, Unresolved, guard, read
from checker.observed import Response
from checker.pretence import Pretence
from checker.tape import Exchange, Tape, head

__all__ = ["Fetcher", "Limits", "Refused", "Target", "Unresolved", "guard"]


class TooLarge(Exception):
    """More than we are willing to read."""


class TooManyRedirects(Exception):
    """A chain of redirects without end."""


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_READABLE = re.compile(r"text/|html|xml|json|javascript", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE | re.ASCII)
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)  # for no page
_MOST_MEMBERS = 100  # of one packed page
_GZIP = 16 + zlib.MAX_WBITS
_ERRORS: tuple[tuple[type[BaseException], str], ...] = (
    (TooLarge, "too_large"),
    (TooManyRedirects, "too_many_redirects"),
    (Unresolved, "dns"),
    (Refused, "refused_address"),
    (TimeoutError, "timeout"),
    (httpcore2.TimeoutException, "timeout"),
    (httpcore2.NetworkError, "connect"),
    (OSError, "connect"),
    (httpcore2.ProtocolError, "protocol"),
    (httpcore2.UnsupportedProtocol, "protocol"),
    (zlib.error, "protocol"),
    (ValueError, "protocol"),
)
_EXPECTED: tuple[type[BaseException], ...] = tuple(kind for kind, _ in _ERRORS)
_LARGE_AT_ONCE = 6
_KEPT_OF_TOO_LARGE = 1_000_000  # bytes
_UNANSWERED = frozenset({"dns", "connect", "timeout"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one visit may cost, all hops together."""

    body: int = 8_000_000  # bytes of the last page, decompressed
    large: int = 1_000_000  # bytes beyond which few pages are read at a time
    headers: int = 64_000  # bytes
    hops: int = 8
    deadline: float = 20.0  # seconds, from the first question for a name to the last byte
    connect: float = 6.0  # seconds
    patience: float = 60.0  # seconds that a visit waits for its turn at a host, at most


class Fetcher:
    """Visits addresses over connections of their own: nothing is kept from one visit to the next, cookies least of all.

    `resolve` is asked in a thread, for each hop once. `pretence`, if given, is the only world there is.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        resolve: Resolve | None = None,
        courtesy: Courtesy | None = None,
        breaker: Breaker | None = None,
        pretence: Pretence | None = None,
        agent: str = "TakedownDeskChecker/1.0",
    ) -> None:
        self.limits = limits or Limits()
        self.resolve = resolve or system_resolve
        self.courtesy = courtesy or Courtesy()
        self.breaker = breaker or Breaker()
        self.pretence = pretence
        self.headers = [
            ("User-Agent", agent),
            ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"),
            ("Accept-Language", "en-GB,en;q=0.8"),
            ("Accept-Encoding", "gzip"),
        ]
        self._tls = ssl.create_default_context(cafile=pretence.authority if pretence else None)
        self._threads = ThreadPoolExecutor(16, "resolve")
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def fetch(self, url: str, tape: Tape | None = None) -> Response:
        """Return the end of the chain of redirects that begins at `url`; `tape`, if given, gets all that was said."""
        visit = _Visit(url, self.limits.deadline, tape)
        if not self.breaker.lets_through():
            return visit.failed("connect")
        try:
            response = await self._follow(visit)
        except _EXPECTED as problem:
            response = visit.failed(_word(problem))
            visit.cut_off(_word(problem))
        if visit.host and response.error != "refused_address":
            self.breaker.note(visit.host, is_answered=response.error not in _UNANSWERED)
        return response

    async def _follow(self, visit: "_Visit") -> Response:
        for _ in range(self.limits.hops + 1):
            _, host, _ = read(visit.url)
            if self.courtesy.due_in(host) > self.limits.patience:
                return visit.failed("timeout")
            async with self.courtesy.turn(host):
                visit.host = host
                location = await self._in_time(visit)
            if not location:
                return visit.done()
            visit.moves(urljoin(visit.url, location))
        raise TooManyRedirects

    async def _in_time(self, visit: "_Visit") -> str:
        began = monotonic()
        async with asyncio.timeout(visit.left):
            location = await self._hop(visit, await self.target(visit.url))
        visit.left -= monotonic() - began
        return location

    async def target(self, url: str) -> Target:
        """Return where `url` leads; raises `Refused` for where nobody goes."""
        loop = asyncio.get_running_loop()
        if self.pretence:
            return self.pretence.target(url)
        return await loop.run_in_executor(self._threads, guard, url, self.resolve)

    async def _hop(self, visit: "_Visit", target: Target) -> str:
        """Ask one host; return where it sends us, or nothing if it answers."""
        pool = httpcore2.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=1,
            max_keepalive_connections=0,
            http2=True,
            network_backend=GuardedBackend(target, self.pretence),
        )
        timeout = {"connect": self.limits.connect, "read": self.limits.deadline, "write": self.limits.connect}
        headers = [("Host", _host(visit.url)), *self.headers]
        address = _address(visit.url)
        asked = pool.stream("GET", address, headers=headers, extensions={"timeout": timeout})
        async with pool, asked as answer:
            if sum(len(name) + len(value) for name, value in answer.headers) > self.limits.headers:
                raise TooLarge
            visit.heard(answer.status, answer.headers)
            visit.keep(_exchange(visit.url, address.target, headers, answer))
            self.courtesy.wait(target.host, retry_after(visit.headers) if answer.status in (429, 503) else 0)
            location = visit.headers.get("location", "") if answer.status in _REDIRECTS else ""
            if not location and _READABLE.search(visit.headers.get("content-type", "text/")):
                await self._read(visit, answer.aiter_stream())
            return location

    async def _read(self, visit: "_Visit", stream: AsyncIterator[bytes]) -> None:
        encoding = visit.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip", "x-gzip", ""):
            raise ValueError(f"an encoding nobody asked for: {encoding}")
        packed = _Gzip(self.limits.body) if "gzip" in encoding else None
        async with AsyncExitStack() as stack:
            is_large = False
            async for part in stream:
                visit.received(part)
                visit.content += packed.unpack(part) if packed else part
                if len(visit.content) > self.limits.body:
                    raise TooLarge
                if len(visit.content) > self.limits.large and not is_large:
                    is_large = True
                    await stack.enter_async_context(self._large)
        if packed and packed.is_cut_short:
            raise ValueError("the packed page ends before its end")
        visit.received(None)


class _Gzip:
    """Unpacks no more than is wanted, however much is packed; of several members one after the other."""

    def __init__(self, most: int) -> None:
        self.most, self.members = most, 0
        self.stream = zlib.decompressobj(_GZIP)

    def unpack(self, part: bytes) -> bytes:
        unpacked = bytearray()
        while part:
            if self.stream.eof or not self.members:
                self.stream, self.members = zlib.decompressobj(_GZIP), self.members + 1
            unpacked += self.stream.decompress(part, self.most + 1)
            if self.stream.unconsumed_tail or len(unpacked) > self.most or self.members > _MOST_MEMBERS:
                raise TooLarge
            part = self.stream.unused_data
        return bytes(unpacked)

    @property
    def is_cut_short(self) -> bool:
        return self.members > 0 and not self.stream.eof


class _Visit:
    """What has been seen so far on the way from one address."""

    def __init__(self, url: str, seconds: float, tape: Tape | None) -> None:
        self.url, self.host, self.redirects = url, "", list[str]()
        self.tape = tape
        self.left = seconds
        self.status, self.headers, self.content = 0, dict[str, str](), bytearray()

    def heard(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.status, self.headers = status, {}
        for name, value in headers:
            self.headers.setdefault(name.decode("latin-1").lower(), value.decode("utf-8", "replace"))

    def keep(self, exchange: Exchange) -> None:
        if self.tape is not None:
            self.tape.append(exchange)

    def received(self, part: bytes | None) -> None:
        """Keep a part of the body as it came; None: that was all."""
        if self.tape and part is not None:
            self.tape[-1].body += part
        elif self.tape:
            self.tape[-1].truncated = ""

    def cut_off(self, error: str) -> None:
        if self.tape and self.tape[-1].truncated:
            self.tape[-1].truncated = {"too_large": "length", "timeout": "time"}.get(error, "disconnect")
            del self.tape[-1].body[_KEPT_OF_TOO_LARGE:]

    def moves(self, url: str) -> None:
        self.redirects.append(self.url)
        self.url = url

    def done(self) -> Response:
        return Response(self.status, self.url, self.redirects, self.headers, self._text())

    def failed(self, error: str) -> Response:
        return Response(self.status, self.url, self.redirects, self.headers, "", error)

    def _text(self) -> str:
        declared = _CHARSET.search(self.headers.get("content-type", ""))
        declared = declared or _CHARSET.search(self.content[:2048].decode("latin-1"))
        return self.content.decode(_codec(declared[1]) if declared else "utf-8", "replace")


def _codec(charset: str) -> str:
    """Return what reads a page in this charset; what no page is written in, and may take hours to read, is UTF-8."""
    try:
        name = codecs.lookup(charset).name
        "".encode(name)
    except (LookupError, UnicodeError):
        return "utf-8"
    return "utf-8" if name in _NO_CHARSETS else name


def system_resolve(host: str) -> list[str]:
    """Return the addresses that the system knows for a host; raises `OSError`."""
    answers = socket.getaddrinfo(absolute(host), None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def absolute(host: str) -> str:
    """Return the name with its last dot: no search domain of this machine is to answer for a host that is gone."""
    return f"{host}." if "." in host else host


def _host(url: str) -> str:
    """Return the host as it is named to the server: the one that was read, and connected to."""
    scheme, host, port = read(url)
    return host if port == {"http": 80, "https": 443}[scheme] else f"{host}:{port}"


def _address(url: str) -> httpcore2.URL:
    """Return the address in the library's parts, so that it has nothing left to read."""
    scheme, host, port = read(url)
    path = re.sub(r"\A[^:]*://[^/?#]*", "", url).partition("#")[0]
    path = path if path.startswith("/") else f"/{path}"
    return httpcore2.URL(scheme=scheme, host=host.strip("[]"), port=port, target=quote(path, safe=_PRINTABLE))


def _exchange(
    url: str, target: bytes, headers: list[tuple[str, str]], answer: httpcore2.Response
) -> Exchange:
    protocol: bytes = answer.extensions.get("http_version", b"HTTP/1.1")
    sent = [(name.encode(), value.encode()) for name, value in headers]
    reason: bytes = answer.extensions.get("reason_phrase", b"")
    peer = answer.extensions["network_stream"].get_extra_info("server_addr")
    return Exchange(
        url,
        request=head(b"GET %b %b" % (target, protocol), sent),
        head=head(b"%b %d %b" % (protocol, answer.status, reason), answer.headers),
        address=str((peer or ("",))[0]),
        protocol=protocol.decode("ascii", "replace"),
    )


def _word(problem: BaseException) -> str:
    """Return the word of `observed.ERRORS` for what went wrong."""
    if isinstance(problem, httpcore2.ConnectError) and _is_tls(problem):
        return "tls"
    return next(word for kind, word in _ERRORS if isinstance(problem, kind))


def _is_tls(problem: BaseException) -> bool:
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
