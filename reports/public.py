"""A document of figures as it may be published: every statistic with counts under disclosure control."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from reports.disclosure import THRESHOLD, WITHHELD, round_to
from reports.following import Line, opened, told
from reports.measures import proportion
from reports.partitions import (
    BASED,
    ELIGIBLE,
    HELD,
    HIGHEST,
    LEFT_OUT,
    NEAR,
    OTHERWISE,
    SAME,
    SPELLS,
    SPLIT,
    WHOLES,
    Path,
    Tree,
)
from reports.protection import Arc, is_small, withheld

LEAST_BASE = 10  # items, below which no percentage and no curve is shown; and events, for a median
Place = tuple[int, Path]  # the number of a group, and where a count stands in it
Counts = dict[Path, int]
OUTSIDE = "outside"
DERIVED = frozenset({"rest", "others"})  # what a rate lets a reader work out
NO_COUNTS = frozenset(
    {"rate", "interval", "low", "high", "cluster_interval", "largest_notice_share", "hours"}
)


ALIKE = [pair for one, other in SAME.items() for pair in ((one, other), (other, one))]
OF_RATES = ("rate", "interval", "low", "high", "cluster_interval")


def publishable(
    document: Mapping[str, Any],
    threshold: int = THRESHOLD,
    *,
    base: int | None = None,
    also: Collection[Place] = (),
) -> dict[str, Any]:
    """The document with “c” for all that must be withheld; `base` rounds the counts that are left.

    `also` names counts to withhold for another reason, by the number of their group and their path.

    Besides small counts and what protects them: no percentage, interval or curve of fewer than ten items, no median of
    fewer than ten events, no least follow-up. Rates of rounded counts are computed from these. What was applied stands
    in the document under `disclosure`.
    """
    published = deepcopy(dict(document))
    published.pop("S19", None)  # counts of the same groups, once more
    groups: list[dict[str, Any]] = published["groups"]
    hidden = _hidden([dict(_counts(group)) for group in groups], threshold, also)
    for number, group in enumerate(groups):
        _cover(group, {path for place, path in hidden if place == number}, ())
        _cover_to_date(group, threshold)
        _cover_curves(group, threshold)
        _cover_follow_up(group, threshold)
        if base:
            _round(group, base)
    return {**published, "disclosure": {"threshold": threshold, "base": base, "withheld": WITHHELD}}


def published_counts(group: Mapping[str, Any]) -> dict[Path, Any]:
    """Every count that a group of a published document gives, by its path, those in its rates too; or “c”.

    What is withheld at one path and stands at another that is the same by definition counts as given.
    """
    counts = dict(_counts(group))
    given = {one: counts[other] for one, other in ALIKE if counts.get(one) == WITHHELD and other in counts}
    return {**counts, **given}


def _counts(value: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every whole number of a group's measures by its path, and those that its rates let a reader work out."""
    for name, part in value.items():
        if isinstance(part, Mapping) and name not in {"group", "cumulative"}:
            yield from _counts(part, (*path, name))
        elif _is_count(name, part):
            yield (*path, name), part
    if _is_rate(value):
        rest = _less(value["denominator"], value["numerator"])
        yield (*path, "rest"), rest
        yield (*path, "others"), _less(rest, value.get("indeterminate", 0))
    if path == ("S04",):
        yield HIGHEST, _of(value["high"] or 0, value["denominator"])


def _is_count(name: str, part: Any) -> bool:
    if name in NO_COUNTS or name.endswith("_hours"):
        return False
    return part == WITHHELD or (isinstance(part, int) and not isinstance(part, bool))


def _less(whole: Any, part: Any) -> Any:
    return WITHHELD if WITHHELD in (whole, part) else max(whole - part, 0)  # rounded counts may cross


def _of(share: Any, whole: Any) -> Any:
    return WITHHELD if WITHHELD in (share, whole) else round(share * whole)


