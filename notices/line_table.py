"""The lines of a notice as a spreadsheet that a platform can fill in and send back (see `answer_files`)."""

import csv
import io
from datetime import UTC, datetime

import xlsxwriter

from accounts.cells import harmless
from notices.answer_rules import claims_for
from notices.disclosed import DisclosedLine, disclose
from notices.models import Notice, RefusalCode

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KNOWN = ("line", "reference", "address", "kind", "identifier")
ANSWERED = ("answer", "refusal_code", "effective_at", "territories", "platform_reference", "note")
COLUMNS = (*KNOWN, *ANSWERED)
MARKING = "marking"  # a last column, where the notice is marked; passed over when it comes back
WIDTHS = (6, 14, 60, 12, 24, 24, 24, 24, 14, 24, 50)
HEADER = 0
WRITTEN_AT = datetime(2000, 1, 1, tzinfo=UTC)  # the same lines give the same bytes


def line_table(notice: Notice) -> bytes:
    """CSV, UTF-8 with a mark that spreadsheets understand; the columns of the answer are left empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    told = disclose(notice)
    marked = [told.marking] if told.marking else []
    writer.writerow([*COLUMNS, MARKING] if marked else COLUMNS)
    for line in told.lines:
        writer.writerow([harmless(cell) for cell in (*_known(line), *[""] * len(ANSWERED), *marked)])
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
    told, last = disclose(notice), 0
    if told.marking or told.handling:
        marks = "\n".join(filter(None, (told.marking, told.handling))).replace("&", "&&")[:250]
        sheet.set_header(f"&C{marks}")
        sheet.set_footer(f"&C{marks}")
    if told.marking:
        sheet.write_string(HEADER, len(COLUMNS), MARKING, head)
    for last, line in enumerate(told.lines, 1):
        for place, cell in enumerate(_known(line)):
            sheet.write_string(last, place, harmless(cell))
        if told.marking:
            sheet.write_string(last, len(COLUMNS), harmless(told.marking))
    for name, values in (
        ("answer", [claim.value for claim in claims_for(notice)]),
        ("refusal_code", RefusalCode.values),
    ):
        place = COLUMNS.index(name)
        sheet.data_validation(1, place, max(last, 1), place, {"validate": "list", "source": values})
    book.close()
    return out.getvalue()


def _known(line: DisclosedLine) -> tuple[str, ...]:
    return str(line.position), line.reference, line.address, line.kind, line.identifier
