"""The letter as a PDF: set from the frozen text alone, opening no file and no socket."""

import base64
import logging
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

for chatty in ("weasyprint", "fontTools"):  # before the import, which parses style sheets and says so
    logging.getLogger(chatty).setLevel(logging.WARNING)

try:
    import weasyprint
    from weasyprint.urls import URLFetcher

    CANNOT_PRINT = ""
except OSError as missing:  # the wheel does not bring Pango along; everything but printing works without it
    URLFetcher, CANNOT_PRINT = object, str(missing)

FONTS = settings.BASE_DIR / "static" / "vendor" / "fonts"
WEIGHTS = (400, 700)
SUBSETS = {
    "latin": "U+0000-00FF, U+0131, U+0152-0153, U+2000-206F, U+20AC, U+2122",
    "latin-ext": "U+0100-024F, U+1E00-1EFF",
}
HEADING = re.compile(r"\d+\. \S[^\n]*")


class PrintingNotPossible(RuntimeError):
    """A library of the operating system is missing."""


class OnlyData(URLFetcher):  # type: ignore[misc]
    """What is inside the document may be read, nothing else."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if not url.startswith("data:"):
            raise ValueError("A letter loads nothing.")
        return super().fetch(url, headers)


@dataclass(frozen=True)
class Block:
    text: str
    heading: bool


def print_letter(*, subject: str, body: str, language: str, reference: str) -> bytes:
    """A tagged PDF (PDF/UA-1) of plain text; equal arguments give equal bytes.

    Raises `PrintingNotPossible` where Pango is not installed.
    """
    html = render_to_string(
        "notices/letter.html",
        {
            "subject": subject,
            "blocks": blocks(body),
            "language": language,
            "reference": reference,
            "fonts": fonts(),
        },
    )
    return tagged_pdf(html)


def tagged_pdf(html: str, *, identifier: bytes | None = None) -> bytes:
    """PDF/UA-1 of a whole document that brings everything along as data.

    Raises `PrintingNotPossible` where Pango is not installed.
    """
    if CANNOT_PRINT:
        raise PrintingNotPossible(f"PDF files cannot be made: install Pango ({CANNOT_PRINT}).")
    fetcher = OnlyData(allowed_protocols=("data",), fail_on_errors=True)
    printed: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(
        pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=identifier
    )
    return printed


def blocks(body: str) -> list[Block]:
    """Paragraphs of the text; a numbered line that stands alone is a heading."""
    parts = [part.strip("\n") for part in re.split(r"\n{2,}", body) if part.strip()]
    return [Block(part, heading=HEADING.fullmatch(part) is not None) for part in parts]


@cache
def fonts() -> list[dict[str, str]]:
    """The font faces that a document's style brings along, as base64."""
    return [
        {
            "weight": str(weight),
            "range": characters,
            "data": base64.b64encode(
                (FONTS / f"public-sans-{subset}-{weight}-normal.woff2").read_bytes()
            ).decode(),
        }
        for weight in WEIGHTS
        for subset, characters in SUBSETS.items()
    ]
