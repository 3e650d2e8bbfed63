"""What a figure is made by, beside the records: stored with every frozen one."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings

SOURCES = ("*.py", "*.sql")


@cache
def code_version() -> str:
    """The product's version, and the first twelve digits of the SHA-256 over the sources of this app's figures.

    Equal sources give equal digits, wherever they are installed.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in here.glob(pattern)):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return f"{settings.VERSION}+{digest.hexdigest()[:12]}"
