"""Cells of tables that leave the site: none of them does anything in the spreadsheet that opens it."""

import re

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\ufeff", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NEGATIVE = re.compile(r"-\d+(\.\d+)?")


class Echo:
    """What csv.writer writes to: hands each line straight on."""

    def write(self, text: str) -> str:
        return text


def harmless(cell: str) -> str:
    """The text as a cell that no spreadsheet runs; a plain negative number stays one."""
    return f"'{cell}" if cell.lstrip(" ").startswith(RUNS) and not NEGATIVE.fullmatch(cell) else cell
