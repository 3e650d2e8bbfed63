"""What a document that is to be made public would give away beside those that were made public before it.

Two published tables of which one is about a part of the other tell the rest by subtraction, and so do several parts
that do not overlap. Here every group of every document is such a table, with its own period and filters.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, cast

from reports.disclosure import WITHHELD, differencing, uncovered
from reports.partitions import NOTIFIED, Path
from reports.public import DERIVED, Place, published_counts
from reports.revisions import group_name

Slugs = frozenset[str | None]


@dataclass(frozen=True, eq=False)
class Part:
    """One group of a document: its edition, its days, the values that each filter lets through, and its counts."""

    edition: str
    number: int
    group: str
    first: date
    last: date
    moments: tuple[str, str]
    filters: Mapping[str, Slugs]
    counts: Mapping[Path, Any]

    def holds(self, other: "Part") -> bool:
        """Whether the other is about a part of this, or about the same."""
        return (
            self.first <= other.first
            and other.last <= self.last
            and all(
                name in other.filters and other.filters[name] <= these for name, these in self.filters.items()
            )
        )

    def same(self, other: "Part") -> bool:
        return self.holds(other) and other.holds(self)

    def apart_from(self, other: "Part") -> bool:
        """Whether no item is in both."""
        return (
            self.last < other.first
            or other.last < self.first
            or any(not these & other.filters.get(name, these) for name, these in self.filters.items())
        )


class Giveaway(NamedTuple):
    """A count of the new document that must be withheld, and the editions that would give it away."""

    place: Place
    group: str
    earlier: tuple[str, ...]

    def words(self) -> str:
        return f"{self.group}: {' '.join(self.place[1])}, beside {', '.join(self.earlier)}"


def parts(edition: str, document: Mapping[str, Any], below: Mapping[str, Collection[str]]) -> list[Part]:
    """The groups of a document as published; `below` are the slugs of each category with what stands below it."""
    own = {name: frozenset({value}) for name, value in document["filters"].items()}
    if category := document["filters"].get("category"):
        own["category"] = frozenset(below.get(category, {category}))
    return [_part(edition, number, document, group, own) for number, group in enumerate(document["groups"])]


def _part(
    edition: str, number: int, document: Mapping[str, Any], group: Mapping[str, Any], own: Mapping[str, Slugs]
) -> Part:
    first, last = (date.fromisoformat(document["period"][end]) for end in ("from", "to"))
    values = dict(group["group"])
    if month := values.pop("month", None):
        begin = date.fromisoformat(f"{month}-01")
        first, last = max(first, begin), min(last, _month_end(begin))
    filters = {**own, **{name: frozenset({value}) for name, value in values.items()}}
    moments = (document["as_at"], document["known_by"])
    return Part(
        edition, number, group_name(group["group"]), first, last, moments, filters, published_counts(group)
    )


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def giveaways(
    new: Sequence[Part], earlier: Sequence[Part], threshold: int, *, revised: Collection[str] = ()
) -> Iterator[Giveaway]:
    """What the new document's groups would give away; `revised` are the editions that it takes the place of.

    Of a group of a revised edition only what was added since is a difference: its other counts change with time.
    """
    for part in new:
        for other in earlier:
            if part.same(other):
                yield from _of_same(part, other, threshold, other.edition in revised)
            elif part.holds(other):
                yield from _of_pair(part, part, [other], threshold)
            elif other.holds(part):
                yield from _of_pair(part, other, [part], threshold)
        for outer, inner in _tilings(part, earlier):
            yield from _of_pair(part, outer, inner, threshold)


def _of_same(part: Part, other: Part, threshold: int, is_revised: bool) -> Iterator[Giveaway]:
    if is_revised and part.moments != other.moments:
        chosen = [path for path in part.counts if path[0] == "S01"]
        yield from _small(part, part.counts, other.counts, (other.edition,), threshold, chosen)
        return
    yield from _small(part, part.counts, other.counts, (other.edition,), threshold, [*part.counts])
    both = {"new": [_row(part.counts, part.counts)], "earlier": [_row(other.counts, part.counts)]}
    order = [*part.counts]
    for withheld_by, _, cell in uncovered(both, [("new", "earlier")]):
        path = order[_column(cell)]
        if withheld_by == "earlier" and path in other.counts:
            yield _giveaway(part, path, (other.edition,))


def _of_pair(part: Part, outer: Part, inner: Sequence[Part], threshold: int) -> Iterator[Giveaway]:
    """The outer's counts less the sums of the inner ones'; and an outer's withheld count that these sum to."""
    sums = {path: _sum(each.counts.get(path, 0) for each in inner) for path in outer.counts}
    names = tuple(dict.fromkeys(each.edition for each in (outer, *inner) if each is not part))
    yield from _small(part, outer.counts, sums, names, threshold, [*outer.counts])
    if sums.get(NOTIFIED) == outer.counts.get(NOTIFIED) != WITHHELD:
        for path, count in outer.counts.items():
            if part is not outer and count == WITHHELD and sums[path] != WITHHELD and path in part.counts:
                yield _giveaway(part, path, names)


def _small(
    part: Part,
    outer: Mapping[Path, Any],
    inner: Mapping[Path, Any],
    names: tuple[str, ...],
    threshold: int,
    chosen: Sequence[Path],
) -> Iterator[Giveaway]:
    tables = {"outer": [_row(outer, chosen)], "inner": [_row(inner, chosen)]}
    for found in differencing(tables, [("outer", "inner")], threshold):
        yield _giveaway(part, chosen[_column(found.cell)], names)


def _column(cell: Hashable) -> int:
    """Where a cell stands in the only row of a table."""
    _, column = cast(tuple[int, int], cell)
    return column


def _row(counts: Mapping[Path, Any], chosen: Iterable[Path]) -> list[Any]:
    return [counts.get(path, 0) for path in chosen]


def _giveaway(part: Part, path: Path, names: tuple[str, ...]) -> Giveaway:
    """What a rate lets a reader work out is withheld with its numerator."""
    own = (*path[:-1], "numerator") if path[-1] in DERIVED or path == ("S04", "high") else path
    return Giveaway((part.number, own), part.group, names)


def _sum(counts: Iterable[Any]) -> Any:
    found = list(counts)
    return WITHHELD if WITHHELD in found else sum(found)


def _tilings(part: Part, earlier: Sequence[Part]) -> Iterator[tuple[Part, list[Part]]]:
    """An outer group with several of its parts that do not overlap, the larger first; the new group is among them."""
    smaller = [other for other in earlier if part.holds(other) and not other.holds(part)]
    if len(tiles := _apart(smaller, [])) > 1:
        yield part, tiles
    for outer in earlier:
        if outer.holds(part) and not part.holds(outer):
            inside = [other for other in earlier if outer.holds(other) and not other.holds(outer)]
            if len(tiles := _apart(inside, [part])) > 1:
                yield outer, tiles


def _apart(candidates: Iterable[Part], chosen: list[Part]) -> list[Part]:
    order = sorted(candidates, key=lambda each: (each.first - each.last, len(each.filters)))
    for candidate in order:
        if all(candidate.apart_from(other) for other in chosen):
            chosen.append(candidate)
    return chosen
