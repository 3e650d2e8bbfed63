"""Web addresses in pasted text, plain, bare or defanged, with the places where they stand. Pure and offline."""

import re
from typing import NamedTuple

from platforms import notation

_CANDIDATE = re.compile(r"(?:h[tx*]{2}ps?|https?)[\[(]?:[\])]?//[^\s<>\"]+", re.IGNORECASE)


class Found(NamedTuple):
    """One address as it is to be read, and where it stands in the text."""

    address: str
    start: int
    end: int


def extract(text: str) -> list[str]:
    """Return the addresses in `text`, refanged, in the order in which they stand."""
    return [found.address for found in find(text)]


def find(text: str) -> list[Found]:
    """Return the addresses in `text` with the offsets of what was read."""
    return [
        Found(notation.tidy(match[0]), match.start(), match.end())
        for match in _CANDIDATE.finditer(text)
    ]
