"""Setting a whole HTML document as a tagged PDF; opens no file and no socket, and needs none of the site's settings.

python -m notices.typesetting SECONDS < ORDER
    a program of its own, under limits of memory and time: JSON as `Order.written` gives it, then the PDF
"""

import json
import logging
import resource
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

for chatty in ("weasyprint", "fontTools"):  # before the import, which parses style sheets and says so
    logging.getLogger(chatty).setLevel(logging.WARNING)

try:
    import weasyprint
    from weasyprint.urls import URLFetcher

    CANNOT_PRINT = ""
except OSError as missing:  # the wheel does not bring Pango along; everything but printing works without it
    URLFetcher, CANNOT_PRINT = object, str(missing)

MOST_MEMORY = 3 * 1024**3  # of addresses, most of which are never touched


class PrintingNotPossible(RuntimeError):
    """A library of the operating system is missing, or the document takes more than it may."""


class Variant(StrEnum):
    """What a PDF promises: to be read aloud, or to be kept."""

    ACCESSIBLE = "pdf/ua-1"
    ARCHIVE = "pdf/a-3a"


@dataclass(frozen=True)
class Attached:
    """A file inside an archive copy; `relationship` as in ISO 32000-2, 7.11.3: Data, Source, Supplement."""

    name: str
    text: str
    description: str
    relationship: str
    made_at: str  # ISO 8601


@dataclass(frozen=True)
class Order:
    """What is to be set; equal orders give equal bytes."""

    html: str
    variant: Variant = Variant.ACCESSIBLE
    identifier: str = ""
    attached: tuple[Attached, ...] = ()

    def written(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, content: bytes) -> "Order":
        said = json.loads(content)
        attached = tuple(Attached(**each) for each in said["attached"])
        return cls(said["html"], Variant(said["variant"]), said["identifier"], attached)


class OnlyData(URLFetcher):  # type: ignore[misc]
    """What is inside the document may be read, nothing else."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if not url.startswith("data:"):
            raise ValueError("A printed document loads nothing.")
        return super().fetch(url, headers)


def typeset(order: Order) -> bytes:
    """The PDF. Raises `PrintingNotPossible` where Pango is not installed."""
    if CANNOT_PRINT:
        raise PrintingNotPossible(f"PDF files cannot be made: install Pango ({CANNOT_PRINT}).")
    fetcher = OnlyData(allowed_protocols=("data",), fail_on_errors=True)
    printed: bytes = weasyprint.HTML(string=order.html, url_fetcher=fetcher).write_pdf(
        pdf_variant=order.variant.value,
        pdf_tags=True,
        pdf_identifier=order.identifier.encode() or None,
        attachments=[_attachment(each) for each in order.attached],
    )
    return printed


def _attachment(file: Attached) -> Any:
    made_at = datetime.fromisoformat(file.made_at)
    return weasyprint.Attachment(
        string=file.text,
        name=file.name,
        description=file.description,
        relationship=file.relationship,
        created=made_at,
        modified=made_at,
    )


def _limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit(int(sys.argv[1]))
    sys.stdout.buffer.write(typeset(Order.read(sys.stdin.buffer.read())))
