"""One request to another organisation's server: only to an address that was vetted, and never for long.

The name is resolved once and every answer is checked (`checker.guard`); the connection goes to what was checked and
to nothing else, its other end is compared, no redirect is followed, no proxy is asked, and everything together ends
at one deadline.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore2
from django.conf import settings

from checker.guard import Target, guard

MOST_READ = 4096  # bytes of an answer
NOT_SECURE = "The endpoint's address must begin with https://."
BROKEN = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError)


@dataclass(frozen=True)
class Answer:
    """What came back: the code, the headers by their names in small letters, and how the body begins."""

    status: int
    headers: Mapping[str, str]
    beginning: bytes


class NoAnswer(Exception):
    """The connection broke, or time ran out; `sent` tells whether the whole request had been written."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


def post(url: str, *, headers: Mapping[str, str], body: bytes, seconds: float) -> Answer:
    """POST `body`, within `seconds` in all. Raises `checker.guard.Refused`, `ValueError` (no https), `NoAnswer`."""
    target = _target(url)
    sent = False

    def trace(name: str, details: Any) -> None:
        nonlocal sent
        sent = sent or name == "http11.send_request_body.complete"

    backend = Vetted(target.addresses, deadline=time.monotonic() + seconds)
    context = ssl.create_default_context()
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream(
                "POST", url, headers=list(headers.items()), content=body, extensions={"trace": trace}
            ) as response,
        ):
            received = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            return Answer(response.status, received, _beginning(response))
    except BROKEN as error:
        why = "time ran out" if isinstance(error, httpcore2.TimeoutException) else str(error).rstrip(".")
        raise NoAnswer(why or "the connection broke", sent=sent) from error


def _target(url: str) -> Target:
    """Where to connect; an endpoint of this machine only if the settings name it, with its port."""
    parts = urlsplit(url)
    if parts.netloc in settings.WEBHOOK_LOCAL_ENDPOINTS and parts.hostname and parts.port:
        return Target(parts.hostname, parts.port, [parts.hostname])
    if parts.scheme != "https":
        raise ValueError(NOT_SECURE)
    return guard(url, _resolve)


def _resolve(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _beginning(response: httpcore2.Response) -> bytes:
    """At most `MOST_READ` bytes; the code of the answer counts also where its body does not come."""
    read = b""
    try:
        for part in response.iter_stream():
            read += part
            if len(read) >= MOST_READ:
                break
    except BROKEN:
        pass
    return read[:MOST_READ]


class Vetted(httpcore2.NetworkBackend):
    """Connects to the given addresses, whatever the host is called, and to no other."""

    def __init__(self, addresses: Sequence[str], *, deadline: float) -> None:
        self.addresses, self.deadline = addresses, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        broken: Exception = httpcore2.ConnectError("no address")
        for address in self.addresses:
            try:
                stream = httpcore2.SyncBackend().connect_tcp(address, port, timeout=remaining(self.deadline))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                broken = error
                continue
            if stream.get_extra_info("server_addr")[0] != address:
                stream.close()
                raise httpcore2.ConnectError("another address answered")
            return Bounded(stream, self.deadline)
        raise broken


class Bounded(httpcore2.NetworkStream):
    """A connection on which no wait goes beyond the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self.stream, self.deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, remaining(self.deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, remaining(self.deadline))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self.stream.start_tls(ssl_context, server_hostname, remaining(self.deadline))
        return Bounded(secured, self.deadline)

    def close(self) -> None:
        self.stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def remaining(deadline: float) -> float:
    """Seconds until the deadline; raises `httpcore2.TimeoutException` where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("time ran out")
    return left
