"""A published document is attacked with every sum that its definitions state, over groups and within them."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import numpy as np
import pytest

from reports.figures import figures
from reports.measures import EXCLUSIONS, OUTCOMES, proportion
from reports.public import publishable
from tests.reports.conftest import scope
from tests.reports.histories import ten_items, twelve_items

GROUPS = 4


def group(draw: Random) -> dict[str, Any]:
    """Measures of made-up counts that fit together."""
    outcomes = {name: draw.choice([0, 0, 1, 2, 3, 6, 9, 40, 200]) for name in OUTCOMES}
    exclusions = {code: draw.choice([0, 0, 1, 4, 12]) for code in EXCLUSIONS}
    return measured(outcomes, exclusions, draw.randrange(0, 1 + sum(outcomes.values())))


def measured(outcomes: Mapping[str, int], exclusions: Mapping[str, int], decided: int) -> dict[str, Any]:
    eligible = sum(outcomes.values())
    low = outcomes["DOWN_PLATFORM_VERIFIED"]
    down = low + outcomes["DOWN_UNATTRIBUTED"]
    high = down + outcomes["DOWN_UPLOADER"] + outcomes["REPORTED_DOWN_UNVERIFIED"]
    notified = eligible + sum(exclusions.values())
    return {
        "S01": {"notified_items": notified, "notices": 7, "chasers": 0, "by_kind": {"post": notified}},
        "S02": dict(exclusions),
        "S03": {"eligible": eligible, "outcomes": dict(outcomes)},
        "S04": {
            **proportion(down, eligible),
            "low": low / eligible if eligible else None,
            "high": high / eligible if eligible else None,
            "follow_up_hours": {"minimum": 700.5, "median": 900.0},
            "largest_notice_share": 0.5 if eligible else 0,
        },
        "S05": {"24h": {**proportion(down, max(eligible - 2, down)), "indeterminate": 0, "immature": 2}},
        "S06": proportion(down, down + decided % (eligible - down + 1)),
        "S08": {
            "n": eligible, "events": down, "median_hours": 30.0, "p75_hours": None, "p90_hours": None,
            "median_interval_hours": [20.0, 40.0], "survival": {"24h": [0.5, 0.4, 0.6]},
        },
        "S09": {"hours": 300.0, "horizon_hours": 672},
        "S10": {"24h": {"platform": 0.5, "live": 0.5}},
    }  # fmt: skip


def document(seed: int) -> dict[str, Any]:
    draw = Random(seed)
    groups = [group(draw) for _ in range(GROUPS)]
    total = measured(
        {name: sum(part["S03"]["outcomes"][name] for part in groups) for name in OUTCOMES},
        {code: sum(part["S02"][code] for part in groups) for code in EXCLUSIONS},
        3,
    )
    named = [{"group": {"platform": f"p{number}"}, **part} for number, part in enumerate(groups)]
    return {"rows": total["S01"]["notified_items"], "groups": [{"group": {}, **total}, *named]}


def cells(group: Mapping[str, Any]) -> dict[str, Any]:
    outcomes = {name: count for name, count in group["S03"]["outcomes"].items()}
    return {
        **outcomes, **group["S02"], "notified": group["S01"]["notified_items"], "eligible": group["S03"]["eligible"],
        "down": group["S04"]["numerator"],
    }  # fmt: skip


SUMS = {
    "notified": [*EXCLUSIONS, "eligible"],
    "eligible": [*OUTCOMES],
    "down": ["DOWN_PLATFORM_VERIFIED", "DOWN_UNATTRIBUTED"],
}


def worked_out(published: list[dict[str, Any]]) -> set[tuple[int, str]]:
    """The withheld cells that the sums of the definitions, within and over groups, give back."""
    shown = {(number, name): value for number, part in enumerate(published) for name, value in part.items()}
    hidden = [place for place, value in shown.items() if value == "c"]
    lines = [
        {(number, whole): -1, **{(number, part): 1 for part in parts}}
        for number in range(len(published))
        for whole, parts in SUMS.items()
    ]
    lines += [
        {(0, name): -1, **{(number, name): 1 for number in range(1, len(published))}} for name in published[0]
    ]
    matrix = np.array([[line.get(place, 0) for place in hidden] for line in lines], dtype=float)
    if not hidden:
        return set()
    _, strengths, rows = np.linalg.svd(matrix)
    free = rows[int((strengths > 1e-9).sum()) :]
    return {place for number, place in enumerate(hidden) if not (np.abs(free[:, number]) > 1e-9).any()}


@pytest.mark.parametrize("seed", range(40))
def test_no_withheld_count_of_a_published_document_is_given_back(seed: int) -> None:
    true = document(seed)
    published = publishable(true)

    shown = [cells(part) for part in published["groups"]]

    assert worked_out(shown) == set()
    assert all(value == "c" or not 0 < value < 5 for part in shown for value in part.values())


@pytest.mark.parametrize("seed", range(10))
def test_rates_go_with_their_numerators(seed: int) -> None:
    for part in publishable(document(seed))["groups"]:
        for rate in (part["S04"], part["S06"], part["S05"]["24h"]):
            if rate["numerator"] == "c":
                assert (rate["rate"], rate["interval"]) in [("c", "c"), (None, None)]


@pytest.mark.parametrize("seed", range(20))
def test_the_base_of_another_rate_does_not_tell_how_many_are_eligible(seed: int) -> None:
    made = document(seed)
    groups = [{**group, "S12": proportion(0, group["S03"]["eligible"])} for group in made["groups"]]

    published = publishable({**made, "groups": groups})["groups"]

    told = [group["S03"]["eligible"] for group in published]
    assert [group["S12"]["denominator"] for group in published] == told


def test_a_large_cohort_is_published_as_it_is() -> None:
    total = measured(
        {**dict.fromkeys(OUTCOMES, 0), "DOWN_UNATTRIBUTED": 578, "REFUSED": 485, "PENDING": 155},
        dict.fromkeys(EXCLUSIONS, 0), 485,
    )  # fmt: skip

    published = publishable({"rows": 1218, "groups": [{"group": {}, **total}]})

    (only,) = published["groups"]
    assert published["disclosure"] == {"threshold": 5, "base": None, "withheld": "c"}
    assert only["S03"] == total["S03"]
    assert {name: only["S04"][name] for name in ("numerator", "denominator", "rate")} == {
        "numerator": 578, "denominator": 1218, "rate": 578 / 1218,
    }  # fmt: skip
    assert only["S04"]["follow_up_hours"] == {"minimum": "c", "median": 900.0}


def test_rates_of_rounded_counts_are_computed_from_these() -> None:
    total = measured(
        {**dict.fromkeys(OUTCOMES, 0), "DOWN_UNATTRIBUTED": 578, "REFUSED": 485, "PENDING": 155},
        dict.fromkeys(EXCLUSIONS, 0), 485,
    )  # fmt: skip

    (only,) = publishable({"rows": 1218, "groups": [{"group": {}, **total}]}, base=5)["groups"]

    assert {name: only["S04"][name] for name in ("numerator", "denominator", "rate")} == {
        "numerator": 580, "denominator": 1220, "rate": 580 / 1220,
    }  # fmt: skip


def test_ten_items_are_too_few_for_nearly_everything(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    published = publishable(figures(scope()))

    total = published["groups"][0]
    assert (total["S01"]["notified_items"], total["S02"]["X6"]) == ("c", "c")
    assert (total["S04"]["numerator"], total["S04"]["rate"], total["S04"]["interval"]) == ("c", "c", "c")
    assert total["S08"]["survival"]["24h"] == "c"


def test_curves_of_few_removals_and_totals_with_small_steps_are_withheld(
    bring_in: Callable[..., None],
) -> None:
    bring_in(twelve_items())

    (group,) = publishable(figures(scope()))["groups"]

    assert group["S13"]["survival"] == {
        name: {"28d": "c", "90d": "c", "180d": "c"} for name in ("reinstated", "reappeared")
    }
    assert (group["S17"]["by_month"], group["S17"]["cumulative"]) == ({"2026-01": "c"}, "c")
