"""Which counts of a table to withhold so that none can be got back by subtraction: pure arithmetic.

A table with its totals is a network. Each count is an arc, each row, column or subtotal a node at which what comes in
goes out; so a withheld count can be any other number exactly where a unit can be sent round a circle of withheld
counts through it. What to withhold besides the small counts is the cheapest such circle.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import count as numbers
from typing import NamedTuple

SMALL = 10**9  # the price of a circle that only somebody who takes every “c” for at least 1 could rule out


class Arc(NamedTuple):
    """One count; at each node, the counts whose head it is sum to those whose tail it is, or to a known number more."""

    key: Hashable
    tail: Hashable
    head: Hashable
    size: int


class _Step(NamedTuple):
    arc: Arc
    to: Hashable
    change: int  # 1: the arc's count would be larger by one, -1: smaller


def is_small(count: int, threshold: int) -> bool:
    """Whether a count is withheld for itself: 1 to one below the threshold."""
    return 0 < count < threshold


def withheld(arcs: Iterable[Arc], threshold: int, also: Collection[Hashable] = ()) -> set[Hashable]:
    """The keys of the small counts, of `also`, and of as many more as protect all of these.

    A count that cannot be protected, since what is known beside it gives it away, is in the set all the same.
    """
    arcs = list(arcs)
    network = _network(arcs)
    keys = {arc.key for arc in arcs if is_small(arc.size, threshold) or arc.key in also}
    for arc in sorted((arc for arc in arcs if arc.key in keys), key=lambda arc: arc.size):
        keys |= {step.arc.key for step in _circle(arc, network, keys)}
    return keys


def determined(arcs: Iterable[Arc], keys: Collection[Hashable]) -> set[Hashable]:
    """Those of the withheld keys whose count follows from the counts that are shown."""
    hidden = [arc for arc in arcs if arc.key in keys]
    network = _network(hidden)
    return {arc.key for arc in hidden if not _circle(arc, network, keys)}


def _network(arcs: Iterable[Arc]) -> Mapping[Hashable, list[_Step]]:
    network: dict[Hashable, list[_Step]] = {}
    for arc in arcs:
        network.setdefault(arc.tail, []).append(_Step(arc, arc.head, 1))
        network.setdefault(arc.head, []).append(_Step(arc, arc.tail, -1))
    return network


def _circle(arc: Arc, network: Mapping[Hashable, list[_Step]], keys: Collection[Hashable]) -> list[_Step]:
    """The cheapest way back for a unit more, or less, on the arc; empty if there is none."""
    more = _path(arc, arc.head, arc.tail, network, keys)
    less = _path(arc, arc.tail, arc.head, network, keys)
    ways = [
        (price + _strain(_Step(arc, arc.head, change)), steps)
        for change, found in ((1, more), (-1, less))
        if found and (change == 1 or arc.size)
        for price, steps in [found]
    ]
    return min(ways, key=lambda way: way[0])[1] if ways else []


def _path(
    without: Arc,
    start: Hashable,
    end: Hashable,
    network: Mapping[Hashable, list[_Step]],
    keys: Collection[Hashable],
) -> tuple[int, list[_Step]] | None:
    """The cheapest path that leaves one arc out, with its price (Dijkstra)."""
    order = numbers()
    best: dict[Hashable, int] = {start: 0}
    came: dict[Hashable, tuple[Hashable, _Step]] = {}
    queue: list[tuple[int, int, Hashable]] = [(0, next(order), start)]
    while queue:
        price, _, node = heappop(queue)
        if node == end:
            return price, list(_back(came, start, end))
        for step in network.get(node, ()):
            if step.arc is without or (step.change < 0 and not step.arc.size):
                continue
            total = price + _strain(step) + (0 if step.arc.key in keys else 1 + step.arc.size)
            if total < best.get(step.to, total + 1):
                best[step.to], came[step.to] = total, (node, step)
                heappush(queue, (total, next(order), step.to))
    return None


def _strain(step: _Step) -> int:
    """What it costs that a withheld count is, or would be, 0."""
    return SMALL if step.arc.size + min(step.change, 0) == 0 else 0


def _back(came: Mapping[Hashable, tuple[Hashable, _Step]], start: Hashable, end: Hashable) -> Iterator[_Step]:
    node = end
    while node != start:
        node, step = came[node]
        yield step
