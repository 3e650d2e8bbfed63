"""Findings on disk: nothing is lost by a kill, nothing is posted by two."""

from pathlib import Path

import pytest

from checker.captures import Capture
from checker.spool import InUse, Spool, Spooled

PAGE, TEXT = Capture("warc", b"a page"), Capture("text", b"Some words")


def told(findings: list[Spooled]) -> list[Spooled]:
    """What waits, but for when it was made."""
    return [each._replace(made=0.0) for each in findings]


def on_disk(folder: Path) -> list[bytes]:
    return sorted(file.read_bytes() for file in (folder / "spool.files").iterdir())


def test_what_is_kept_is_there_after_a_restart_until_it_is_taken(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {"verdict": "live"})
        spool.keep("b", 1, {"verdict": "gone"})
    with Spool(tmp_path / "spool") as spool:
        waiting = spool.waiting(10)
        spool.taken(waiting[:1])
        left = spool.waiting(10)

    assert told(waiting) == [Spooled("a", 1, {"verdict": "live"}), Spooled("b", 1, {"verdict": "gone"})]
    assert told(left) == [Spooled("b", 1, {"verdict": "gone"})]


def test_job_that_was_looked_at_is_told_again_for_its_new_lease(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {"verdict": "live"})
        spool.taken(spool.waiting(10))

        known = spool.knows("a", 3), spool.knows("b", 1)

        assert known == (True, False)
        assert told(spool.waiting(10)) == [Spooled("a", 3, {"verdict": "live"})]


def test_finding_that_got_a_new_lease_while_it_was_posted_is_posted_for_that_too(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {})
        on_its_way = spool.waiting(10)
        spool.knows("a", 2)
        spool.taken(on_its_way)

        assert told(spool.waiting(10)) == [Spooled("a", 2, {})]


def test_what_the_desk_refused_is_not_posted_again_nor_known(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {})
        spool.taken(spool.waiting(10), refused=["a"])

        assert spool.waiting(10) == []
        assert not spool.knows("a", 2)


def test_one_file_is_one_checkers(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool"), pytest.raises(InUse, match="Another checker"):
        Spool(tmp_path / "spool")
    with Spool(tmp_path / "spool"):
        pass


def test_files_wait_with_their_finding_and_go_with_it(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {}, [PAGE, TEXT])
    with Spool(tmp_path / "spool") as spool:
        waiting = spool.waiting(10)
        lying = on_disk(tmp_path)
        spool.taken(waiting)

    assert [each.files for each in waiting] == [{"warc": PAGE.sha256, "text": TEXT.sha256}]
    assert (lying, on_disk(tmp_path)) == ([TEXT.content, PAGE.content], [])


def test_file_of_two_findings_stays_until_both_are_taken(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {}, [PAGE])
        spool.keep("b", 1, {}, [PAGE])
        spool.taken(spool.waiting(1))
        after_one = on_disk(tmp_path)
        spool.taken(spool.waiting(1))

    assert (after_one, on_disk(tmp_path)) == ([PAGE.content], [])


def test_what_a_kill_left_behind_is_cleared_away_and_what_waits_is_not(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {}, [PAGE])
    (tmp_path / "spool.files" / ("0" * 64)).write_bytes(b"written, and no finding that names it")
    (tmp_path / "spool.files" / "1.part").write_bytes(b"half of a fi")

    with Spool(tmp_path / "spool"):
        assert on_disk(tmp_path) == [PAGE.content]


def test_finding_without_room_for_its_files_stays_and_says_so(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool", most=10) as spool:
        spool.keep("a", 1, {"reason": "seen"}, [PAGE])
        spool.keep("b", 1, {"reason": "seen"}, [TEXT])

        assert [(each.body["reason"], len(each.files)) for each in spool.waiting(10)] == [
            ("seen", 1),
            ("seen; there was no room for its files: too much waits for the desk", 0),
        ]


def test_file_that_is_taken_off_goes_and_the_others_stay(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {"reason": ""}, [PAGE, TEXT])
        left = spool.without(spool.waiting(1)[0], ["warc"], "too large")

        assert spool.waiting(10) == [left]
        assert (left.files, left.body["reason"]) == ({"text": TEXT.sha256}, "too large")
        assert on_disk(tmp_path) == [TEXT.content]
