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


def far_right() -> bytes:
    """An address where it belongs, and a cell beside it in the last column that there is."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["address", "https://x.com/a/status/1700000000000000001"])
        sheet.write(1, 16_383, "far away")
        sheet.write(2, 0, "https://x.com/a/status/1700000000000000002")
    return stream.getvalue()


def second_of_two(address: str) -> bytes:
    """A hidden sheet with a header of its own, then one that is shown, with merged cells below its header."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_urls": False}) as book:
        hidden, shown = book.add_worksheet("Lists"), book.add_worksheet("Items")
        hidden.write_row(0, 0, ["colour", "size"])
        shown.activate()
        shown.set_first_sheet()
        hidden.hide()
        shown.write_row(0, 0, ["address", "note"])
        shown.merge_range(1, 0, 2, 0, address)
        shown.write(1, 1, "merged with the row below")
    return stream.getvalue()


def second_of_two_ods(address: str) -> bytes:
    """The same as ODS: its styles say which sheet is hidden."""
    names = f'{NAMES} xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    shows = '<style:table-properties table:display="false"/>'
    styles = f'<style:style style:name="ta1" style:family="table">{shows}</style:style>'
    sheet = '<table:table table:style-name="{}">{}</table:table>'
    hidden = sheet.format("ta1", _row(["colour"], 1))
    shown = sheet.format("ta2", _row(["address"], 1) + _row([address], 1))
    body = f"<office:body><office:spreadsheet>{hidden}{shown}</office:spreadsheet></office:body>"
    content = f"<office:automatic-styles>{styles}</office:automatic-styles>{body}"
    return zipped({"content.xml": f"<office:document-content {names}>{content}</office:document-content>"})


def with_shared_texts(count: int) -> bytes:
    """A workbook with one address, whose list of shared texts holds that many more that no cell uses."""
    stream = io.BytesIO(xlsx([["address"], ["https://x.com/a/status/1700000000000000001"]]))
    with zipfile.ZipFile(stream) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    more = "".join(f"<si><t>{number * 7919 % 999_983}</t></si>" for number in range(count))
    parts["xl/sharedStrings.xml"] = bytes(parts["xl/sharedStrings.xml"]).replace(
        b"</sst>", more.encode() + b"</sst>"
    )
    return zipped(parts)


def declaring(size: int) -> bytes:
    """An archive whose directory says that its only part unpacks to so many bytes."""
    made = bytearray(zipped({"content.xml": "<a/>"}))
    place = made.rindex(b"PK\x01\x02") + 24
    made[place : place + 4] = size.to_bytes(4, "little")
    return bytes(made)


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


def repeated(address: str, times: int) -> bytes:
    """A header, and one row that the file says stands there so many times."""
    row = f'<table:table-row table:number-rows-repeated="{times}">{_cell(address)}</table:table-row>'
    header = f"<table:table-row>{_cell('address')}</table:table-row>"
    body = f"<office:spreadsheet><table:table>{header}{row}</table:table></office:spreadsheet>"
    content = f"<office:document-content {NAMES}><office:body>{body}</office:body></office:document-content>"
    return zipped({"content.xml": f'<?xml version="1.0"?>{content}'})


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
