"""The checker at work: it leases, looks and writes down, until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import islice
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from checker.client import Client, NotAllowed, Rejected, Unreachable
from checker.posting import LONGEST_PAUSE, Poster
from checker.spool import Spool
from checker.visiting import Visitor

logger = logging.getLogger("checker")

MOST_LEASED = 200
LOOK_UP = 1.0  # seconds, at most, between two looks at what is due
LOOKED_THROUGH = 50  # held jobs, for one whose host may be asked now
LEASING = 10.0  # seconds that an answer of the desk is waited for, when stopping
STOPPING = 25.0  # seconds that looks which have begun may still take

Job = dict[str, Any]


class Worker:
    """`concurrency` looks at a time. What is leased and not begun waits in `held`, by job.

    Leasing, looking and posting go on beside one another: no look waits for the desk.
    """

    def __init__(self, client: Client, spool: Spool, visitor: Visitor, *, concurrency: int = 20) -> None:
        self.client, self.spool, self.visitor, self.concurrency = client, spool, visitor, concurrency
        self.poster = Poster(client, spool)
        self.held: dict[str, Job] = {}
        self.begun: dict[str, Job] = {}
        self.hosts: dict[str, str] = {}
        self.rules: dict[str, Any] = {}
        self.stopping = asyncio.Event()
        self.changed = asyncio.Event()
        self.has_room = asyncio.Event()
        self.failures = 0
        self.next_lease_at = 0.0
        self.keep_at = float("inf")
        self.looks = 0

    def stop(self) -> None:
        """Begin no other look, finish those that have begun, hand the rest back."""
        self.stopping.set()
        self.changed.set()
        self.has_room.set()

    async def run(self, *, once: bool = False) -> None:
        """Until `stop`, or with `once` until nothing is due; raises `NotAllowed` for a token that is none."""
        visits: set[asyncio.Task[None]] = set()
        leasing = asyncio.create_task(self._lease_until_stopped())
        posting = asyncio.create_task(self.poster.post_for_ever())
        try:
            while not self.stopping.is_set():
                self.changed.clear()
                for each in (leasing, posting):
                    if each.done():
                        each.result()
                self._begin(visits)
                if once and not (self.held or self.begun) and self.next_lease_at > monotonic():
                    break
                await _wait(self.changed, LOOK_UP)
        finally:
            self.stop()
            await asyncio.wait([leasing], timeout=LEASING)  # what comes is handed back
            leasing.cancel()
            await asyncio.gather(leasing, return_exceptions=True)
            await self.poster.end(posting)
            await self._end(visits)

    async def _lease_until_stopped(self) -> None:
        try:
            while not self.stopping.is_set():
                self.has_room.clear()
                await self._lease()
                await self._keep()
                self.changed.set()
                due = min(self.next_lease_at if self._has_room() else float("inf"), self.keep_at)
                await _wait(self.has_room, max(0.0, min(due - monotonic(), LOOK_UP)))
        finally:
            self.changed.set()

    def _has_room(self) -> bool:
        return len(self.held) < 2 * self.concurrency

    async def _lease(self) -> None:
        if not self._has_room() or monotonic() < self.next_lease_at:
            return
        limit = min(MOST_LEASED, 4 * self.concurrency - len(self.held))
        leased = await self._asked(partial(self.client.lease, limit))
        if leased is None:
            return
        self.rules.update(leased["rules"])
        for job in leased["jobs"]:
            if self.spool.knows(job["job"], job["attempt"]):
                logger.info("job %s was looked at before: what was found is told again", job["job"])
            elif job["job"] not in self.begun:
                self.held[job["job"]] = job
                self.hosts[job["job"]] = urlsplit(job["expected"]["canonical"]).hostname or ""
        self._keep_later(leased["lease_seconds"])
        self.next_lease_at = monotonic() + leased["come_again_in"]

    def _keep_later(self, seconds: float) -> None:
        """Ask to keep what is held once a third of the lease has passed."""
        self.keep_at = min(self.keep_at, monotonic() + seconds / 3)

    async def _keep(self) -> None:
        if monotonic() < self.keep_at:
            return
        self.keep_at = float("inf")
        leases = _named({**self.held, **self.begun})
        if not leases:
            return
        for start in range(0, len(leases), MOST_LEASED):
            part = leases[start : start + MOST_LEASED]
            answer = await self._asked(partial(self.client.extend, part))
            if answer is None:
                self.keep_at = monotonic() + 10
                continue
            for lost in {each["job"] for each in part} - set(answer["kept"]):
                if self.held.pop(lost, None):
                    del self.hosts[lost]
            self._keep_later(answer["lease_seconds"])

    async def _asked(self, ask: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any] | None:
        """The desk's answer; None, and longer and longer pauses, while it gives none."""
        try:
            answer = await ask()
        except (Unreachable, Rejected) as problem:
            self.failures += 1
            wait = max(getattr(problem, "wait", 0.0), min(0.5 * 2**self.failures, LONGEST_PAUSE))
            logger.warning("%s; trying again in %.0f s", problem, wait)
            self.next_lease_at = monotonic() + wait
            return None
        self.failures = 0
        return answer

    # -- looking ---------------------------------------------------------------------------------------------------

    def _begin(self, visits: set[asyncio.Task[None]]) -> None:
        """Take the jobs whose hosts may be asked soonest."""
        while self.held and len(self.begun) < self.concurrency and not self.stopping.is_set():
            some = list(islice(self.held, LOOKED_THROUGH))
            key = next((job for job in some if not self._due_in(job)), "") or min(some, key=self._due_in)
            job = self.begun[key] = self.held.pop(key)
            visit = asyncio.create_task(self._look(job))
            visits.add(visit)
            visit.add_done_callback(visits.discard)
        if self._has_room() and monotonic() >= self.next_lease_at:
            self.has_room.set()

    def _due_in(self, job: str) -> float:
        return self.visitor.fetcher.courtesy.due_in(self.hosts[job])

    async def _look(self, job: Job) -> None:
        try:
            rules = self.rules.get(job["expected"]["platform"])
            seen = await self.visitor.look(job["expected"], rules)
            self.spool.keep(job["job"], job["attempt"], seen.body, seen.files)
            self.looks += 1
        except Exception:
            logger.exception("the look for job %s failed", job["job"])
        finally:
            del self.begun[job["job"]], self.hosts[job["job"]]
            self.changed.set()

    async def _end(self, visits: set[asyncio.Task[None]]) -> None:
        """Finish the looks that have begun, as far as they do in time; post; hand the rest back."""
        if visits:
            _, late = await asyncio.wait(visits, timeout=STOPPING)
            for visit in late:
                visit.cancel()
        left = _named({**self.held, **self.begun})
        with suppress(Unreachable, Rejected, NotAllowed):
            await self.poster.post_all()
            for start in range(0, len(left), MOST_LEASED):
                await self.client.hand_back(left[start : start + MOST_LEASED])


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Until it is set, but no longer."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _named(jobs: dict[str, Job]) -> list[dict[str, Any]]:
    return [{"job": job["job"], "attempt": job["attempt"]} for job in jobs.values()]
