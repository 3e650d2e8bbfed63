"""The lines of a notice as a spreadsheet that a platform can fill in and send back (see `answer_files`)."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import xlsxwriter

from accounts.cells import harmless
from casework.models import Claim
from notices.models import Notice, RefusalCode

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KNOWN = ("line", "reference", "address", "kind", "identifier")
ANSWERED = ("answer", "refusal_code", "effective_at", "territories", "platform_reference", "note")
COLUMNS = (*KNOWN, *ANSWERED)
WIDTHS = (6, 14, 60, 12, 24, 24, 24, 24, 14, 24, 50)
HEADER = 0
WRITTEN_AT = datetime(2000, 1, 1, tzinfo=UTC)  # the same lines give the same bytes


def line_table(notice: Notice) -> bytes:
    """CSV, UTF-8 with a mark that spreadsheets understand; the columns of the answer are left empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for known in _known(notice):
        writer.writerow([harmless(cell) for cell in known] + [""] * len(ANSWERED))
    return out.getvalue().encode("utf-8-sig")


def line_sheet(notice: Notice) -> bytes:
    """The same as XLSX, with lists to choose answer and reason from; nothing in it is a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": f"Notice {notice.reference}", "created": WRITTEN_AT.replace(tzinfo=None)})
    head = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(notice.reference)
    sheet.freeze_panes(1, 1)
    for place, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
        sheet.set_column(place, place, width, text if name in ANSWERED else None)
        sheet.write_string(HEADER, place, name, head)
    last = 0
    for last, known in enumerate(_known(notice), 1):
        for place, cell in enumerate(known):
            sheet.write_string(last, place, harmless(cell))
    for name, values in (("answer", Claim.values), ("refusal_code", RefusalCode.values)):
        place = COLUMNS.index(name)
        sheet.data_validation(1, place, max(last, 1), place, {"validate": "list", "source": values})
    book.close()
    return out.getvalue()


def _known(notice: Notice) -> Iterator[tuple[str, ...]]:
    for line in notice.lines.select_related("item").order_by("position"):
        item = line.item
        yield str(line.position), item.reference, line.address, item.kind, item.identifier
