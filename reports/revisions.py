"""What differs between two documents of figures, figure by figure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
Path = tuple[str, ...]
ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    """One figure of one group; `old` and `new` are what the documents hold, `ABSENT` where one has none."""

    group: str
    path: Path  # S04, rate
    old: Any
    new: Any

    @property
    def figure(self) -> str:
        return " ".join(self.path)


def differences(old: Document, new: Document) -> list[Difference]:
    """Every figure that is not the same in both, in the order of the newer document, then what it lacks."""
    before, after = dict(_figures(old)), dict(_figures(new))
    places = [*after, *(place for place in before if place not in after)]
    found = ((place, before.get(place, ABSENT), after.get(place, ABSENT)) for place in places)
    return [Difference(*place, earlier, later) for place, earlier, later in found if earlier != later]


def revised(changes: list[Difference]) -> frozenset[tuple[str, str]]:
    """Group and statistic of what changed, each to be marked [r]."""
    return frozenset((change.group, change.path[0]) for change in changes)


def group_name(group: Mapping[str, str | None]) -> str:
    """A group of a document in words: `platform x, kind post`; the total is `All`."""
    return ", ".join(f"{name} {value or 'none'}" for name, value in group.items()) or "All"


def _figures(document: Document) -> Iterator[tuple[tuple[str, Path], Any]]:
    for group in document["groups"]:
        name = group_name(group["group"])
        for statistic, value in group.items():
            if statistic != "group":
                yield from (((name, path), leaf) for path, leaf in _leaves((statistic,), value))


def _leaves(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Numbers, texts and nothing at all, each with the names that lead to it; places in a list count from 1."""
    if isinstance(value, Mapping):
        inner: Any = value.items()
    elif isinstance(value, list):
        inner = enumerate(value, 1)
    else:
        yield path, value
        return
    for name, part in inner:
        yield from _leaves((*path, str(name)), part)
