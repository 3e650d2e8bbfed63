"""Many files in one request: of each its SHA-256, its size and its bytes, one after the other."""

import re
from dataclasses import dataclass, field
from typing import IO, NamedTuple

from django.core.exceptions import ValidationError

from casework import captures, findings
from casework.models import CaptureKind

MOST = findings.MOST * len(CaptureKind.values)  # files: those of the largest batch of findings
LINE = re.compile(rb"([0-9a-f]{64}) ([0-9]{1,12})\n")
LONGEST_LINE = 100
BLOCK = 1024**2
NO_LINE = (
    "File {number} must begin with a line of its SHA-256 in hexadecimal, a space, and its size in bytes."
)


class RefusedFile(NamedTuple):
    sha256: str
    detail: str


@dataclass
class Received:
    """What became of the files of a bundle: how many were new, how many known, and which are not kept."""

    kept: int = 0
    known: int = 0
    refused: list[RefusedFile] = field(default_factory=list)


class _Part:
    """One file of a bundle, as a stream that ends where the file does."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self.stream, self.left = stream, size

    def read(self, size: int) -> bytes:
        part = self.stream.read(min(size, self.left))
        self.left -= len(part)
        return part

    def skip(self) -> None:
        while self.left and self.read(BLOCK):
            pass


def receive_bundle(stream: IO[bytes]) -> Received:
    """Keep each file that has the hash that stands before it; one that is refused does not hold up the others.

    Raises `ValidationError` where the bundle cannot be read on; the files before that are kept.
    """
    received = Received()
    for number in range(1, MOST + 2):
        line = stream.readline(LONGEST_LINE)
        if not line:
            return received
        if number > MOST:
            break
        _receive(stream, line, number, received)
    raise ValidationError({"file": f"A bundle has at most {MOST:,} files. Divide it."})


def _receive(stream: IO[bytes], line: bytes, number: int, received: Received) -> None:
    read = LINE.fullmatch(line)
    if not read:
        raise ValidationError({"file": NO_LINE.format(number=number)})
    sha256, part = read[1].decode(), _Part(stream, int(read[2]))
    try:
        if captures.receive(part, sha256=sha256):
            received.kept += 1
        else:
            received.known += 1
    except ValidationError as problem:
        received.refused.append(RefusedFile(sha256, " ".join(problem.messages)))
    part.skip()
    if part.left:
        raise ValidationError({"file": f"File {number} ends {part.left:,} bytes before its size."})
