"""Findings on disk: nothing is lost by a kill, nothing is posted by two."""

from pathlib import Path

import pytest

from checker.spool import InUse, Spool, Spooled


def test_what_is_kept_is_there_after_a_restart_until_it_is_taken(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {"verdict": "live"})
        spool.keep("b", 1, {"verdict": "gone"})
    with Spool(tmp_path / "spool") as spool:
        waiting = spool.waiting(10)
        spool.taken(waiting[:1])
        left = spool.waiting(10)

    assert waiting == [Spooled("a", 1, {"verdict": "live"}), Spooled("b", 1, {"verdict": "gone"})]
    assert left == [Spooled("b", 1, {"verdict": "gone"})]


def test_job_that_was_looked_at_is_told_again_for_its_new_lease(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {"verdict": "live"})
        spool.taken(spool.waiting(10))

        known = spool.knows("a", 3), spool.knows("b", 1)

        assert known == (True, False)
        assert spool.waiting(10) == [Spooled("a", 3, {"verdict": "live"})]


def test_finding_that_got_a_new_lease_while_it_was_posted_is_posted_for_that_too(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        spool.keep("a", 1, {})
        on_its_way = spool.waiting(10)
        spool.knows("a", 2)
        spool.taken(on_its_way)

        assert spool.waiting(10) == [Spooled("a", 2, {})]


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
