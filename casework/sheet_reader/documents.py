"""XML documents read in blocks, one row at hand: what XLSX and ODS share."""

import re
import zipfile
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from casework.sheet_reader.archive import Refused

MOST_CELL = 32_768  # one more than a cell can hold
MOST_COLUMNS = 200  # what stands further right shares the last place
MOST_REPEATS = 2**20
BLOCK = 64 * 1024
DIGITS = re.compile(r"-?[0-9]{1,40}")

Rows = Iterator[tuple[int, list[str]]]


class Document:
    """An XML document read in blocks; subclasses say what its elements mean."""

    def __init__(self) -> None:
        self.ready: list[tuple[int, list[str]]] = []
        self.over = False

    def start(self, name: str, given: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, part: str) -> None: ...

    def read(self, stream: IO[bytes]) -> Rows:
        """Rows as they are complete; a declared document type ends it before anything is expanded."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_declaration
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        while not self.over:
            block = stream.read(BLOCK)
            parser.Parse(block, not block)
            yield from self.ready
            self.ready.clear()
            if not block:
                return


def _refuse_declaration(*_: object) -> None:
    raise Refused("entities", "The file declares entities of its own; save it anew from a spreadsheet.")


def local(name: str) -> str:
    return name.rpartition(":")[2]


class Elements(Document):
    """Calls `seen` with the local name and the attributes of every element of a small document."""

    def __init__(self, seen: Callable[[str, dict[str, str]], None]) -> None:
        super().__init__()
        self.seen = seen

    def start(self, name: str, given: dict[str, str]) -> None:
        self.seen(local(name), {local(key): value for key, value in given.items()})


def each_element(archive: zipfile.ZipFile, name: str, seen: Callable[[str, dict[str, str]], None]) -> None:
    with archive.open(name) as stream:
        for _ in Elements(seen).read(stream):
            pass


class Texts(Document):
    """Gathers a cell's text while it is listening, never more than a cell can hold."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.length = 0
        self.listening = False

    def text(self, part: str) -> None:
        if self.listening and self.length < MOST_CELL:
            self.parts.append(part)
            self.length += len(part)

    def anew(self) -> None:
        self.parts, self.length = [], 0


class Sheet(Texts):
    """The row at hand."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.cells: list[str] = []

    def put(self, column: int, text: str, times: int = 1) -> None:
        """Columns from 0; nothing is kept for cells without text."""
        if not text:
            return
        last = min(column + times, MOST_COLUMNS + 1)
        column = min(column, MOST_COLUMNS)
        self.cells += [""] * (max(last, column + 1) - len(self.cells))
        self.cells[column:last] = [text[:MOST_CELL]] * max(1, last - column)

    def finish(self, times: int = 1) -> None:
        if self.cells:
            self.ready += [(self.number + ahead, self.cells) for ahead in range(min(times, MOST_REPEATS))]
        self.number += times - 1
        self.cells = []


def number(text: str) -> str:
    """Whole numbers without a fraction, to the last digit that the file holds."""
    if DIGITS.fullmatch(text):
        return text
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 10**17 else str(value)
