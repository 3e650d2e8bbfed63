"""What stands where in a pasted text: addresses, and what looks like one but is none. Pure and offline."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from platforms import extraction
from platforms.recognition import Recognition

MOST_CHARACTERS = 1_000_000
MOST_LINES = 5_000
MOST_PIECES = 10_000
# No address is in a line that shows none of these, so it need not be searched.
_HINT = re.compile(r"[.:]|//|___|dot|punkt|point|punto", re.IGNORECASE)
_SCHEMES = "javascript|vbscript|data|blob|file|ftps?|sftp|mailto|tel|sms|about|view-source|chrome|magnet"
_OTHER = re.compile(
    rf"(?<![\w.+-])(?:(?:{_SCHEMES}):(?=[^\s:])|[a-z][a-z0-9+.-]{{1,30}}://)[^\s<>]*", re.IGNORECASE
)


class Piece(NamedTuple):
    """A part of a pasted text that is to be an item, or else needs a reason why it cannot be one."""

    address: str
    line: int  # from 1
    column: int  # of its first character in the line, from 1
    raw: str  # as it was pasted
    named: Recognition | None = None  # what it names, if that was read


class TooMuch(ValueError):
    """The text holds more than is read at a time; the message says what to do."""


def read(text: str) -> list[Piece]:
    """All pieces of a text; raises `TooMuch` past what is read at a time."""
    lines = len(text.splitlines())
    if lines > MOST_LINES:
        raise TooMuch(f"These are {lines:,} lines. Paste at most {MOST_LINES:,} at a time, or import a file.")
    found = list(islice(pieces(text), MOST_PIECES + 1))
    if len(found) > MOST_PIECES:
        raise TooMuch(f"There are more than {MOST_PIECES:,} addresses here. Paste fewer, or import a file.")
    return found


def pieces(text: str) -> Iterator[Piece]:
    """The addresses of every line with their places; what has an address's form, and lines with none, besides."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = [
            Piece(each.address, number, each.start + 1, line[each.start : each.end], each.named)
            for each in (extraction.find(line) if _HINT.search(line) else ())
        ]
        found = sorted([*found, *_unread(line, number, found)], key=lambda piece: piece.column)
        whole = line.strip()
        yield from found or [Piece(whole, number, line.index(whole) + 1, whole)]


def _unread(line: str, number: int, found: list[Piece]) -> Iterator[Piece]:
    """What begins like an address of any scheme outside those that were read."""
    taken = [(piece.column - 1, piece.column - 1 + len(piece.raw)) for piece in found]
    for match in _OTHER.finditer(line):
        start, end = match.span()
        if any(first <= start < last for first, last in taken):
            continue
        raw = line[start : min([end, *(first for first, _ in taken if first > start)])].rstrip("'\"(,;")
        yield Piece(raw, number, start + 1, raw)
