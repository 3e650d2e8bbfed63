"""The desk's API, as a checker uses it. Its address is given by whoever starts the checker, and is not guarded."""

import json
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

import httpcore2

from checker import VERSION
from checker.courtesy import retry_after
from checker.spool import Spooled

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
        self.base = f"{parts.scheme}://{parts.netloc}{path}/api/v1/check-jobs/"
        self.headers = [
            ("Host", parts.netloc),
            ("Authorization", f"Bearer {token}"),
            ("Content-Type", "application/json"),
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
        sent = [{"job": each.job, "attempt": each.attempt, **each.body} for each in findings]
        return await self._post("findings", findings=sent)

    async def _post(self, what: str, **sent: Any) -> dict[str, Any]:
        """Raises `Unreachable`, `NotAllowed` or `Rejected`."""
        body = json.dumps({"version": VERSION, "clock": datetime.now(UTC).isoformat(), **sent}).encode()
        headers = [*self.headers, ("Content-Length", str(len(body)))]
        try:
            answer = await self._pool.request(
                "POST", f"{self.base}{what}/", headers=headers, content=body, extensions={"timeout": TIMEOUT}
            )
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
            OSError,
        ) as error:
            raise Unreachable(f"the desk does not answer: {type(error).__name__} {error}") from error
        return _read(answer)


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
