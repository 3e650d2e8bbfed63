"""Checks a second, of pages on this machine, beside a bare loop of the same client that only reads them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import asdict
from functools import partial
from ssl import create_default_context

import httpcore2

from benchmarks.figures import Figure, seconds
from checker.connection import GuardedBackend
from checker.courtesy import Courtesy
from checker.fetch import Fetcher, Target
from checker.pretend.world import World
from checker.rules import Rules
from checker.verdict import judge
from platforms import tombstones

CHECKS = 400
AT_ONCE = 20
ROUNDS = 3
AIM = 0.6
BEHAVIOURS = ("live", "missing", "removed", "suspended", "soft", "consent", "private", "shell")

Work = Callable[[dict[str, str]], Coroutine[None, None, None]]


def measure() -> Iterator[Figure]:
    addresses = {
        f"https://x.com/i/status/{4711000000 + number}": BEHAVIOURS[number % 8] for number in range(CHECKS)
    }
    works = (_checked, _read)
    rounds = [[seconds(partial(_run, work, addresses)) for work in works] for _ in range(ROUNDS)]
    ours, bare = map(min, zip(*rounds, strict=True))
    yield Figure(f"{CHECKS} addresses visited and judged", ours, "the same client in a bare loop", bare, AIM)


def _run(work: Work, addresses: dict[str, str]) -> None:
    asyncio.run(work(addresses))


async def _checked(addresses: dict[str, str]) -> None:
    rules = Rules.of(tombstones.rules("x"))
    courtesy = Courtesy(concurrency=AT_ONCE, interval=0)
    async with World(addresses) as world, Fetcher(pretence=world.pretence, courtesy=courtesy) as fetcher:

        async def check(address: str) -> None:
            item = {"platform": "x", "kind": "post", "identifier": address[-10:], "canonical": address}
            asdict(judge(await fetcher.fetch(address), expected=item, rules=rules))

        await asyncio.gather(*map(check, addresses))


async def _read(addresses: dict[str, str]) -> None:
    places = asyncio.Semaphore(AT_ONCE)
    async with World(addresses) as world:
        tls = create_default_context(cafile=world.pretence.authority)

        async def read(address: str) -> None:
            backend = GuardedBackend(Target("x.com", 443, ["127.0.0.1"]), world.pretence)
            async with (
                places,
                httpcore2.AsyncConnectionPool(ssl_context=tls, network_backend=backend) as pool,
            ):
                await pool.request("GET", address, headers={"Connection": "close"})

        await asyncio.gather(*map(read, addresses))
