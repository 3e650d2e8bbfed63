"""Manners towards hosts, and caution about ourselves."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

LONGEST_WAIT = 24 * 3600.0  # seconds that a host can make us stay away
_MOST_HOSTS = 10_000


class Host:
    def __init__(self, concurrency: int) -> None:
        self.places = asyncio.Semaphore(concurrency)
        self.next_at = 0.0  # on the clock, when the next request may begin


class Courtesy:
    """A host is asked by few at a time, not too often, and not before it said that it may be asked again."""

    def __init__(
        self, *, concurrency: int = 2, interval: float = 1.0, clock: Callable[[], float] = monotonic
    ) -> None:
        self.concurrency, self.interval, self.clock = concurrency, interval, clock
        self.hosts: OrderedDict[str, Host] = OrderedDict()

    def _host(self, name: str) -> Host:
        host = self.hosts.setdefault(name, Host(self.concurrency))
        self.hosts.move_to_end(name)
        while len(self.hosts) > _MOST_HOSTS:
            self.hosts.popitem(last=False)
        return host

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait for our turn at a host, and take it."""
        host = self._host(name)
        async with host.places:
            now = self.clock()
            begin = max(now, host.next_at)
            host.next_at = begin + self.interval
            await asyncio.sleep(begin - now)
            yield

    def wait(self, name: str, seconds: float) -> None:
        """The host wants to be left alone for so long."""
        host = self._host(name)
        host.next_at = max(host.next_at, self.clock() + min(seconds, LONGEST_WAIT))

    def due_in(self, name: str) -> float:
        """Return in how many seconds a host may be asked again: work for it can be put off until then."""
        return max(0.0, self._host(name).next_at - self.clock())


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """Return the seconds that a host asks us to wait, 0 if it does not say (RFC 9110, 10.2.3)."""
    written = headers.get("retry-after", "").strip()
    if written.isdecimal() and written.isascii():
        return float(written[:9])
    try:
        until = parsedate_to_datetime(written)
    except (TypeError, ValueError):
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


class Breaker:
    """Where no host at all answers, the fault is on our side: stop asking, and try one now and then.

    Open once `hosts` different hosts have failed with none answering in between.
    """

    def __init__(
        self, *, hosts: int = 5, pause: float = 30.0, clock: Callable[[], float] = monotonic
    ) -> None:
        self.hosts, self.pause, self.clock = hosts, pause, clock
        self.failed: set[str] = set()
        self.next_at = 0.0

    @property
    def is_open(self) -> bool:
        return len(self.failed) >= self.hosts

    def lets_through(self) -> bool:
        """Tell whether to try; while open, one every `pause` seconds."""
        if not self.is_open:
            return True
        now = self.clock()
        if now < self.next_at:
            return False
        self.next_at = now + self.pause
        return True

    def note(self, host: str, *, is_answered: bool) -> None:
        """Take note of how a visit to a host ended."""
        if is_answered:
            self.failed.clear()
        elif host not in self.failed and len(self.failed) < self.hosts:
            self.failed.add(host)
            self.next_at = self.clock() + self.pause
