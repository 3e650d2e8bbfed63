"""The demonstration's checker is started beside pretend platforms, and for nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from casework import visits
from config.demonstration import pretending as demonstration
from config.demonstration.looking import Truth
from config.embedded import pretending
from tests.factories import make_item


def test_without_a_demonstration_no_checker_is_started(tmp_path: Path) -> None:
    (tmp_path / pretending.TOKEN).write_text("secret")

    assert pretending.programs(tmp_path, "http://127.0.0.1:8000") == {}


@pytest.mark.django_db
def test_checker_of_a_demonstration_knows_the_pretend_world_only(tmp_path: Path, administrator: User) -> None:
    demonstration.prepare(tmp_path, {}, at=timezone.now(), by=administrator)

    started = pretending.programs(tmp_path, "http://127.0.0.1:8000")

    assert list(started) == ["pretend", "checker"]
    assert started["checker"][-2:] == ["--pretend", str(tmp_path / pretending.WORLD)]
    assert started["pretend"][-1] == str(tmp_path / pretending.WORLD)
    assert (tmp_path / pretending.TOKEN).stat().st_mode & 0o077 == 0
    assert {(country, signed_in) for _, country, signed_in in visits.allowed()} == {("GB", False)}


@pytest.mark.django_db
def test_pretend_platforms_answer_as_the_story_has_it() -> None:
    now = timezone.now()
    items = [make_item() for _ in range(3)]
    truths: dict[int, Any] = {
        items[0].pk: Truth(gone_at=now - timedelta(hours=1), cause="author"),
        items[1].pk: Truth(blocked_at=now - timedelta(hours=1)),
    }

    told = demonstration.behaviours(truths, now)

    assert [told[item.canonical] for item in items[:2]] == ["deleted", "withheld"]
    assert told["*"] == "live"