def _is_rate(value: Mapping[str, Any]) -> bool:
    return "numerator" in value and "denominator" in value


def _hidden(counts: list[Counts], threshold: int, also: Collection[Place]) -> set[Place]:
    """(group, path) of every count to withhold; what is withheld in one place is so wherever it is printed again.

    Each partition by itself is protected first, and then whatever all of them together would still tell.
    """
    trees = [*_trees(counts)]
    lines, sizes = [*_lines(trees, counts)], _sizes(counts)
    hidden: set[Any] = {*also, *_of_windows(counts, threshold, also)}
    while True:
        hidden = _protected(trees, counts, threshold, hidden)
        unknown = hidden | {place for place in sizes if place[1][-1] in DERIVED}
        small = {place for place in told(lines, sizes, unknown) if is_small(sizes[place], threshold)}
        fresh = {*opened(lines, sizes, unknown, small & hidden)}
        if not fresh:
            return hidden
        hidden |= fresh


def _of_windows(counts: list[Counts], threshold: int, also: Collection[Place]) -> Iterator[Place]:
    """The rates of S05 whose bases nearly repeat how many are eligible, where that number is given away elsewhere."""
    for number in (number for number, path in also if path == ELIGIBLE):
        for path, count in counts[number].items():
            is_base = path[0] == "S05" and path[-1] == "denominator"
            if is_base and abs(counts[number][ELIGIBLE] - count) < threshold:
                yield from ((number, path), (number, (*path[:-1], "numerator")))


def _sizes(counts: list[Counts]) -> dict[Any, int]:
    return {(number, path): count for number, group in enumerate(counts) for path, count in group.items()}


def _protected(trees: Sequence[Tree], counts: list[Counts], threshold: int, hidden: set[Any]) -> set[Any]:
    before = -1
    while len(hidden) > before:
        before = len(hidden)
        for number, group in enumerate(counts):
            hidden |= {(number, other) for one, other in ALIKE if (number, one) in hidden and other in group}
            hidden |= {(number, path) for path in _near(group, threshold, hidden, number)}
            hidden |= {(number, path) for path in _beside_bases(group, threshold, hidden, number)}
        for tree in trees:
            hidden |= withheld(_arcs(tree, counts), threshold, hidden)
    return hidden


def _lines(trees: Sequence[Tree], counts: list[Counts]) -> Iterator[Line]:
    """Every sum: within each group what the definitions state, and over the groups."""
    sums: list[tuple[Sequence[Path], Sequence[Path]]] = [
        *(((whole,), parts) for tree in trees for whole, parts in tree.items() if parts),
        *(((one,), (other,)) for one, other in SAME.items()),
        ((ELIGIBLE, HELD), (SPELLS,)),
        *(
            ((ELIGIBLE, HELD), [(*path[:-1], name) for name in ("denominator", *LEFT_OUT)])
            for path in counts[0] if path[0] == "S05" and path[-1] == "rest"
        ),
    ]  # fmt: skip
    for number, group in enumerate(counts):
        for one, other in sums:
            here, there = ([path for path in side if path in group] for side in (one, other))
            if here and there and sum(group[path] for path in here) == sum(group[path] for path in there):
                yield Line([(number, path) for path in here], [(number, path) for path in there])
    for path, count in counts[0].items():
        parts = [number for number, group in enumerate(counts) if number and path in group]
        if parts and sum(counts[number][path] for number in parts) == count:
            yield Line([(0, path)], [(number, path) for number in parts])


def _near(group: Counts, threshold: int, hidden: Collection[Any], number: int) -> Iterator[Path]:
    """Counts that are another but for a few, where these few, or the other, would be told."""
    for path, whole in NEAR.items():
        if path in group and whole in group:
            apart = abs(group[whole] - group[path])
            if is_small(apart, threshold) or ((number, whole) in hidden and apart < threshold):
                yield path


