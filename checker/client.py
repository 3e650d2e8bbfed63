"""The desk's API, as a checker uses it. Its address is given by whoever starts the checker, and is not guarded."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpcore2

from checker import VERSION, clock
from checker.courtesy import retry_after
from checker.spool import Spooled

PART = 65_536  # bytes of a file sent at a time
TIMEOUT = {"connect": 10.0, "read": 60.0, "write": 30.0, "pool": 60.0}


class BadAddress(ValueError):
    """The address given is not one that a token may be sent to."""


class Unreachable(Exception):
    """Nobody answers, or not now; `wait` is in how many seconds to try again, if the desk said so."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class NotAllowed(Exception):
    """The token is unknown, has ended, or is no checker's."""


class Rejected(Exception):
    """The desk does not understand what was sent."""


class Client:
    """One connection or a few to the desk; every request says the checker's version and what its clock shows."""

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise BadAddress("The address of the desk is like https://desk.example.org")
        if parts.scheme == "http" and not _is_here(parts.hostname):
            raise BadAddress("A token is sent by https only: give an https address.")
        path = parts.path.removesuffix("/api/v1")
        api = f"{parts.scheme}://{parts.netloc}{path}/api/v1/"
        self.base, self.blobs = f"{api}check-jobs/", f"{api}blobs/"
        self.headers = [
            ("Host", parts.netloc),
            ("Authorization", f"Bearer {token}"),
            ("Accept", "application/json"),
            ("User-Agent", f"TakedownDeskChecker/{VERSION}"),
        ]
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), max_connections=4
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    async def lease(self, limit: int) -> dict[str, Any]:
        return await self._post("lease", limit=limit)

    async def extend(self, leases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return await self._post("extend", leases=list(leases))

    async def hand_back(self, leases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return await self._post("hand_back", leases=list(leases))

    async def post(self, findings: Sequence[Spooled]) -> dict[str, Any]:
        """Findings, naming the files that were sent before, with what sets our clock."""
        sent = [
            {"job": each.job, "attempt": each.attempt, **each.body, "captures": _captures(each)}
            for each in findings
        ]
        now = clock.state()
        return await self._post(
            "findings", clock_source=now.source, clock_error_ms=now.error_ms, findings=sent
        )

    async def send(self, files: Mapping[str, Path]) -> dict[str, str]:
        """Send files by their hashes, part by part; returns why the desk does not keep those that it refuses.

        Those that the desk has already do no harm. Raises `Unreachable`, `NotAllowed` or `Rejected`.
        """
        sizes = {sha256: file.stat().st_size for sha256, file in files.items()}
        length = sum(len(_line(sha256, size)) + size for sha256, size in sizes.items())
        headers = [
            *self.headers,
            ("Content-Type", "application/octet-stream"),
            ("Content-Length", str(length)),
        ]
        answer = await self._ask("PUT", f"{self.blobs}many/", headers, _parts(files, sizes))
        if answer.status in (404, 405):
            return dict.fromkeys(files, "the desk takes no files")
        return {each["sha256"]: each["detail"] for each in _read(answer)["refused"]}

    async def _post(self, what: str, **sent: Any) -> dict[str, Any]:
        """Raises `Unreachable`, `NotAllowed` or `Rejected`."""
        body = json.dumps({"version": VERSION, "clock": datetime.now(UTC).isoformat(), **sent}).encode()
        headers = [
            *self.headers,
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ]
        return _read(await self._ask("POST", f"{self.base}{what}/", headers, body))

    async def _ask(
        self, method: str, address: str, headers: list[tuple[str, str]], content: bytes | AsyncIterator[bytes]
    ) -> httpcore2.Response:
        try:
            return await self._pool.request(
                method, address, headers=headers, content=content, extensions={"timeout": TIMEOUT}
            )
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
            OSError,
        ) as error:
            raise Unreachable(f"the desk does not answer: {type(error).__name__} {error}") from error


def _captures(finding: Spooled) -> list[dict[str, str]]:
    return [{"kind": kind, "sha256": sha256} for kind, sha256 in finding.files.items()]


def _line(sha256: str, size: int) -> bytes:
    return f"{sha256} {size}\n".encode()


async def _parts(files: Mapping[str, Path], sizes: Mapping[str, int]) -> AsyncIterator[bytes]:
    """What stands before each file and the file, in parts of one size; raises `OSError` where one has changed."""
    part = bytearray()
    for sha256, file in files.items():
        part += _line(sha256, sizes[sha256])
        with file.open("rb") as stream:
            while read := stream.read(PART):
                part += read
                if len(part) >= PART:
                    yield bytes(part)
                    part.clear()
    if part:
        yield bytes(part)


def _read(answer: httpcore2.Response) -> dict[str, Any]:
    told = answer.content[:300].decode("utf-8", "replace")
    if answer.status in (401, 403):
        raise NotAllowed(f"The desk refuses the token ({answer.status}): {told}")
    if answer.status == 429 or answer.status >= 500 or answer.status in (404, 408):
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        raise Unreachable(f"the desk answers {answer.status}", retry_after(headers))
    if answer.status != 200:
        raise Rejected(f"The desk answers {answer.status}: {told}")
    try:
        read: dict[str, Any] = json.loads(answer.content)
    except ValueError as error:
        raise Unreachable("the desk answers with something else than JSON") from error
    return read


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
