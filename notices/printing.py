"""The letter as a PDF: set from the frozen text alone, opening no file and no socket."""

import base64
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string

from notices.typesetting import Order, typeset

FONTS = settings.BASE_DIR / "static" / "vendor" / "fonts"
WEIGHTS = (400, 700)
# Of the open Arabic fonts, Noto builds letters from parts, which a reader that reads aloud takes for other letters.
FACES = (  # family, file, and the characters that are taken from it
    (
        "Public Sans",
        "public-sans-latin",
        "U+0000-00FF, U+0131, U+0152-0153, U+2000-206F, U+20AC, U+2122, U+2212",
    ),
    ("Public Sans", "public-sans-latin-ext", "U+0100-02AF, U+1E00-1E9F, U+1EF2-1EFF"),
    ("Public Sans", "public-sans-vietnamese", "U+0300-0309, U+0323, U+1EA0-1EF1, U+20AB"),
    (
        "IBM Plex Sans Arabic",
        "ibm-plex-sans-arabic-arabic",
        "U+0600-06FF, U+0750-077F, U+0870-08FF, U+FB50-FDFF, U+FE70-FEFF",
    ),
)
SPAN = re.compile(r"U\+(\w+)(?:-(\w+))?")
HEADING = re.compile(r"\d+\. \S[^\n]*")


@dataclass(frozen=True)
class Block:
    text: str
    heading: bool

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Each line with its own direction, so that an address in an Arabic letter keeps its order, and its place."""
        return [(line.strip(" "), direction(line), _place(line)) for line in self.text.splitlines()]


def print_letter(
    *, subject: str, body: str, language: str, reference: str, marking: str = "", handling: str = ""
) -> bytes:
    """A tagged PDF (PDF/UA-1) of plain text; equal arguments give equal bytes.

    What the letter is marked with stands in head and foot of every page, and is not repeated in the text.

    Raises `PrintingNotPossible` where Pango is not installed.
    """
    html = render_to_string(
        "notices/letter.html",
        {
            "subject": subject,
            "blocks": blocks(_unmarked(body, marking, handling)),
            "marking": marking,
            "handling": handling,
            "marked": direction(marking + handling),
            "language": language,
            "reference": reference,
            "faces": faces(subject + body + marking + handling),
        },
    )
    return typeset(Order(html))


def _place(line: str) -> str:
    """How a line stands that may be broken: set in, or as an item whose mark stands before it."""
    if line.startswith("- "):
        return "item"
    return "inset" if line.startswith(" ") else ""


def _unmarked(body: str, marking: str, handling: str) -> str:
    """The text between the marks that head and end it."""
    marks = "\n".join(filter(None, (marking, handling)))
    return body.strip("\n").removeprefix(marks).removesuffix(marks) if marks else body


def blocks(body: str) -> list[Block]:
    """Paragraphs of the text; a numbered line that stands alone is a heading."""
    parts = [part.strip("\n") for part in re.split(r"\n{2,}", body) if part.strip()]
    return [Block(part, heading=HEADING.fullmatch(part) is not None) for part in parts]


@dataclass(frozen=True)
class Face:
    """A font face that a document's style brings along; `source` is base64 of its file."""

    family: str
    weight: int
    characters: str
    source: str


def faces(text: str) -> list[Face]:
    """The faces that a document with this text needs: a file that no character is taken from stays out."""
    found = {ord(letter) for letter in set(text)}
    return [
        Face(family, weight, characters, _source(f"{name}-{weight}-normal.woff2"))
        for family, name, characters in FACES
        if not found.isdisjoint(_codes(characters))
        for weight in WEIGHTS
    ]


@cache
def _codes(characters: str) -> frozenset[int]:
    spans = [(int(first, 16), int(last or first, 16)) for first, last in SPAN.findall(characters)]
    return frozenset(code for first, last in spans for code in range(first, last + 1))


@cache
def _source(name: str) -> str:
    return base64.b64encode((FONTS / name).read_bytes()).decode()


def direction(text: str) -> str:
    """`rtl` where the first letter that has a direction is written from right to left, otherwise `ltr`."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return "rtl" if next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L" else "ltr"
