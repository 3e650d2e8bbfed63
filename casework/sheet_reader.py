"""Reads the first sheet of an XLSX or ODS file; a program of its own, which a hostile file may bring down.

Two cells in far corners make it ask for memory for all cells between: 5 kB become terabytes. So it runs under
limits, and whoever started it sees only that it ended.

    python sheet_reader.py < FILE     one JSON array of texts a row; exit 3 with a sentence on standard error
"""

import io
import itertools
import json
import resource
import sys

from python_calamine import CalamineError, CalamineWorkbook

MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 120
UNREADABLE = 3


def text(value: object) -> str:
    """A cell's text: whole numbers without a fraction, dates and times in ISO 8601."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    limit()
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        sheet = workbook.get_sheet_by_index(0)
        width = sheet.width + (sheet.start or (0, 0))[1]
        for cells in sheet.iter_rows():
            line = [text(cell) for cell in itertools.islice(cells, width)]
            sys.stdout.write(json.dumps(line) + "\n")
    except (CalamineError, IndexError, OSError, ValueError) as error:
        sys.stderr.write(str(error))
        return UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
