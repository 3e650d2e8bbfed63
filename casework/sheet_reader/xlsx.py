"""The first sheet of an XLSX file that is shown; texts that cells share wait in a file, by number."""

import os
import posixpath
import re
import tempfile
import zipfile
from array import array
from datetime import datetime, timedelta

from casework.sheet_reader.documents import Rows, Sheet, Texts, each_element, local, number

DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(50, 59)}
NO_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
PLACE = re.compile(r"([A-Z]{1,3})[0-9]*")


class Strings(Texts):
    """The texts that cells share, by number; they wait in a file."""

    def __init__(self) -> None:
        super().__init__()
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as we are)
        self.ends = array("Q", [0])
        self.aside = False

    def start(self, name: str, given: dict[str, str]) -> None:
        name = local(name)
        if name == "rPh":
            self.aside = True
        self.listening = name == "t" and not self.aside

    def end(self, name: str) -> None:
        name = local(name)
        self.listening = False
        if name == "rPh":
            self.aside = False
        elif name == "si":
            kept = plain("".join(self.parts)).encode()
            self.file.write(kept)
            self.ends.append(self.ends[-1] + len(kept))
            self.anew()

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError
        begin, end = self.ends[number], self.ends[number + 1]
        return os.pread(self.file.fileno(), end - begin, begin).decode()


def plain(text: str) -> str:
    """Text without the escapes that XLSX has for characters XML cannot hold."""
    if "_x" not in text:
        return text
    return ESCAPED.sub(lambda found: _character(found[0], int(found[1], 16)), text)


def _character(escape: str, number: int) -> str:
    return escape if 0xD800 <= number < 0xE000 else chr(number)


class XlsxSheet(Sheet):
    def __init__(self, strings: Strings, dates: list[bool], first_day: datetime) -> None:
        super().__init__()
        self.strings, self.dates, self.first_day = strings, dates, first_day
        self.column, self.kind, self.style = -1, "n", 0
        self.aside = False

    def start(self, name: str, given: dict[str, str]) -> None:
        name = local(name)
        if name == "c":
            place = PLACE.match(given.get("r", ""))
            self.column = column(place[1]) if place else self.column + 1
            self.kind, self.style = given.get("t", "n"), int(given.get("s", 0))
            self.anew()
        elif name == "row":
            number = int(given.get("r", self.number + 1))
            if number <= self.number:
                raise ValueError("rows out of order")
            self.number, self.column = number, -1
        elif name == "rPh":
            self.aside = True
        else:
            self.listening = name in {"v", "t"} and not self.aside

    def end(self, name: str) -> None:
        name = local(name)
        self.listening = False
        if name == "c":
            if self.parts:
                self.put(self.column, self.value("".join(self.parts)))
        elif name == "row":
            self.finish()
        elif name == "rPh":
            self.aside = False
        elif name == "sheetData":
            self.over = True

    def value(self, text: str) -> str:
        if self.kind == "s":
            return self.strings[int(text)]
        if self.kind == "n":
            if self.style < len(self.dates) and self.dates[self.style]:
                return moment(text, self.first_day)
            return number(text)
        return ("FALSE", "TRUE")[text == "1"] if self.kind == "b" else plain(text)


def column(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def moment(text: str, first_day: datetime) -> str:
    """A day, a time, or both, in ISO 8601."""
    days = float(text)
    try:
        found = first_day + timedelta(seconds=round(days * 86_400))
    except (OverflowError, ValueError):
        return number(text)
    if 0 <= days < 1:
        return found.time().isoformat()
    return found.date().isoformat() if days.is_integer() else found.isoformat()


def xlsx_rows(archive: zipfile.ZipFile) -> Rows:
    book = next(iter(related(archive, "").get("officeDocument", {}).values()))
    parts = related(archive, book)
    shown: list[str] = []
    hidden: list[str] = []
    first_day = datetime(1899, 12, 30)

    def seen(name: str, given: dict[str, str]) -> None:
        nonlocal first_day
        if name == "sheet":
            (shown if given.get("state", "visible") == "visible" else hidden).append(given["id"])
        elif name == "workbookPr" and given.get("date1904") in {"1", "true"}:
            first_day = datetime(1904, 1, 1)

    each_element(archive, book, seen)
    found = next(parts["worksheet"][sheet] for sheet in shown + hidden if sheet in parts["worksheet"])
    strings = Strings()
    for name in parts.get("sharedStrings", {}).values():
        with archive.open(name) as stream:
            list(strings.read(stream))
    strings.file.flush()
    with archive.open(found) as stream:
        yield from XlsxSheet(strings, date_styles(archive, parts), first_day).read(stream)


def related(archive: zipfile.ZipFile, part: str) -> dict[str, dict[str, str]]:
    """The parts that one names, by kind and by its name for them."""
    folder, name = posixpath.split(part)
    found: dict[str, dict[str, str]] = {}

    def seen(element: str, given: dict[str, str]) -> None:
        if element == "Relationship" and given.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, given["Target"]))
            found.setdefault(given["Type"].rpartition("/")[2], {})[given["Id"]] = target.lstrip("/")

    each_element(archive, posixpath.join(folder, "_rels", f"{name}.rels"), seen)
    return found


def date_styles(archive: zipfile.ZipFile, parts: dict[str, dict[str, str]]) -> list[bool]:
    """Whether a number shows as a date or time, by the number of the cell's style."""
    formats: dict[int, str] = {}
    styles: list[int] = []
    inside = False

    def seen(name: str, given: dict[str, str]) -> None:
        nonlocal inside
        if name == "numFmt":
            formats[int(given["numFmtId"])] = given.get("formatCode", "")
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            styles.append(int(given.get("numFmtId", 0)))

    for name in parts.get("styles", {}).values():
        each_element(archive, name, seen)
    return [
        bool(re.search("[dmyhs]", NO_DATE.sub("", formats[style]).split(";")[0], re.IGNORECASE))
        if style in formats
        else style in DATE_FORMATS
        for style in styles
    ]
