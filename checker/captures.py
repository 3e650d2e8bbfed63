"""What one look leaves behind: files that show later what was seen, each known by its SHA-256.

The same look gives the same bytes, whoever writes them down: times and identifiers of records come from outside.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from uuid import uuid4

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from checker import page, verdict
from checker.observed import Response
from checker.tape import Exchange, Tape

LARGEST = 20_000_000  # bytes of answers in one archive; what is beyond is left out, and said to be
LONGEST = 1_000_000  # characters of text
MEDIA_TYPES = {
    "warc": "application/gzip",
    "text": "text/plain; charset=utf-8",
    "fingerprint": "application/json",
    "document": "text/html; charset=utf-8",  # the page as its scripts left it
    "screenshot": "image/png",
}
KINDS = frozenset(MEDIA_TYPES)

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Capture:
    """One file; `kind` is one of `KINDS`."""

    kind: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.kind]


def of(response: Response, tape: Tape, *, software: str, new_id: NewId | None = None) -> list[Capture]:
    """Return the captures of one visit: what went over the wire; of a page that was read also text and fingerprint."""
    taken = [Capture("warc", warc(tape, software=software, new_id=new_id))] if tape else []
    return taken if response.error else taken + of_page(response)


def of_page(response: Response) -> list[Capture]:
    """Return the text, if there is any, and the fingerprint of the page in `response.body`."""
    numbers = asdict(verdict.fingerprint(response))
    text = page.lines(response.body)[:LONGEST].encode("utf-8", "replace")
    kept = json.dumps(numbers, sort_keys=True, separators=(",", ":")).encode()
    return [*([Capture("text", text)] if text else []), Capture("fingerprint", kept)]


def warc(tape: Tape, *, software: str, new_id: NewId | None = None) -> bytes:
    """Return the tape as WARC 1.1, packed record by record: who wrote it, then each answer and what was asked.

    An answer with the body of an earlier one is a `revisit` of it. The tape must not be empty.
    """
    stream = BytesIO()
    archive = _Archive(stream, new_id or (lambda: f"<urn:uuid:{uuid4()}>"))
    archive.write(
        "warcinfo", tape[0].at, f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    )
    for exchange in tape:
        archive.keep(exchange)
    return stream.getvalue()


class _Writer(WARCWriter):  # type: ignore[misc]
    @staticmethod
    def _create_digester() -> Digester:
        return Digester("sha256")


class _Archive:
    def __init__(self, stream: BytesIO, new_id: NewId) -> None:
        self.writer, self.new_id = _Writer(stream, gzip=True, warc_version="WARC/1.1"), new_id
        self.left = LARGEST
        self.seen: dict[str, Exchange] = {}  # by the digest of the body

    def keep(self, exchange: Exchange) -> None:
        body, truncated = bytes(exchange.body[: self.left]), exchange.truncated
        if len(body) < len(exchange.body):
            truncated = "length"
        digest = Digester("sha256")
        digest.update(body)
        more = {"WARC-IP-Address": exchange.address, "WARC-Payload-Digest": str(digest)}
        more |= {"WARC-Truncated": truncated} if truncated else {}
        earlier = self.seen.get(str(digest)) if body and not truncated else None
        if earlier:
            number = self.write("revisit", exchange.at, exchange.head, exchange, more | _refers_to(earlier))
        else:
            number = self.write("response", exchange.at, exchange.head + body, exchange, more)
            self.left -= len(body)
        if not truncated:
            self.seen.setdefault(str(digest), exchange)
        self.write("request", exchange.at, exchange.request, exchange, {"WARC-Concurrent-To": number})

    def write(
        self,
        kind: str,
        at: datetime,
        block: bytes,
        exchange: Exchange | None = None,
        more: dict[str, str] | None = None,
    ) -> str:
        """Write one record as it is, byte for byte; return its number."""
        number = self.new_id()
        headers = {"WARC-Type": kind, "WARC-Record-ID": number, "WARC-Date": _stamp(at)}
        headers |= {"WARC-Target-URI": exchange.url} if exchange else {}
        headers |= more or {}
        named = StatusAndHeaders(
            "", [(name, value) for name, value in headers.items() if value], protocol="WARC/1.1"
        )
        content_type = self.writer.WARC_RECORDS[kind]
        record = ArcWarcRecord("warc", kind, named, BytesIO(block), None, content_type, len(block))
        record.payload_length = len(block)
        if kind == "request":  # it has no body, and so no payload
            record.rec_headers.add_header("WARC-Payload-Digest", str(Digester("sha256")))
        self.writer.write_record(record)
        return number


def _refers_to(earlier: Exchange) -> dict[str, str]:
    return {
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Refers-To-Target-URI": earlier.url,
        "WARC-Refers-To-Date": _stamp(earlier.at),
    }


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
