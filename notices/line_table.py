"""The lines of a notice as a spreadsheet that a platform can fill in and send back."""

import csv
import io

from accounts.cells import harmless
from notices.models import Notice

COLUMNS = ("line", "reference", "address", "kind", "identifier", "answer", "refusal_code", "effective_at",
           "territories", "platform_reference", "note")  # fmt: skip


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
