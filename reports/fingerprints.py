"""The SHA-256 of the lines that `--episodes` prints, from columns: the bytes of `facts.line`, a block at a time.

A line is a row of pieces, each one of a few or a few thousand: a name with its value, a day, a time of day. A block
of lines is filled piece by piece, for all its rows at once.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from reports.columns import Array, Columns
from reports.facts import PRINTED, WINDOWS
from reports.packing import TYPES

BLOCK = 50_000
SECOND, DAY = 1_000_000, 86_400_000_000  # in microseconds
CLOCK = np.array(
    [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}".encode() for second in range(86_400)]
)
THOUSANDTHS = np.array([*(f".{part:03}".encode() for part in range(1000)), b""])
MILLIONTHS = np.array([*(f'{part:03}Z"'.encode() for part in range(1000)), b'Z"', b""])
Pieces = tuple[Array, Array]  # texts of bytes, and which of them each row has


def fingerprint(columns: Columns) -> str:
    """Of all rows, in the order of T0, item and line; each line ends with its line feed."""
    digest = hashlib.sha256()
    rows = columns.placed(_in_order(columns), columns.bounds[[0, -1]])
    for begin in range(0, len(rows), BLOCK):
        end = min(begin + BLOCK, len(rows))
        digest.update(_lines(rows.placed(slice(begin, end), [0, end - begin])).data)
    return digest.hexdigest()


def _in_order(columns: Columns) -> Array:
    items = [item or "" for item in columns.values["item"]]
    rank = np.empty(len(items), np.int64)
    rank[sorted(range(len(items)), key=items.__getitem__)] = np.arange(len(items))
    return np.lexsort((columns.line_id, rank[columns.item], columns.t0))


def _lines(rows: Columns) -> Array:
    """The bytes of a block's lines."""
    pieces = [piece for name in PRINTED for piece in _pieces(rows, name)]
    pieces = [_always("{", len(rows)), *pieces, _always("}\n", len(rows))]
    lengths = [np.char.str_len(texts)[chosen] for texts, chosen in pieces]
    ends = np.cumsum(np.sum(lengths, axis=0))
    text = np.empty(ends[-1], np.uint8)
    place = np.concatenate(([0], ends[:-1]))
    for (texts, chosen), length in zip(pieces, lengths, strict=True):
        for size in np.flatnonzero(np.bincount(length[length > 0])).tolist():
            alike = np.flatnonzero(length == size)
            into = np.ndarray(len(text) - size + 1, f"V{size}", text, strides=(1,))
            into[place[alike]] = texts[chosen[alike]].astype(f"S{size}").view(f"V{size}")
        place = place + length
    return text


def _pieces(rows: Columns, name: str) -> Iterator[Pieces]:
    """What each line says of `name`, with the comma before it."""
    before = f'{"" if name == PRINTED[0] else ","}"{name}":'
    if name == "within":
        yield from _within(rows, before)
        return
    column = getattr(rows, name)
    if TYPES[name] is datetime:
        yield from _times(column, before)
    elif TYPES[name] is str:
        yield _texts(rows.values[name], column, before)
    elif TYPES[name] is bool:
        yield _bytes([f"{before}false", f"{before}true"]), column.astype(np.intp)
    else:
        yield _always(before, len(rows))
        yield column.astype("S20"), np.arange(len(rows))


def _texts(values: Sequence[str | None], codes: Array, before: str) -> Pieces:
    if len(values) > len(codes):
        values, codes = [values[code] for code in codes.tolist()], np.arange(len(codes))
    return _bytes([before + _json(value) for value in values]), codes


def _within(rows: Columns, before: str) -> Iterator[Pieces]:
    """An object with the windows that have an answer; a comma stands between two of them."""
    yield _always(f"{before}{{", len(rows))
    any_yet = np.zeros(len(rows), bool)
    for window in WINDOWS:
        values, codes = rows.values[f"within_{window}"], getattr(rows, f"within_{window}")
        said = ["" if value is None else f'"{window}":{_json(value)}' for value in values]
        yield _bytes([*said, *(text and f",{text}" for text in said)]), codes + len(said) * any_yet
        any_yet |= ~rows.is_(f"within_{window}", None)
    yield _always("}", len(rows))


def _times(column: Array, before: str) -> Iterator[Pieces]:
    """As `periods.stamp` writes them: fractions of a second, with six digits, where there are any."""
    none = np.isnat(column)
    micros = np.where(none, 0, column.astype(np.int64))
    days = micros // DAY
    first = int(days.min(where=~none, initial=days.max()))
    last = int(days.max(where=~none, initial=first))
    said = [f'{before}"{date(1970, 1, 1) + timedelta(days=day)}T' for day in range(first, last + 1)]
    yield _bytes([*said, f"{before}null"]), np.where(none, len(said), days - first)
    yield np.append(CLOCK, b""), np.where(none, len(CLOCK), micros % DAY // SECOND)
    part = micros % SECOND
    yield THOUSANDTHS, np.where(part > 0, part // 1000, len(THOUSANDTHS) - 1)
    yield MILLIONTHS, np.where(none, -1, np.where(part > 0, part % 1000, -2)) % len(MILLIONTHS)


def _always(text: str, number: int) -> Pieces:
    return _bytes([text]), np.zeros(number, np.intp)


def _bytes(texts: Sequence[str]) -> Array:
    return np.array([text.encode() for text in texts], "S")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
