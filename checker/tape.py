"""What went over the wire on one visit, kept as it was for whoever must show it later."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

Pairs = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Exchange:
    """One question to one host, and its answer. `truncated` is a word of WARC 1.1, 5.13; empty if all was read."""

    url: str
    request: bytes  # the head of what we sent
    head: bytes  # the head of the answer: names and values as sent, in their order
    address: str = ""  # who answered
    protocol: str = "HTTP/1.1"
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    body: bytearray = field(default_factory=bytearray)  # still packed, if it came packed; without chunk sizes
    truncated: str = "unspecified"


Tape = list[Exchange]


def head(first: bytes, pairs: Pairs) -> bytes:
    """Return the head of a message; HTTP/2, which has no such lines, is written as if it had."""
    return b"".join([first, b"\r\n", *(b"%b: %b\r\n" % pair for pair in pairs), b"\r\n"])
