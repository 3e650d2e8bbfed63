"""A document of figures as it may be published: every statistic with counts under disclosure control."""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from reports.disclosure import THRESHOLD, WITHHELD, round_to
from reports.measures import EXCLUSIONS, NUMERATOR, OUTCOMES, proportion
from reports.protection import Arc, is_small, withheld

LEAST_BASE = 10  # items, below which no percentage and no curve is shown; and events, for a median
Path = tuple[str, ...]
Place = tuple[int, Path]  # the number of a group, and where a count stands in it
Tree = Mapping[Path, Sequence[Path]]
Counts = dict[Path, int]
NOTIFIED, ELIGIBLE = ("S01", "notified_items"), ("S03", "eligible")
DOWN, HIGHEST = ("S04", "numerator"), ("S04", "high")
ALSO_HIGH = ("DOWN_UPLOADER", "REPORTED_DOWN_UNVERIFIED")
OUTSIDE = "outside"
NO_COUNTS = frozenset(
    {"rate", "interval", "low", "high", "cluster_interval", "largest_notice_share", "hours"}
)


def _outcome(name: str) -> Path:
    return ("S03", "outcomes", name)


SPLIT: Tree = {
    NOTIFIED: [*(("S02", code) for code in EXCLUSIONS), ELIGIBLE],
    ELIGIBLE: [HIGHEST, *(_outcome(name) for name in OUTCOMES if name not in (*NUMERATOR, *ALSO_HIGH))],
    HIGHEST: [DOWN, *map(_outcome, ALSO_HIGH)],
    DOWN: [*map(_outcome, NUMERATOR)],
}
SAME: Mapping[Path, Path] = {
    ("S04", "denominator"): ELIGIBLE,
    ("S06", "numerator"): DOWN,
    ("S12", "denominator"): ELIGIBLE,
    ("S13", "net", "numerator"): DOWN,
    ("S14", "restricted_uk", "denominator"): ELIGIBLE,
    ("S14", "restricted_uk", "numerator"): _outcome("RESTRICTED_UK"),
    ("S14", "limited", "denominator"): ELIGIBLE,
    ("S14", "limited", "numerator"): _outcome("LIMITED"),
    ("S14", "not_reachable_uk", "denominator"): ELIGIBLE,
    ("S16", "disputed", "denominator"): ELIGIBLE,
    ("S16", "undelivered_items", "denominator"): NOTIFIED,
}
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
    """Every count that a group of a published document gives, by its path, those in its rates too; or “c”."""
    return dict(_counts(group))


def _counts(value: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every whole number of a group's measures by its path, and those that its rates let a reader work out."""
    for name, part in value.items():
        if isinstance(part, Mapping) and name != "group":
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
    """(group, path) of every count to withhold; what is withheld in one place is so wherever it is printed again."""
    trees = [SPLIT, *_trees(counts[0])]
    hidden: set[Any] = set(also)
    before = -1
    while len(hidden) > before:
        before = len(hidden)
        for tree in trees:
            hidden |= withheld(_arcs(tree, counts), threshold, hidden)
        for number in range(len(counts)):
            for one, other in (*SAME.items(), *((other, one) for one, other in SAME.items())):
                if (number, one) in hidden:
                    hidden.add((number, other))
    return hidden


def _trees(total: Counts) -> Iterator[Tree]:
    """The other partitions: each rate with its rest, each mapping of counts, and every count that stands alone."""
    placed = {*SPLIT, *SAME, *(path for parts in SPLIT.values() for path in parts)}
    for path in total:
        place, name = path[:-1], path[-1]
        if name == "rest":
            yield {(*place, "denominator"): [(*place, "numerator"), path], path: _unsure(total, place)}
        elif name.isupper() or (place[-1:] and place[-1].startswith("by_")):
            continue
        elif path not in placed and name not in {"numerator", "denominator", "others", "indeterminate"}:
            yield {path: ()}
    for place in dict.fromkeys(path[:-1] for path in total if path not in placed):
        if place[-1:] and place[-1].startswith("by_"):
            yield {place: [path for path in total if path[:-1] == place]}


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
