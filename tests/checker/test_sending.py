"""Files of looks on their way to the desk: before the finding that names them, and never in its way."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from checker import posting
from checker.client import Unreachable
from checker.pretend.world import World
from checker.spool import Spool
from tests.checker.desk import Desk
from tests.checker.test_work import once, work

SITE = "https://site.example/post/4711000100"


def files(desk: Desk) -> list[list[str]]:
    """The kinds of files that each finding that arrived names."""
    return [sorted(each["kind"] for each in finding["captures"]) for finding in desk.posted]


def left(folder: Path) -> int:
    return len(list((folder / "spool.files").iterdir()))


def run(desk: Desk, folder: Path) -> None:
    """A checker at work until nothing is due."""

    async def worked() -> None:
        async with desk, World({SITE: "live"}) as world:
            with Spool(folder / "spool") as spool:
                await once(desk, world, spool)

    asyncio.run(worked())


def test_files_arrive_before_their_finding_and_are_let_go(tmp_path: Path) -> None:
    desk = Desk([SITE])
    run(desk, tmp_path)

    assert files(desk) == [["fingerprint", "text", "warc"]]
    named = {each["sha256"] for each in desk.posted[0]["captures"]}
    assert named == set(desk.files) == {hashlib.sha256(each).hexdigest() for each in desk.files.values()}
    assert left(tmp_path) == 0


def test_finding_goes_without_the_file_that_is_refused_and_says_so(tmp_path: Path) -> None:
    desk = Desk([SITE])
    desk.largest = 300
    run(desk, tmp_path)

    assert files(desk) == [["fingerprint", "text"]]
    assert "; its warc was refused: not kept" in desk.posted[0]["reason"]
    assert left(tmp_path) == 0


def test_bundle_that_is_not_understood_is_sent_file_by_file(tmp_path: Path) -> None:
    desk = Desk([SITE])
    desk.fails = {"blobs": [400, 400]}
    run(desk, tmp_path)

    assert (len(files(desk)[0]), desk.asked["blobs"]) == (2, 4)
    assert " was refused: The desk answers 400" in desk.posted[0]["reason"]
    assert left(tmp_path) == 0


def test_desk_that_takes_no_files_gets_the_finding(tmp_path: Path) -> None:
    desk = Desk([SITE])
    desk.fails = {"blobs": [404]}
    run(desk, tmp_path)

    assert (files(desk), desk.posted[0]["verdict"]) == ([[]], "live")


def test_finding_that_is_refused_with_its_files_is_told_without(tmp_path: Path) -> None:
    desk = Desk([SITE])
    desk.fails = {"findings": [400]}
    run(desk, tmp_path)

    assert files(desk) == [[]]
    assert "its files were refused" in desk.posted[0]["reason"]


@pytest.mark.parametrize("where", ["blobs", "findings"])
def test_checker_that_stops_between_file_and_finding_goes_on_where_it_was(tmp_path: Path, where: str) -> None:
    first, second = Desk([SITE]), Desk()
    first.fails = {where: [503] * 9}
    run(first, tmp_path)
    kept = left(tmp_path)
    second.leased, second.files = first.leased, first.files
    run(second, tmp_path)

    assert (first.posted, kept) == ([], 3)
    assert files(second) == [["fingerprint", "text", "warc"]]
    assert (len(second.files), left(tmp_path)) == (3, 0)


def test_files_that_cannot_be_sent_keep_no_finding_back_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PATIENCE", 0.0)
    desk = Desk([SITE])
    desk.fails = {"blobs": [503] * 3}
    run(desk, tmp_path)

    assert files(desk) == [[]]
    assert "could not be sent" in desk.posted[0]["reason"]


def test_large_file_is_sent_in_parts(tmp_path: Path) -> None:
    content = b"x" * 3_000_000
    name = hashlib.sha256(content).hexdigest()
    (tmp_path / name).write_bytes(content)

    async def sent() -> Desk:
        async with Desk() as desk, World({}) as world:
            with Spool(tmp_path / "spool") as spool:
                async with work(desk, world, spool) as worker:
                    assert await worker.client.send({name: tmp_path / name}) == {}
            return desk

    assert asyncio.run(sent()).files == {name: content}


def test_without_a_desk_a_file_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")

    async def sent() -> None:
        async with Desk() as desk, World({}) as world:
            with Spool(tmp_path / "spool") as spool:
                async with work(desk, world, spool) as worker:
                    desk.fails = {"blobs": [503]}
                    await worker.client.send({"0" * 64: tmp_path / "file"})

    with pytest.raises(Unreachable):
        asyncio.run(sent())
