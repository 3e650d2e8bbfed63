"""What stands in an archive of a look: read to be told, never to be replayed."""

import zlib
from dataclasses import dataclass
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

MOST_HOPS, MOST_HEADERS, LONGEST = 20, 200, 2000
UNREADABLE = (ArchiveLoadFailed, zlib.error, ValueError, EOFError, OSError)


@dataclass(frozen=True)
class Hop:
    """One answer on the way: `status` is its first line; `truncated` says why it was not read to its end, if so."""

    url: str
    address: str
    at: str
    status: str
    headers: list[tuple[str, str]]
    truncated: str


def hops(archive: BinaryIO) -> list[Hop]:
    """The answers of an archive in their order; what cannot be read ends them."""
    found: list[Hop] = []
    try:
        for record in ArchiveIterator(archive):
            if record.rec_type in ("response", "revisit") and record.http_headers:
                found.append(_hop(record))
            if len(found) == MOST_HOPS:
                break
    except UNREADABLE:
        pass
    return found


def _hop(record: object) -> Hop:
    said, sent = record.rec_headers, record.http_headers  # type: ignore[attr-defined]
    return Hop(
        url=_text(said.get_header("WARC-Target-URI")),
        address=_text(said.get_header("WARC-IP-Address")),
        at=_text(said.get_header("WARC-Date")),
        status=_text(f"{sent.protocol} {sent.statusline}"),
        headers=[(_text(name), _text(value)) for name, value in sent.headers[:MOST_HEADERS]],
        truncated=_text(said.get_header("WARC-Truncated")),
    )


def _text(value: str | None) -> str:
    return (value or "")[:LONGEST].replace("\0", " ")
