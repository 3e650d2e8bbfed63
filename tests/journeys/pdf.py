"""What a PDF says and whether a screen reader can follow it."""

import io
import re

import pikepdf


def is_tagged(content: bytes) -> bool:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        marked = pdf.Root.get("/MarkInfo")
        return "/StructTreeRoot" in pdf.Root and marked is not None and bool(marked.get("/Marked"))


def text_of(content: bytes) -> str:
    """The text of all pages in the order of printing, without white space."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return re.sub(r"\s+", "", "".join(_text(page) for page in pdf.pages))


def pages(content: bytes) -> list[str]:
    """The text of each page in the order of printing, without white space."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [re.sub(r"\s+", "", _text(page)) for page in pdf.pages]


def _text(page: pikepdf.Page) -> str:
    fonts = {str(name): _mapping(font) for name, font in page.Resources.get("/Font", {}).items()}
    font: dict[int, str] = {}
    said = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            font = fonts[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            said += [_decoded(part, font) for part in _strings(operands[0])]
    return "".join(said)


def _strings(operand: pikepdf.Object) -> list[bytes]:
    parts = operand if isinstance(operand, pikepdf.Array) else [operand]
    return [bytes(part) for part in parts if isinstance(part, pikepdf.String)]


def _decoded(content: bytes, font: dict[int, str]) -> str:
    """Two bytes a glyph, as WeasyPrint writes them."""
    codes = [int.from_bytes(content[place : place + 2]) for place in range(0, len(content), 2)]
    return "".join(font.get(code, "") for code in codes)


def _mapping(font: pikepdf.Object) -> dict[int, str]:
    """Glyph to text, from the font's own table."""
    table = font.ToUnicode.read_bytes().decode("latin-1")
    pairs = re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", table)
    return {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}
