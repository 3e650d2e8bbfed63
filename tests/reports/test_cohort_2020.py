import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.reports import cohort_2020


def rounded(interval: list[float]) -> list[float]:
    return [round(100 * end, 1) for end in interval]


@pytest.mark.django_db
def test_published_cohort_gives_both_published_rates(tmp_path: Path) -> None:
    call_command("import_history", str(cohort_2020.write(tmp_path / "cohort.jsonl")), stdout=StringIO())
    out = StringIO()
    call_command(
        "takedown_statistics", "--from", "2020-01-01", "--to", "2020-05-31", "--as-at", "2020-09-03T00:00Z",
        "--format", "json", stdout=out,
    )  # fmt: skip
    figures = json.loads(out.getvalue())
    total = figures["groups"][0]
    assert (figures["rows"], total["S03"]["eligible"]) == (1218, 1218)
    assert (total["S04"]["numerator"], total["S04"]["denominator"]) == (578, 1218)
    assert round(100 * total["S04"]["rate"], 1) == 47.5
    assert rounded(total["S04"]["interval"]) == [44.7, 50.3]
    assert (total["S06"]["numerator"], total["S06"]["denominator"]) == (578, 1063)
    assert rounded(total["S06"]["interval"]) == [51.4, 57.3]
