"""The SHA-256 of the lines that `--episodes` prints, from columns: the bytes of `facts.line`, a block at a time.

A line is a row of pieces, each one of a few or a few thousand: a name with its value, a day, a time of day. A block
of lines is filled piece by piece, for all its rows at once, in records as wide as the longest; then the zero bytes that
fill up shorter pieces are taken out. No text has any: PostgreSQL stores none, and JSON writes them out.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from reports.columns import Array, Columns
from reports.facts import PRINTED, WINDOWS
from reports.packing import TYPES

BLOCK = 8192
SECOND, DAY = 1_000_000, 86_400_000_000  # in microseconds
TIMES = [
    f"{hour:02}:{minute:02}:{second:02}" for hour in range(24) for minute in range(60) for second in range(60)
]
CLOCK = np.array([*(time.encode() for time in TIMES), b""])
THOUSANDTHS = np.array([*(f".{part:03}".encode() for part in range(1000)), b""])
MILLIONTHS = np.array([*(f'{part:03}Z"'.encode() for part in range(1000)), b'Z"', b""])
Pieces = tuple[Array, Array]  # texts of bytes, and which of them each row has
_json = json.JSONEncoder(ensure_ascii=False).encode


def fingerprint(columns: Columns) -> str:
    """Of all rows, in the order of T0, item and line; each line ends with its line feed."""
    digest = hashlib.sha256()
    rows = columns.placed(_in_order(columns), columns.bounds[[0, -1]])
    for begin in range(0, len(rows), BLOCK):
        end = min(begin + BLOCK, len(rows))
        digest.update(_lines(rows.placed(slice(begin, end), [0, end - begin])))
    return digest.hexdigest()


def _in_order(columns: Columns) -> Array:
    items = [item or "" for item in columns.values["item"]]
    rank = np.empty(len(items), np.int64)
    rank[sorted(range(len(items)), key=items.__getitem__)] = np.arange(len(items))
    return np.lexsort((columns.line_id, rank[columns.item], columns.t0))


def _lines(rows: Columns) -> bytearray:
    """The bytes of a block's lines."""
    pieces = [piece for name in PRINTED for piece in _pieces(rows, name)]
    pieces = [_always("{", len(rows)), *pieces, _always("}\n", len(rows))]
    width = np.dtype([(str(number), texts.dtype) for number, (texts, _) in enumerate(pieces)])
    filled = bytearray(len(rows) * width.itemsize)
    records = np.frombuffer(filled, width)
    for number, (texts, chosen) in enumerate(pieces):
        records[str(number)] = texts[chosen]
    return filled.translate(None, b"\0")


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
    whole = json.dumps(values, ensure_ascii=False, separators=(f"\0{before}", ""))[1:-1]
    return np.array(f"{before}{whole}".encode().split(b"\0"), "S"), codes


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
    yield CLOCK, np.where(none, -1, micros % DAY // SECOND)
    part = micros % SECOND
    yield THOUSANDTHS, np.where(part > 0, part // 1000, len(THOUSANDTHS) - 1)
    yield MILLIONTHS, np.where(none, -1, np.where(part > 0, part % 1000, -2)) % len(MILLIONTHS)


def _always(text: str, number: int) -> Pieces:
    return _bytes([text]), np.zeros(number, np.intp)


def _bytes(texts: Sequence[str]) -> Array:
    return np.array([text.encode() for text in texts], "S")
