"""Intervals of rates whose items came in large batches (statistics.md, section 3.3): vectorised, over columns.

A batch is what left with one notice. Where the largest batch, or the largest platform of several, supplies over a
tenth of a rate's items, the rate is also given without it, with a percentile bootstrap over batches.
"""

from typing import Any

import numpy as np

from reports.columns import Array, Columns
from reports.facts import WINDOWS
from reports.measures import NUMERATOR, proportion

MUCH = 0.1
LEAST_BATCHES = 10  # resampling fewer says nothing of how they differ
DRAWS, SEED = 2000, 20200903
ENDS = (2.5, 97.5)


def to_date(columns: Columns) -> dict[str, Any]:
    """What S04 has more where 3.3 applies."""
    return _clustered(columns, columns.is_("exclusion", None), columns.is_("outcome", *NUMERATOR))


def within(columns: Columns) -> dict[str, dict[str, Any]]:
    """What each window of S05 has more where 3.3 applies."""
    return {
        name: _clustered(
            columns,
            columns.is_(f"within_{name}", "yes", "no", "indeterminate"),
            columns.is_(f"within_{name}", "yes"),
        )
        for name in WINDOWS
    }


def _clustered(columns: Columns, base: Array, success: Array) -> dict[str, Any]:
    """`clusters`: the largest sources with the rate without them; `cluster_interval`; nothing where none is large."""
    rows, yes = columns.where(base), success[base]
    large = [
        {"by": name, "value": value, "share": share, "without": without}
        for name, values in (("notice", rows.notice_id), ("platform", rows.platform))
        for value, share, without in _large(rows, name, values, yes)
    ]
    if not large:
        return {"cluster_interval": None}
    batches = len(np.unique(rows.notice_id))
    tells = batches >= LEAST_BATCHES and bool(
        yes.any() and not yes.all()
    )  # none or all: every draw is the same
    return {
        "cluster_interval": bootstrap(rows.notice_id, yes) if tells else None,
        "clusters": {"large": large, "batches": batches, "draws": DRAWS, "seed": SEED},
    }


def _large(rows: Columns, name: str, values: Array, yes: Array) -> list[tuple[Any, float, dict[str, Any]]]:
    """The largest source, if it supplies over a tenth and is not the only one."""
    found, places, sizes = np.unique(values, return_inverse=True, return_counts=True)
    if len(found) < 2 or sizes.max() <= MUCH * len(yes):
        return []
    largest = int(sizes.argmax())
    others = places != largest
    value = (
        rows.values[name][found[largest]] if name == "platform" else None
    )  # a notice's number says nothing
    without = proportion(int(yes[others].sum()), int(others.sum()))
    return [(value, float(sizes[largest] / len(yes)), without)]


def bootstrap(batches: Array, yes: Array, *, draws: int = DRAWS, seed: int = SEED) -> list[float]:
    """The 2.5th and 97.5th percentile of the rate over resampled batches; the same seed gives the same numbers.

    Batches of equal size and success are drawn together, as a multinomial, which is the same and needs little space.
    """
    _, places = np.unique(batches, return_inverse=True)
    sizes, successes = np.bincount(places), np.bincount(places, weights=yes)
    kinds, numbers = np.unique(np.stack([sizes, successes.astype(np.int64)]), axis=1, return_counts=True)
    total = int(numbers.sum())
    drawn = np.random.default_rng(seed).multinomial(total, numbers / total, size=draws)
    rates = drawn @ kinds[1] / (drawn @ kinds[0])
    return [float(end) for end in np.percentile(rates, ENDS)]
