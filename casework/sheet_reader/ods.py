"""The first sheet of an ODS file that is shown; what the file says is repeated is not written out."""

import zipfile

from casework.sheet_reader.documents import MOST_CELL, Rows, Sheet, local, number


class OdsSheet(Sheet):
    """Row by row; `times` are the repetitions that the file states instead of writing them out."""

    def __init__(self) -> None:
        super().__init__()
        self.column = self.depth = 0
        self.times = self.row_times = 1
        self.fixed: str | None = None
        self.paragraphs = 0
        self.aside = 0
        self.style = ""
        self.hidden: set[str] = set()

    def start(self, name: str, given: dict[str, str]) -> None:
        name = local(name)
        if self.aside or name in {"annotation", "shapes"} or self.hides(name, given):
            self.aside += 1
        elif name in {"table-cell", "covered-table-cell"}:
            said = {local(key): value for key, value in given.items()}
            self.times = max(1, int(said.get("number-columns-repeated", 1)))
            self.fixed = stated(said)
            self.anew()
            self.paragraphs = 0
        elif name == "table-row":
            self.row_times = max(1, int(given.get("table:number-rows-repeated", 1)))
            self.number, self.column = self.number + 1, 0
        elif name == "table":
            self.depth += 1
        elif name in {"p", "h"}:
            self.listening = True
            if self.paragraphs:
                self.text("\n")
            self.paragraphs += 1
        elif name in {"s", "tab", "line-break"}:
            count = min(int(given.get("text:c", 1)), MOST_CELL) if name == "s" else 1
            self.text({"s": " ", "tab": "\t", "line-break": "\n"}[name] * count)

    def hides(self, name: str, given: dict[str, str]) -> bool:
        """Whether this begins a sheet that is not shown: the styles, which stand before all sheets, say which."""
        if name == "style":
            self.style = given.get("style:name", "")
        elif name == "table-properties" and given.get("table:display") == "false":
            self.hidden.add(self.style)
        return name == "table" and given.get("table:style-name") in self.hidden

    def end(self, name: str) -> None:
        name = local(name)
        if self.aside:
            self.aside -= 1
        elif name in {"table-cell", "covered-table-cell"}:
            self.put(self.column, "".join(self.parts) if self.fixed is None else self.fixed, self.times)
            self.column += self.times
        elif name == "table-row":
            self.finish(self.row_times)
        elif name == "table":
            self.depth -= 1
            self.over = not self.depth
        elif name in {"p", "h"}:
            self.listening = False

    def text(self, part: str) -> None:
        if not self.aside:
            super().text(part)


def stated(said: dict[str, str]) -> str | None:
    """What the cell states apart from the text that it shows."""
    kind = said.get("value-type")
    if kind in {"float", "percentage", "currency"} and "value" in said:
        return number(said["value"])
    if kind == "boolean":
        return said.get("boolean-value", "").upper()
    return said.get("date-value") if kind == "date" else said.get("string-value")


def ods_rows(archive: zipfile.ZipFile) -> Rows:
    with archive.open("content.xml") as stream:
        yield from OdsSheet().read(stream)
