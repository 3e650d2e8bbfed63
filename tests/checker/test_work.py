"""A checker at work, between a desk and pretend platforms."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from checker.client import BadAddress, Client, NotAllowed
from checker.courtesy import Courtesy
from checker.fetch import Fetcher
from checker.pretend.world import World
from checker.spool import Spool
from checker.visiting import Visitor
from checker.work import Worker
from tests.checker.desk import Desk, job

SITES = {f"https://site-{number}.example/post/47110001{number:02d}": "live" for number in range(12)}


@asynccontextmanager
async def work(
    desk: Desk, world: World, spool: Spool, *, token: str = "secret", **given: Any
) -> AsyncIterator[Worker]:
    courtesy = Courtesy(interval=0)
    async with (
        Client(desk.url, token) as client,
        Fetcher(pretence=world.pretence, courtesy=courtesy) as fetcher,
    ):
        yield Worker(client, spool, Visitor(fetcher), **given)


async def once(*given: Any, **more: Any) -> None:
    async with work(*given, **more) as worker:
        await worker.run(once=True)


def test_everything_leased_is_looked_at_and_posted_once(tmp_path: Path) -> None:
    async def run() -> None:
        async with Desk(list(SITES)) as desk, World(SITES) as world:
            with Spool(tmp_path / "spool") as spool:
                await once(desk, world, spool, concurrency=2)
            assert sorted(each["job"] for each in desk.posted) == sorted(desk.leased)
            assert {(each["verdict"], each["confidence"], each["status"]) for each in desk.posted} == {
                ("live", "high", 200)
            }
            assert all(len(each["capture_sha256"]) == 64 and each["fingerprint"] for each in desk.posted)
            assert desk.handed_back == []
            assert set(world.visits.values()) == {1}

    asyncio.run(run())


def test_job_that_was_looked_at_before_is_told_and_not_visited(tmp_path: Path) -> None:
    async def run() -> None:
        async with Desk(list(SITES)[:1]) as desk, World(SITES) as world:
            again = job(0, next(iter(SITES)), attempt=2)
            with Spool(tmp_path / "spool") as spool:
                spool.keep(again["job"], 1, {"verdict": "gone", "at": "2026-01-01T00:00:00Z"})
                spool.taken(spool.waiting(1))
                desk.waiting = [again]
                await once(desk, world, spool)
            [told] = desk.posted
            assert (told["attempt"], told["verdict"], told["at"]) == (2, "gone", "2026-01-01T00:00:00Z")
            assert not world.visits

    asyncio.run(run())


def test_findings_wait_on_disk_while_the_desk_is_away(tmp_path: Path) -> None:
    async def run() -> None:
        async with Desk(list(SITES)[:2]) as desk, World(SITES) as world:
            desk.fails = {"findings": [503] * 9}
            with Spool(tmp_path / "spool") as spool:
                await once(desk, world, spool)
                assert (len(spool.waiting(9)), desk.posted) == (2, [])
            desk.fails = {}
            with Spool(tmp_path / "spool") as spool:
                await once(desk, world, spool)
                assert (len(spool.waiting(9)), len(desk.posted)) == (0, 2)

    asyncio.run(run())


def test_finding_that_is_not_understood_stops_no_other(tmp_path: Path) -> None:
    async def run() -> None:
        async with Desk() as desk, World(SITES) as world:
            desk.leased = {"a": {}, "b": {}}
            with Spool(tmp_path / "spool") as spool:
                spool.keep("a", 1, {})
                spool.keep("b", 1, {})
                desk.fails = {"findings": [400, 400]}
                await once(desk, world, spool)
                assert [each["job"] for each in desk.posted] == ["b"]
                assert spool.waiting(9) == []

    asyncio.run(run())


def test_stopping_ends_what_has_begun_and_hands_the_rest_back(tmp_path: Path) -> None:
    async def run() -> None:
        async with Desk(list(SITES)) as desk, World(SITES) as world:
            with Spool(tmp_path / "spool") as spool:
                async with work(desk, world, spool, concurrency=3) as worker:
                    running = asyncio.create_task(worker.run())
                    while not worker.begun:
                        await asyncio.sleep(0)
                    worker.stop()
                    await running
            assert len(desk.posted) == 3
            assert sorted(desk.handed_back + [each["job"] for each in desk.posted]) == sorted(desk.leased)
            assert desk.handed_back

    asyncio.run(run())


def test_lease_that_is_lost_is_left_and_the_others_are_kept(tmp_path: Path) -> None:
    async def run() -> None:
        async with Desk(list(SITES)) as desk, World(SITES) as world:
            with Spool(tmp_path / "spool") as spool:
                async with work(desk, world, spool, concurrency=3) as worker:
                    await worker._lease()
                    gone = next(iter(worker.held))
                    desk.lost, worker.keep_at = {gone}, 0.0
                    await worker._keep()
                assert gone not in worker.held
                assert len(worker.held) == len(desk.leased) - 1

    asyncio.run(run())


def test_token_that_is_none_ends_the_checker(tmp_path: Path) -> None:
    async def run() -> None:
        async with Desk(list(SITES)) as desk, World(SITES) as world:
            with Spool(tmp_path / "spool") as spool, pytest.raises(NotAllowed):
                await once(desk, world, spool, token="wrong")

    asyncio.run(run())


def test_soft_404_is_told_by_an_address_that_never_was_asked_once_for_a_host(tmp_path: Path) -> None:
    soft = {f"https://soft.example/post/471100011{number}": "soft" for number in range(3)}

    async def run() -> None:
        async with Desk(list(soft)) as desk, World({**soft, "*": "soft"}) as world:
            with Spool(tmp_path / "spool") as spool:
                await once(desk, world, spool, concurrency=1)
            assert [(each["verdict"], each["confidence"]) for each in desk.posted] == [("gone", "medium")] * 3
            assert sorted(world.visits.values()) == [1, 1, 1, 1]

    asyncio.run(run())


def test_rules_that_cannot_be_read_end_no_checker(tmp_path: Path) -> None:
    async def run() -> None:
        async with Desk(list(SITES)[:1]) as desk, World(SITES) as world:
            with Spool(tmp_path / "spool") as spool:
                async with work(desk, world, spool) as worker:
                    body, _ = await worker.visitor.look(desk.waiting[0]["expected"], {"surprise": 1})
            assert (body["verdict"], body["confidence"]) == ("inconclusive", "low")
            assert "cannot be read" in body["reason"]

    asyncio.run(run())


@pytest.mark.parametrize(
    "address", ["desk.example", "ftp://desk.example", "http://desk.example", "https://a/?b=c"]
)
def test_token_goes_by_https_or_stays_on_this_machine(address: str) -> None:
    with pytest.raises(BadAddress):
        Client(address, "secret")


def test_desk_may_lie_below_a_path() -> None:
    assert Client("https://d.example/desk/api/v1/", "t").base == "https://d.example/desk/api/v1/check-jobs/"


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="checker")
