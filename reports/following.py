"""Which withheld counts follow from sums of counts that are known: pure arithmetic.

Every sum bounds each of its counts by what the others can be at least and at most, and so do the sums of all together,
again and again until no bound moves. What has one value left is told.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

MOST = 10**9


class Line(NamedTuple):
    """Counts that sum to the same as others."""

    one: Sequence[Hashable]
    other: Sequence[Hashable]


def told(lines: Sequence[Line], sizes: Mapping[Hashable, int], keys: Collection[Hashable]) -> set[Hashable]:
    """Those of the withheld keys whose count follows."""
    least = {key: 0 if key in keys else size for key, size in sizes.items()}
    most = {key: MOST if key in keys else size for key, size in sizes.items()}
    unsure = [line for line in lines if any(key in keys for key in (*line.one, *line.other))]
    while any([_narrowed(line, keys, least, most) for line in unsure]):  # all of them before the next round
        pass
    return {key for key in keys if key in sizes and least[key] == most[key]}


def _narrowed(
    line: Line, keys: Collection[Hashable], least: dict[Hashable, int], most: dict[Hashable, int]
) -> bool:
    """Whether a bound of one of the line's counts could be moved; they are moved in place."""
    moved = False
    for here, there in ((line.one, line.other), (line.other, line.one)):
        for key in filter(keys.__contains__, here):
            low = sum(least[each] for each in there) - sum(most[each] for each in here if each != key)
            high = sum(most[each] for each in there) - sum(least[each] for each in here if each != key)
            if low > least[key] or high < most[key]:
                least[key], most[key] = max(low, least[key]), min(high, most[key])
                moved = True
    return moved


def opened(
    lines: Sequence[Line],
    sizes: Mapping[Hashable, int],
    keys: Collection[Hashable],
    found: Collection[Hashable],
) -> Iterator[Hashable]:
    """Of each sum that a count that is told stands in, the smallest count that is shown, zeros last."""
    for line in lines:
        cells = [*line.one, *line.other]
        if any(key in found for key in cells) and (shown := [key for key in cells if key not in keys]):
            yield min(shown, key=lambda key: sizes[key] or MOST)
