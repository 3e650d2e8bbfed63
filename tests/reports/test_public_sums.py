"""Whole documents of made-up rows, attacked with every sum that the definitions state, by propagating bounds."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from reports.columns import Columns
from reports.durations import LIVE
from reports.facts import WINDOWS, Episode
from reports.figures import groups
from reports.measures import EXCLUSIONS, OUTCOMES
from reports.public import publishable
from tests.reports.conftest import scope
from tests.reports.made import T0, row

Cell = tuple[int, str]  # the number of a group, and the words of a count's path
Line = tuple[list[Cell], list[Cell]]  # both sides have the same sum


def made(draw: Random, number: int) -> Episode:
    """A row whose fields fit together."""
    exclusion = draw.choices([None, *EXCLUSIONS], [80, 1, 2, 1, 4, 4, 2])[0]
    outcome = None if exclusion else draw.choices([*OUTCOMES], [2, 30, 3, 20, 3, 2, 4, 3, 20, 30, 3])[0]
    gone = outcome in {"DOWN_PLATFORM_VERIFIED", "DOWN_UNATTRIBUTED", "DOWN_UPLOADER"}
    at = T0 + timedelta(hours=draw.choice([5, 30, 100, 700]))
    answer = draw.choices(["yes" if gone else "no", "indeterminate", "immature", "held"], [90, 2, 2, 2])[0]
    within = None if exclusion and exclusion != "X6" else "held" if exclusion else answer
    removed = at if gone or outcome == "REINSTATED" else None
    refused = outcome == "REFUSED" or (outcome is not None and draw.random() < 0.05)
    kind = draw.choices(["post", "video", "page"], [9, 4, 1])[0]
    return row(
        number, platform=draw.choice(["x", "x", "facebook", "tiktok"]), kind=kind,
        notice_id=number // 3, exclusion=exclusion, outcome=outcome, delivered=exclusion != "X5",
        decided=refused or (gone and draw.random() < 0.9), first_removed_at=removed,
        removed_at=removed if gone else None,
        first_cause="uploader" if outcome == "DOWN_UPLOADER" else "platform" if removed else None,
        taken_down_at=removed if outcome != "DOWN_UPLOADER" else None,
        reinstated_at=at + timedelta(hours=50) if outcome == "REINSTATED" else None,
        held_at=T0 + timedelta(hours=3) if exclusion == "X6" else None,
        refused_at=at if refused else None, refusal_code="no_policy_breach" if refused else None,
        measure="limited" if outcome in {"LIMITED", "RESTRICTED_UK"} else None, observed_at=T0 + timedelta(days=60),
        approved_at=T0 if draw.random() < 0.9 else None, claimed_at=at if gone and draw.random() < 0.7 else None,
        **{f"within_{name}": within for name in WINDOWS},
    )  # fmt: skip


def flat(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, part in value.items():
        if isinstance(part, dict) and name not in {"group", "follow_up_hours", "cumulative", "clusters"}:
            yield from flat(part, f"{path} {name}".strip())
        elif (part == "c" or type(part) is int) and not name.endswith("hours") and name not in NO_COUNTS:
            yield f"{path} {name}", part


NO_COUNTS = {"rate", "interval", "low", "high", "cluster_interval", "largest_notice_share"}
TABLES = {
    "S01 by_kind": "S01 notified_items", "S12 by_reason": "S12 numerator",
    "S14 limited by_measure": "S14 limited numerator", "S14 restricted_uk by_measure": "S14 restricted_uk numerator",
    "S17 by_kind": "S17 removed", "S17 by_month": "S17 removed", "S18 by_age": "S18 live",
    "S18 by_outcome": "S18 live", "S03 outcomes": "S03 eligible",
}  # fmt: skip
ELIGIBLE = "S03 eligible"
EQUAL = {
    "S04 denominator": ELIGIBLE, "S12 denominator": ELIGIBLE, "S14 limited denominator": ELIGIBLE,
    "S14 restricted_uk denominator": ELIGIBLE, "S14 not_reachable_uk denominator": ELIGIBLE,
    "S16 disputed denominator": ELIGIBLE, "S16 undelivered_items denominator": "S01 notified_items",
    "S16 undelivered_items numerator": "S02 X5", "S16 called_error denominator": "S16 valid_items denominator",
    "S06 numerator": "S04 numerator", "S13 net numerator": "S04 numerator",
    "S16 undelivered_notices denominator": "S01 notices",
    "S14 limited numerator": "S03 outcomes LIMITED", "S14 restricted_uk numerator": "S03 outcomes RESTRICTED_UK",
    **{f"S18 by_outcome {name}": f"S03 outcomes {name}" for name in LIVE},
}  # fmt: skip
SUMS = {
    "S01 notified_items": [*(f"S02 {code}" for code in EXCLUSIONS), ELIGIBLE],
    "S04 numerator": ["S03 outcomes DOWN_PLATFORM_VERIFIED", "S03 outcomes DOWN_UNATTRIBUTED"],
    "S14 not_reachable_uk numerator": ["S04 numerator", "S03 outcomes DOWN_UPLOADER", "S03 outcomes RESTRICTED_UK"],
    "S16 undelivered_items denominator": ["S16 undelivered_items numerator", "S16 valid_items denominator"],
    "S16 undelivered_notices denominator": ["S16 undelivered_notices numerator", "S16 valid_notices denominator"],
    "S12 numerator": ["S12 overturned denominator", "S12 overturned immature"],
    "S08 n": [ELIGIBLE, "S02 X6"],  # every hold of the rows came after T0
    **{
        f"S13 net denominator {what} {name}": [f"S13 {what} {name} denominator", f"S13 {what} {name} immature"]
        for what in ("reinstated", "reappeared") for name in ("28d", "90d", "180d")
    },
}  # fmt: skip


def stated(number: int, counts: dict[str, Any]) -> Iterator[Line]:
    """The sums within one group."""
    sums: list[tuple[list[str], list[str]]] = [([one], [other]) for one, other in EQUAL.items()]
    sums += [
        ([" ".join(whole.split(" ")[:3]) if "net" in whole else whole], parts)
        for whole, parts in SUMS.items()
    ]
    sums += [
        ([whole], [path for path in counts if path.rpartition(" ")[0] == table])
        for table, whole in TABLES.items()
    ]
    for name in WINDOWS:
        sums.append(
            ([ELIGIBLE, "S02 X6"], [f"S05 {name} {part}" for part in ("denominator", "immature", "held")])
        )
    for one, other in sums:
        if all(path in counts for path in (*one, *other)):
            yield [(number, path) for path in one], [(number, path) for path in other]


def over_groups(truth: list[dict[str, Any]]) -> Iterator[Line]:
    """Each count of the total, where the groups' sum to it."""
    total, *others = truth
    for path, count in total.items():
        if sum(other.get(path, 0) for other in others) == count:
            yield (
                [(0, path)],
                [(number, path) for number, other in enumerate(truth) if number and path in other],
            )


