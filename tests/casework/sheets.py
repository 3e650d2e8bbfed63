"""Small spreadsheets for tests, good ones and hostile ones."""

import io
import zipfile
from collections.abc import Sequence
from html import escape

import xlsxwriter

WORDS = ("office", "table", "text")
NAMES = " ".join(f'xmlns:{word}="urn:oasis:names:tc:opendocument:xmlns:{word}:1.0"' for word in WORDS)
MANIFEST = """<?xml version="1.0"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry
manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>"""


def xlsx(rows: Sequence[Sequence[object]], *, at: tuple[int, int] = (0, 0)) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(at[0] + number, at[1], cells)
    return stream.getvalue()


def far_apart() -> bytes:
    """Two cells in opposite corners: a few kilobytes that want half a terabyte."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "address")
        sheet.write(1_048_575, 16_383, "far away")
    return stream.getvalue()


def ods(rows: Sequence[Sequence[str]], *, prologue: str = "", repeat: int = 1) -> bytes:
    """A row `EMPTY` becomes that many empty ones, a row `WIDE` one of that many cells."""
    lines = "".join(_row(cells, repeat) for cells in rows)
    body = f'<office:spreadsheet><table:table table:name="Items">{lines}</table:table></office:spreadsheet>'
    content = f"<office:document-content {NAMES}><office:body>{body}</office:body></office:document-content>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": MANIFEST,
            "content.xml": f'<?xml version="1.0"?>{prologue}{content}',
        }
    )


def zipped(members: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _row(cells: Sequence[str], repeat: int) -> str:
    if cells == ["EMPTY"]:
        return f'<table:table-row table:number-rows-repeated="{repeat}"><table:table-cell/></table:table-row>'
    if cells == ["WIDE"]:
        wide = _cell("w").replace(" ", f' table:number-columns-repeated="{repeat}" ', 1)
        return f"<table:table-row>{wide}</table:table-row>"
    return f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>"


def _cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'