def _beside_bases(group: Counts, threshold: int, hidden: Collection[Any], number: int) -> Iterator[Path]:
    """What else to withhold of each rate that leaves out a few, so that these are not told by the whole.

    Of S05 it is all that is left out, since its bases with these are the eligible and the held (X6); of others base and
    numerator.
    """
    unsure = {(number, ELIGIBLE), (number, HELD)} & {*hidden}
    for path, count in group.items():
        if path[-1] not in LEFT_OUT:
            continue
        few = is_small(count, threshold) or (number, path) in hidden
        if path[0] == "S05" and (few or unsure):
            yield from ((*path[:-1], name) for name in LEFT_OUT if (*path[:-1], name) in group)
        elif path[0] != "S05" and few:
            yield from ((*path[:-1], "denominator"), (*path[:-1], "numerator"))


def _trees(counts: list[Counts]) -> Iterator[Tree]:
    """Every partition: of the items, of each rate, of each mapping of counts, and every count that stands alone."""
    total = counts[0]
    yield SPLIT
    yield from (tree for tree in OTHERWISE if _holds(tree, counts))
    placed = {*SPLIT, *(path for parts in SPLIT.values() for path in parts)}
    for path in total:
        place, name = path[:-1], path[-1]
        if name == "rest":
            yield _of_rate(place, counts)
        elif name.isupper() or path in SAME or _is_table(place):
            continue
        elif path not in placed and name not in {"numerator", "denominator", "others", "indeterminate"}:
            yield {path: ()}
    for place in dict.fromkeys(path[:-1] for path in total if _is_table(path[:-1])):
        parts = [path for path in total if path[:-1] == place]
        tree = {WHOLES.get(place, place): parts}
        yield tree if _holds(tree, counts) else {place: parts}


def _is_table(place: Path) -> bool:
    return place[-1:] != () and place[-1].startswith("by_")


def _of_rate(place: Path, counts: list[Counts]) -> Tree:
    """A rate with its rest; and with what its base leaves out, where both together are printed."""
    base, rest = (*place, "denominator"), (*place, "rest")
    tree = {base: [(*place, "numerator"), rest], rest: _unsure(counts[0], place)}
    for first, whole in BASED.items():
        if place[: len(first)] == first:
            left_out = [(*place, name) for name in LEFT_OUT if (*place, name) in counts[0]]
            larger = {whole: [base, *left_out], **tree}
            return larger if _holds(larger, counts) else tree
    return tree


def _holds(tree: Tree, counts: list[Counts]) -> bool:
    """Whether the parts sum to the whole in every group that has it."""
    whole, parts = next(iter(tree.items()))
    return whole in counts[0] and all(
        group[whole] == sum(group.get(part, 0) for part in parts) for group in counts if whole in group
    )


def _unsure(total: Counts, place: Path) -> Sequence[Path]:
    """The parts of a rate's rest, where some of it is not known to be one."""
    return [(*place, "indeterminate"), (*place, "others")] if (*place, "indeterminate") in total else ()


def _arcs(tree: Tree, counts: list[Counts]) -> Iterator[Arc]:
    """The partition of every group, and of all groups together, as one network.

    A group's counts run from its whole to its parts, on to the parts of the total, and these to the total's whole.
    Groups whose counts do not sum to the total (a notice has items in several) stand by themselves.
    """
    root = next(iter(tree))
    parents = {part: whole for whole, parts in tree.items() for part in parts}
    paths = [path for path in (root, *parents) if path in counts[0]]
    total, *groups = counts
    sums = bool(groups) and all(total[path] == sum(group.get(path, 0) for group in groups) for path in paths)
    for number, group in enumerate(counts):
        for path in paths:
            if path not in group:
                continue
            whole: Hashable = (number, parents[path]) if path in parents else OUTSIDE
            part: Hashable = (number, path)
            if not tree.get(path):
                part = ("part", path) if sums else OUTSIDE
            ends = (part, whole) if sums and number == 0 else (whole, part)
            yield Arc((number, path), *ends, group[path])


