"""Intervals of rates whose items came in large batches (statistics.md, section 3.3): vectorised, over columns.

A batch is what left with one notice. Where the largest batch, or the largest platform of several, supplies over a
tenth of a rate's items, the rate is also given without it, with a percentile bootstrap over batches.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from reports.columns import Array, Columns
from reports.facts import WINDOWS
from reports.measures import NUMERATOR, proportion

MUCH = 0.1
LEAST_BATCHES = 10  # resampling fewer says nothing of how they differ
DRAWS, SEED = 2000, 20200903
ENDS = (2.5, 97.5)
AT_ONCE = 2**13  # batches drawn before they are counted: few stay at hand, and keep one processor busy
TO_DATE = "to date"


class Sources(NamedTuple):
    """How many items of a rate each source supplied, and how many of them succeeded; sources in a fixed order."""

    sizes: Array
    yes: Array


def clustered(columns: Columns) -> list[dict[str, dict[str, Any]]]:
    """For each group what 3.3 adds to S04, under `TO_DATE`, and to each window of S05.

    `clusters`: the largest sources with the rate without them; `cluster_interval`; nothing where none is large.
    """
    added: list[dict[str, dict[str, Any]]] = [{} for _ in range(columns.groups)]
    drawn: list[tuple[dict[str, Any], Sources]] = []
    platforms = sorted(columns.values["platform"], key=str)
    for rate, (base, success) in _rates(columns).items():
        by_notice, by_platform = _by_notice(columns, base, success), _by_platform(columns, base, success)
        for more, notices, own in zip(added, by_notice, by_platform, strict=True):
            large = [*_large("notice", notices), *_large("platform", own, platforms)]
            more[rate] = _stated(large, notices)
            if large and len(notices.sizes) >= LEAST_BATCHES and 0 < notices.yes.sum() < notices.sizes.sum():
                drawn.append((more[rate], notices))  # none or all: every draw is the same
    for (more_of_rate, _), interval in zip(drawn, bootstraps([batches for _, batches in drawn]), strict=True):
        more_of_rate["cluster_interval"] = interval
    return added


def _rates(columns: Columns) -> Mapping[str, tuple[Array, Array]]:
    """Each rate by the masks of its items and of those that succeeded."""
    eligible = columns.is_("exclusion", None)
    return {
        TO_DATE: (eligible, columns.is_("outcome", *NUMERATOR)),
        **{
            name: (
                columns.is_(f"within_{name}", "yes", "no", "indeterminate"),
                columns.is_(f"within_{name}", "yes"),
            )
            for name in WINDOWS
        },
    }


def _by_notice(columns: Columns, base: Array, success: Array) -> Iterator[Sources]:
    """The batches of each group that have an item of the rate, in the order of their notices."""
    sizes, yes = columns.batches.sizes(base), columns.batches.sizes(success)
    some = sizes > 0
    for begin, end in pairwise(columns.batches.bounds.tolist()):
        there = some[begin:end]
        yield Sources(sizes[begin:end][there], yes[begin:end][there])


def _by_platform(columns: Columns, base: Array, success: Array) -> Iterator[Sources]:
    """The platforms of each group, in the order of their names."""
    values = columns.values["platform"]
    rank = np.argsort(np.argsort(np.array(values, str)))
    cells = columns.group * len(values) + rank[columns.platform]
    shape = (columns.groups, len(values))
    sizes, yes = (
        np.bincount(cells[np.flatnonzero(mask)], minlength=shape[0] * shape[1]) for mask in (base, success)
    )
    yield from map(Sources, sizes.reshape(shape), yes.reshape(shape))


def _large(name: str, sources: Sources, values: Sequence[Any] | None = None) -> list[dict[str, Any]]:
    """The largest source, if it supplies over a tenth and is not the only one; a notice's number says nothing."""
    whole = sources.sizes.sum()
    if np.count_nonzero(sources.sizes) < 2 or sources.sizes.max() <= MUCH * whole:
        return []
    largest = int(sources.sizes.argmax())
    size, yes = int(sources.sizes[largest]), int(sources.yes[largest])
    without = proportion(int(sources.yes.sum()) - yes, int(whole) - size)
    return [
        {"by": name, "value": values and values[largest], "share": float(size / whole), "without": without}
    ]


def _stated(large: Sequence[Mapping[str, Any]], notices: Sources) -> dict[str, Any]:
    if not large:
        return {"cluster_interval": None}
    told = {"large": large, "batches": len(notices.sizes), "draws": DRAWS, "seed": SEED}
    return {"cluster_interval": None, "clusters": told}


def bootstraps(rates: Sequence[Sources], *, draws: int = DRAWS, seed: int = SEED) -> list[list[float]]:
    """For each rate the 2.5th and 97.5th percentile over draws of as many batches as it has.

    Rates with equally many batches are drawn together. The same batches give the same numbers with the same seed,
    in whatever order and beside whatever other rates they are.
    """
    alike: dict[int, list[int]] = defaultdict(list)
    for place, rate in enumerate(rates):
        alike[len(rate.sizes)].append(place)
    found: dict[int, list[float]] = {}
    for number, places in alike.items():
        batches = np.concatenate([_in_order(rates[place]) for place in places]).T.astype(float)
        times = _times_drawn(number, draws, np.random.default_rng(seed))
        sums = np.concatenate([drawn @ batches for drawn in times])
        shares = sums[:, 1::2] / sums[:, ::2]
        found |= zip(places, np.percentile(shares, ENDS, axis=0).T.tolist(), strict=True)
    return [found[place] for place in range(len(rates))]


def _in_order(rate: Sources) -> Array:
    """Sizes and successes, in an order that says nothing of where they come from."""
    return np.stack(rate)[:, np.lexsort((rate.yes, rate.sizes))]


def _times_drawn(number: int, draws: int, random: np.random.Generator) -> Iterator[Array]:
    """How often each of so many batches is drawn; a row for each draw, some rows at a time."""
    at_once = max(1, AT_ONCE // number)
    for begin in range(0, draws, at_once):
        rows = min(at_once, draws - begin)
        chosen = (
            random.integers(0, number, (rows, number), dtype=np.int32) + number * np.arange(rows)[:, None]
        )
        yield np.bincount(chosen.ravel(), minlength=rows * number).reshape(rows, number).astype(float)
