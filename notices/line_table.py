"""The lines of a notice as a spreadsheet that a platform can fill in and send back."""

import csv
import io
import re

from notices.models import Notice

COLUMNS = ("line", "reference", "address", "kind", "identifier", "answer", "refusal_code", "effective_at",
           "territories", "platform_reference", "note")  # fmt: skip
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\ufeff", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NEGATIVE = re.compile(r"-\d+(\.\d+)?")


def line_table(notice: Notice) -> bytes:
    """CSV, UTF-8 with a mark that spreadsheets understand; the columns of the answer are left empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in notice.lines.select_related("item").order_by("position"):
        item = line.item
        known = (str(line.position), item.reference, line.address, item.kind, item.identifier)
        writer.writerow([harmless(cell) for cell in known] + [""] * (len(COLUMNS) - len(known)))
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The text as a cell that no spreadsheet runs; a plain negative number stays one."""
    return f"'{cell}" if cell.startswith(RUNS) and not NEGATIVE.fullmatch(cell) else cell
