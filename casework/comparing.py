"""What differs between two looks: text, headers, and how much of the earlier page the later one still shows. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

MOST_LINES, LONGEST_LINE, AROUND = 2000, 500, 2
SAME, ADDED, REMOVED, LEFT_OUT = "same", "added", "removed", "left_out"

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Line:
    """`kind` is one of the words above; of what is left out, `text` is how many lines."""

    kind: str
    text: str


def lines(before: str, after: str) -> list[Line]:
    """What was removed and added, line by line, with two lines around; of each text the first 2,000 lines."""
    old, new = _lines(before), _lines(after)
    told: list[Line] = []
    for group in SequenceMatcher(None, old, new).get_opcodes():
        kind, *_ = group
        told += _unchanged(old[group[1] : group[2]]) if kind == "equal" else _changed(old, new, group)
    return told


def _lines(text: str) -> list[str]:
    return [line[:LONGEST_LINE] for line in text.splitlines()[:MOST_LINES]]


def _changed(old: list[str], new: list[str], group: tuple[str, int, int, int, int]) -> Iterator[Line]:
    _, a, b, c, d = group
    yield from (Line(REMOVED, line) for line in old[a:b])
    yield from (Line(ADDED, line) for line in new[c:d])


def _unchanged(same: list[str]) -> Iterator[Line]:
    if len(same) <= 2 * AROUND + 1:
        yield from (Line(SAME, line) for line in same)
        return
    yield from (Line(SAME, line) for line in same[:AROUND])
    yield Line(LEFT_OUT, str(len(same) - 2 * AROUND))
    yield from (Line(SAME, line) for line in same[-AROUND:])


def headers(before: Headers, after: Headers) -> list[tuple[str, str, str]]:
    """Name, earlier and later value of each header that differs; empty where it is missing. Names fold."""
    old, new = _by_name(before), _by_name(after)
    changed: list[tuple[str, str, str]] = []
    for name in dict.fromkeys([*old, *new]):
        pairs = zip_longest(old.get(name, []), new.get(name, []), fillvalue="")
        changed += [(name, was, is_now) for was, is_now in pairs if was != is_now]
    return changed


def _by_name(pairs: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.lower(), []).append(value)
    return found


def likeness(before: Any, after: Any) -> float | None:
    """The share (0 to 1) of what the earlier fingerprint tells that the later one has; None where it tells nothing."""
    told = _numbers(before, "salient")
    shown = _numbers(after, "salient") | _numbers(after, "rest")
    return len(told & shown) / len(told) if told else None


def _numbers(fingerprint: Any, name: str) -> set[int]:
    found: Iterable[Any] = fingerprint.get(name, []) if isinstance(fingerprint, dict) else []
    return {number for number in found if isinstance(number, int)} if isinstance(found, list) else set()
