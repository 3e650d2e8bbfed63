"""Rates whose items came in large batches."""

from collections.abc import Callable

import numpy as np
import pytest

from reports.clusters import Sources, bootstraps
from reports.figures import figures
from tests.reports.conftest import check, item, notice, scope
from tests.reports.histories import ten_items


def test_bootstrap_agrees_with_one_that_draws_batch_by_batch() -> None:
    random = np.random.default_rng(1)
    batches = np.repeat(np.arange(60), random.integers(1, 30, 60))
    yes = random.random(len(batches)) < np.repeat(random.random(60), np.bincount(batches))
    sizes, successes = np.bincount(batches), np.bincount(batches, weights=yes)
    drawn = random.integers(0, 60, size=(20_000, 60))
    plain = np.percentile(successes[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), (2.5, 97.5))

    (found,) = bootstraps([Sources(sizes, successes)], draws=20_000)

    assert found == pytest.approx(plain, abs=0.01)


def test_bootstrap_gives_the_same_numbers_in_any_order_and_company() -> None:
    sizes, yes = np.arange(1, 21), np.arange(20) // 2
    rates = [Sources(sizes, yes), Sources(sizes[:15], yes[:15]), Sources(sizes[::-1], yes[::-1])]

    first, _, last = bootstraps(rates)

    assert [first] == [last] == bootstraps(rates[:1])


def test_a_large_batch_gives_the_rate_without_it(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    s04 = figures(scope())["groups"][0]["S04"]

    assert s04["clusters"] == {
        "large": [
            {
                "by": "notice", "value": None, "share": 6 / 9,
                "without": {
                    "numerator": 0, "denominator": 3, "rate": 0.0, "interval": pytest.approx([0.0, 0.5615], abs=1e-4),
                },
            }
        ],
        "batches": 2, "draws": 2000, "seed": 20200903,
    }  # fmt: skip
    assert s04["cluster_interval"] is None
    assert s04["interval"] == pytest.approx([0.1206, 0.6458], abs=1e-4)


def test_many_small_batches_keep_wilson_alone(bring_in: Callable[..., None]) -> None:
    refs = [f"i{number}" for number in range(1, 13)]
    at = "2026-01-05T12:00:00Z"
    bring_in(
        [
            *map(item, refs),
            *(notice(at, ref, ref=f"n{ref}") for ref in refs),
            *(check("2026-01-07T12:00:00Z", "live", ref=ref) for ref in refs),
        ]
    )

    s04 = figures(scope())["groups"][0]["S04"]

    assert (s04["cluster_interval"], "clusters" in s04) == (None, False)


def test_a_large_batch_among_many_gives_an_interval_over_batches(bring_in: Callable[..., None]) -> None:
    """Ten items of one batch are down, the items of eleven more are live."""
    refs = [f"i{number}" for number in range(1, 22)]
    at, seen = "2026-01-05T12:00:00Z", "2026-01-07T12:00:00Z"
    bring_in(
        [
            *map(item, refs),
            notice(at, *refs[:10]),
            *(notice(at, ref, ref=f"n{ref}") for ref in refs[10:]),
            *(check(seen, "gone", ref=ref) for ref in refs[:10]),
            *(check(seen, "live", ref=ref) for ref in refs[10:]),
        ]
    )

    s04 = figures(scope())["groups"][0]["S04"]

    assert (s04["numerator"], s04["clusters"]["batches"]) == (10, 12)
    assert s04["clusters"]["large"][0]["without"]["rate"] == 0.0
    assert s04["cluster_interval"] == pytest.approx([0.0, 30 / 39], abs=0.05)


def test_none_down_keeps_wilson_alone(bring_in: Callable[..., None]) -> None:
    """Every draw of batches would give nought, and an interval of no width."""
    refs = [f"i{number}" for number in range(1, 22)]
    at, seen = "2026-01-05T12:00:00Z", "2026-01-07T12:00:00Z"
    bring_in(
        [
            *map(item, refs),
            notice(at, *refs[:10]),
            *(notice(at, ref, ref=f"n{ref}") for ref in refs[10:]),
            *(check(seen, "live", ref=ref) for ref in refs),
        ]
    )

    s04 = figures(scope())["groups"][0]["S04"]

    assert (s04["numerator"], s04["clusters"]["batches"], s04["cluster_interval"]) == (0, 12, None)
    assert s04["interval"][1] > 0.1
