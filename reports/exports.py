"""Episode rows as CSV that a spreadsheet opens as what it is: no cell of it is taken for a formula."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.cells import Echo, harmless
from reports.facts import PRINTED, WINDOWS, Episode, printed

PLAIN = tuple(name for name in PRINTED if name != "within")
COLUMNS = (*PLAIN, *(f"within_{name}" for name in WINDOWS))


def csv_lines(rows: Iterable[Episode]) -> Iterator[str]:
    """The header and one line per row, ending in CRLF; times in UTC, nothing as an empty cell."""
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for row in rows:
        values = printed(row)
        cells = [*(values[name] for name in PLAIN), *(values["within"].get(name) for name in WINDOWS)]
        yield writer.writerow([neutral(cell) for cell in cells])


def neutral(cell: Any) -> Any:
    """Text that a spreadsheet would compute, made harmless; truth as yes and no."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return harmless(cell) if isinstance(cell, str) else cell
