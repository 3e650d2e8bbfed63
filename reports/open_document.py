"""Sheets as an ODS file (OpenDocument 1.3): the least that spreadsheet programs read; equal sheets give equal bytes."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from reports.sheets import Format, Number, Sheet, Value
from reports.workbooks import widths

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = {
    "office": f"{OASIS}:office:1.0",
    "table": f"{OASIS}:table:1.0",
    "text": f"{OASIS}:text:1.0",
    "style": f"{OASIS}:style:1.0",
    "number": f"{OASIS}:datastyle:1.0",
    "fo": f"{OASIS}:xsl-fo-compatible:1.0",
    "meta": f"{OASIS}:meta:1.0",
    "manifest": f"{OASIS}:manifest:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
}
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
VERSION = "1.3"
INCHES = 0.09  # of one character
for prefix, address in SPACES.items():
    ET.register_namespace(prefix, address)


def ods(sheets: Sequence[Sheet], *, title: str, created: datetime) -> bytes:
    """The sheets in their order; `created` is what the file says of itself, whenever it is written."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr(_entry("mimetype", ZIP_STORED), MEDIA_TYPE)
        for name, root in (
            ("META-INF/manifest.xml", _manifest()),
            ("meta.xml", _meta(title, created)),
            ("content.xml", _content(sheets)),
        ):
            archive.writestr(_entry(name), ET.tostring(root, encoding="utf-8", xml_declaration=True))
    return stream.getvalue()


def _entry(name: str, compression: int = ZIP_DEFLATED) -> ZipInfo:
    """Without the time of day, so that the same figures are the same file."""
    entry = ZipInfo(name)
    entry.compress_type = compression
    return entry


def _named(name: str) -> str:
    space, _, own = name.partition(":")
    return f"{{{SPACES[space]}}}{own}"


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    """A child; attributes are written `table__name` for `table:name`, and hyphens as single underscores."""
    made = ET.SubElement(parent, _named(name), _attributes(attributes))
    made.text = NO_XML.sub("\ufffd", text) or None
    return made


def _root(name: str, **attributes: str) -> ET.Element:
    return ET.Element(_named(name), _attributes(attributes))


def _attributes(given: dict[str, str]) -> dict[str, str]:
    return {
        _named(name.replace("__", ":").replace("_", "-")): NO_XML.sub("\ufffd", value)
        for name, value in given.items()
    }


def _manifest() -> ET.Element:
    root = _root("manifest:manifest", manifest__version=VERSION)
    for path, kind in (("/", MEDIA_TYPE), ("content.xml", "text/xml"), ("meta.xml", "text/xml")):
        _add(root, "manifest:file-entry", manifest__full_path=path, manifest__media_type=kind)
    return root


def _meta(title: str, created: datetime) -> ET.Element:
    root = _root("office:document-meta", office__version=VERSION)
    meta = _add(root, "office:meta")
    _add(meta, "meta:generator", "Takedown Desk")
    _add(meta, "dc:title", title)
    _add(meta, "meta:creation-date", f"{created:%Y-%m-%dT%H:%M:%S}")
    return root


def _content(sheets: Sequence[Sheet]) -> ET.Element:
    root = _root("office:document-content", office__version=VERSION)
    styles = _add(root, "office:automatic-styles")
    book = _add(_add(root, "office:body"), "office:spreadsheet")
    formats = dict.fromkeys(value.format for value in _values(sheets) if isinstance(value, Number))
    names = {form: f"n{number}" for number, form in enumerate(formats)}
    wide = sorted({width for sheet in sheets for width in widths(sheet)})
    _add_styles(styles, names, wide)
    for sheet in sheets:
        _add_sheet(book, sheet, names)
    return root


def _values(sheets: Iterable[Sheet]) -> Iterable[Value]:
    return (value for sheet in sheets for row in sheet.rows for value in row)


def _add_styles(styles: ET.Element, names: dict[Format, str], wide: Iterable[int]) -> None:
    for form, name in names.items():
        kind = "number:percentage-style" if form.is_share else "number:number-style"
        style = _add(styles, kind, style__name=f"{name}-number")
        _add(style, "number:number", number__decimal_places=str(form.places), number__min_integer_digits="1",
             number__min_decimal_places=str(form.places), number__grouping="true")  # fmt: skip
        if words := f"{'%' if form.is_share else ''}{form.words}":
            _add(style, "number:text", words)
        _add(styles, "style:style", style__name=name, style__family="table-cell",
             style__data_style_name=f"{name}-number")  # fmt: skip
    for name, size in (("title", "14pt"), ("head", "10pt")):
        style = _add(styles, "style:style", style__name=name, style__family="table-cell")
        _add(style, "style:text-properties", fo__font_weight="bold", fo__font_size=size)
    for width in wide:
        style = _add(styles, "style:style", style__name=f"w{width}", style__family="table-column")
        _add(style, "style:table-column-properties", style__column_width=f"{width * INCHES:.2f}in")


def _add_sheet(book: ET.Element, sheet: Sheet, names: dict[Format, str]) -> None:
    table = _add(book, "table:table", table__name=sheet.name)
    for width in widths(sheet):
        _add(table, "table:table-column", table__style_name=f"w{width}")
    _add_row(table, [sheet.title], names, "title")
    _add_row(table, [], names)
    _add_row(table, sheet.heads, names, "head")
    for values in sheet.rows:
        _add_row(table, values, names)
    if sheet.note:
        _add_row(table, [], names)
        _add_row(table, [sheet.note], names)


def _add_row(table: ET.Element, values: Sequence[Value], names: dict[Format, str], style: str = "") -> None:
    row = _add(table, "table:table-row")
    for value in values or [""]:
        if isinstance(value, Number):
            _add_number(row, value, names[value.format])
        elif value:
            dressed = {"table__style_name": style} if style else {}
            cell = _add(row, "table:table-cell", office__value_type="string", **dressed)
            for line in value.split("\n"):
                _add(cell, "text:p", line)
        else:
            _add(row, "table:table-cell")


def _add_number(row: ET.Element, number: Number, style: str) -> None:
    form = number.format
    shown = number.value * 100 if form.is_share else number.value
    kind = "percentage" if form.is_share else "float"
    cell = _add(row, "table:table-cell", office__value_type=kind, office__value=repr(number.value),
                table__style_name=style)  # fmt: skip
    _add(cell, "text:p", f"{shown:,.{form.places}f}{'%' if form.is_share else ''}{form.words}")