def _cover(value: dict[str, Any], hidden: Collection[Path], path: Path) -> None:
    """Put “c” for the withheld counts, and for the rates of them."""
    for name, part in value.items():
        if isinstance(part, dict) and name != "group":
            _cover(part, hidden, (*path, name))
        elif (*path, name) in hidden:
            value[name] = WITHHELD
    if _is_rate(value):
        _cover_rate(value)


def _cover_rate(value: dict[str, Any]) -> None:
    """Numerator, rate and interval stand or fall together; a base below ten has no rate."""
    few = value["denominator"] == WITHHELD or value["denominator"] < LEAST_BASE
    for name in OF_RATES:
        if value.get(name) is not None and (few or value["numerator"] == WITHHELD):
            value[name] = WITHHELD
    if value.get("indeterminate") == WITHHELD:
        value["high"] = WITHHELD


def _cover_to_date(group: dict[str, Any], threshold: int) -> None:
    s04 = group["S04"]
    for rate in (s04, *group["S05"].values()):
        rate.pop("clusters", None)  # the rest without a source gives the source away
    if group["S03"]["outcomes"]["DOWN_PLATFORM_VERIFIED"] == WITHHELD:
        s04["low"] = WITHHELD
    few = s04["denominator"] == WITHHELD or s04["denominator"] < LEAST_BASE
    s04["follow_up_hours"] = {
        "minimum": WITHHELD, "median": WITHHELD if few else s04["follow_up_hours"]["median"],
    }  # fmt: skip
    share = s04["largest_notice_share"]
    if few or is_small(round(share * s04["denominator"]), threshold):
        s04["largest_notice_share"] = WITHHELD


def _cover_curves(group: dict[str, Any], threshold: int) -> None:
    """Survival and incidence, where a point of the curve would stand for a small count, or too few for a curve."""
    s08, s10 = group["S08"], group["S10"]
    few = s08["n"] == WITHHELD or s08["n"] < LEAST_BASE
    n = 0 if few else s08["n"]
    for name in ("median_hours", "p75_hours", "p90_hours", "median_interval_hours"):
        if s08["events"] == WITHHELD or few:
            s08[name] = WITHHELD
    for name, triple in (s08["survival"] or {}).items():
        if (
            few
            or is_small(round(n * (1 - triple[0])), threshold)
            or is_small(round(n * triple[0]), threshold)
        ):
            s08["survival"][name] = WITHHELD
    for name, shares in s10.items():
        if few or any(is_small(round(n * share), threshold) for share in shares.values()):
            s10[name] = WITHHELD
    if few:
        group["S09"]["hours"] = WITHHELD


def _cover_follow_up(group: dict[str, Any], threshold: int) -> None:
    """The curves of S13; and the running totals of S17, whose steps are its months."""
    if s13 := group.get("S13"):
        n = s13["net"]["denominator"]
        for curve in filter(None, s13["survival"].values()):
            for name, (still, *_) in curve.items():
                few = n == WITHHELD or n < LEAST_BASE
                if (
                    few
                    or is_small(round(n * still), threshold)
                    or is_small(round(n * (1 - still)), threshold)
                ):
                    curve[name] = WITHHELD
    if (s17 := group.get("S17")) and WITHHELD in (s17["removed"], s17["before"], *s17["by_month"].values()):
        s17["cumulative"] = WITHHELD


def _round(value: dict[str, Any], base: int) -> None:
    for name, part in value.items():
        if isinstance(part, dict) and name != "group":
            _round(part, base)
        elif isinstance(part, int) and not isinstance(part, bool) and name != "horizon_hours":
            value[name] = round_to(part, base)
    if _is_rate(value) and value.get("rate") not in (None, WITHHELD):
        value.update(proportion(min(value["numerator"], value["denominator"]), value["denominator"]))