def bounds(lines: list[Line], shown: dict[Cell, Any]) -> dict[Cell, tuple[float, float]]:
    """The least and the most that each withheld count can be, as far as single sums tell, again and again."""
    found: dict[Cell, tuple[float, float]] = {
        cell: (0, 10**6) if count == "c" else (count, count) for cell, count in shown.items()
    }
    changed = True
    while changed:
        changed = False
        for line in lines:
            for left, right in (line, line[::-1]):
                least = sum(found[cell][0] for cell in right) - sum(found[cell][1] for cell in left)
                most = sum(found[cell][1] for cell in right) - sum(found[cell][0] for cell in left)
                for cell in left:
                    low, high = found[cell]
                    new = max(low, least + high), min(high, most + low)
                    if new != (low, high):
                        found[cell], changed = new, True
                        least, most = least + high - new[1], most + low - new[0]
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_no_withheld_small_count_follows_from_the_sums(seed: int) -> None:
    draw = Random(seed)
    columns = Columns.of_rows(made(draw, number) for number in range(1, draw.choice([40, 150, 500])))
    by = [["platform"], ["platform", "kind"]][seed % 2]
    document = {"groups": groups(columns, scope(), by)}
    truth = [dict(flat(group)) for group in document["groups"]]

    published = [dict(flat(group)) for group in publishable(document)["groups"]]

    shown = {(number, path): count for number, counts in enumerate(published) for path, count in counts.items()
             if path in truth[number]}  # fmt: skip
    lines = [line for number, counts in enumerate(truth) for line in stated(number, counts)] + [
        *over_groups(truth)
    ]
    for left, right in lines:
        assert sum(truth[n][path] for n, path in left) == sum(truth[n][path] for n, path in right), (
            left,
            right,
        )
    told = {cell for cell, (low, high) in bounds(lines, shown).items()
            if low == high and shown[cell] == "c" and 0 < truth[cell[0]][cell[1]] < 5}  # fmt: skip
    assert told == set()
    assert "c" in shown.values()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_number_given_away_by_another_edition_is_withheld_wherever_it_is_printed(seed: int) -> None:
    draw = Random(seed)
    plain: dict[str, Any] = {
        "exclusion": None,
        "outcome": "PENDING",
        **{f"within_{name}": "no" for name in WINDOWS},
    }
    rows = (made(draw, number)._replace(**plain) for number in range(1, 61))
    (only,) = groups(Columns.of_rows(rows), scope())
    eligible = only["S03"]["eligible"]

    (published,) = publishable({"groups": [only]}, also=[(0, ("S03", "eligible"))])["groups"]

    counts = dict(flat(published))
    repeated = [path for path, count in flat(only) if count == eligible]
    assert [path for path in repeated if counts[path] != "c"] == []
    assert len(repeated) > 10
