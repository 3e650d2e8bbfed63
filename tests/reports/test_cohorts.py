"""Published cohorts counted again: every figure of the last table of docs/cohorts.md."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from accounts.showing import percent
from notices.history import import_history
from reports.facts import Scope
from reports.figures import figures
from reports.periods import Period, day, instant
from reports.wording import stated
from tests.reports.cohorts import COHORTS, written

PAGE = (Path(__file__).parents[2] / "docs" / "cohorts.md").read_text(encoding="utf-8")
TABLE = [
    (name, statistic, ours)
    for name, statistic, ours in re.findall(r"^\| `(\w+)` \| (S\d\d.*?) \| .*? \| (.*?) \|", PAGE, re.MULTILINE)
]  # fmt: skip


@pytest.fixture
def counted(db: None, tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """Brings a cohort in and counts it, by platform."""

    def count(name: str) -> dict[str, Any]:
        cohort, path = COHORTS[name], tmp_path / "cohort.jsonl"
        path.write_text(written(name), encoding="utf-8")
        import_history(path)
        as_at = instant(cohort.as_at)
        return figures(Scope(Period(day(cohort.first), day(cohort.last)), as_at, as_at), ["platform"])

    return count


@pytest.mark.parametrize("name", COHORTS)
def test_each_figure_of_the_page_is_counted(name: str, counted: Callable[[str], dict[str, Any]]) -> None:
    expected = {statistic: ours for cohort, statistic, ours in TABLE if cohort == name}

    document = counted(name)

    assert expected
    assert {statistic: printed(document, *statistic.split()) for statistic in expected} == expected


def test_the_page_names_every_cohort_and_no_other() -> None:
    assert {name for name, _, _ in TABLE} == set(COHORTS)


def printed(document: Mapping[str, Any], code: str, part: str = "", more: str = "") -> str:
    """A figure as the page has it: `S04`, `S04 high`, `S03 REFUSED`, `S05 24h`, `S05 24h high`, `S05 24h x`."""
    platforms = {group["group"].get("platform"): group for group in document["groups"]}
    measure = platforms.get(more, platforms[None])[code]
    if code == "S03":
        return f"{measure['outcomes'][part]:,}"
    if code == "S09":
        return f"{measure['hours']:.1f} hours"
    for name in (part, more):
        measure = measure.get(name, measure) if isinstance(measure, dict) else measure
    return stated(measure) if isinstance(measure, dict) else percent(measure)
