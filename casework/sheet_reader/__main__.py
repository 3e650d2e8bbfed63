"""Reads the first sheet that is shown of an XLSX or ODS file row by row; a program of its own, under limits.

It holds one row at a time: repeated and far-away cells cost nothing. Nothing is unpacked to a name that the archive
gives, no formula is run (the value that the file stores with it is read), no declared document type is followed.

    python -m casework.sheet_reader xlsx|ods < FILE
        a line of JSON a row, [number, [texts]]; rows without text are left out
        {"code": …, "message": …} as the last line if the file is refused
"""

import json
import os
import resource
import sys
import zipfile
import zlib
from xml.parsers import expat

from casework.sheet_reader.archive import Refused, opened
from casework.sheet_reader.ods import ods_rows
from casework.sheet_reader.xlsx import xlsx_rows

MOST_MEMORY = 512 * 1024**2
MOST_SECONDS = 300
FAULTS = (
    zipfile.BadZipFile, expat.ExpatError, zlib.error, KeyError, IndexError, ValueError, EOFError, OSError,
    NotImplementedError, RuntimeError, StopIteration,
)  # fmt: skip


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(form: str) -> int:
    """Print the rows; always 0, as only the limits end it otherwise."""
    say = json.JSONEncoder(check_circular=False).encode
    try:
        with opened(sys.stdin.buffer, form) as archive:
            for row in (xlsx_rows if form == "xlsx" else ods_rows)(archive):
                sys.stdout.write(say(row) + "\n")
    except Refused as refused:
        print(say({"code": refused.code, "message": refused.message}))
    except BrokenPipeError:
        os._exit(0)
    except FAULTS:
        print(say({"code": "not_a_sheet", "message": f"The file is not a readable {form.upper()} file."}))
    return 0


if __name__ == "__main__":
    limit()
    sys.exit(main(sys.argv[1]))
