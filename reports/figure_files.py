"""The figures of a document as files: CSV, ODS and XLSX, each with what the figures are about."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls.converters import StringConverter

from accounts.cells import Echo, harmless
from reports.clusters import SEED
from reports.copies import Copy, copy_of, unfrozen
from reports.exports import neutral
from reports.facts import Scope
from reports.figures import figures
from reports.models import Edition
from reports.open_document import MEDIA_TYPE, ods
from reports.provenance import code_version
from reports.sheets import sheets, stated
from reports.tabulation import Table, about, tables
from reports.workbooks import xlsx

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "ods": MEDIA_TYPE,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PARTS = {2: ("low", "high"), 3: ("value", "low", "high")}  # what a list of so many numbers holds
Names = Mapping[str, str]


class FormConverter(StringConverter):
    """A form of file in an address."""

    regex = "|".join(FORMS)


@dataclass(frozen=True)
class Report:
    """A document with what a copy of it says of itself, and further tables; `names` are platforms' by slug."""

    document: Mapping[str, Any]
    names: Names
    copy: Copy
    code: str
    seed: int
    more: tuple[Table, ...] = ()

    def written(self, form: str) -> bytes:
        """The file; equal reports give equal bytes. Raises `KeyError` for a form that is none."""
        if form == "csv":
            return "".join(self.csv_lines()).encode()
        write = {"ods": ods, "xlsx": xlsx}[form]
        parts = [*tables(self.document, self.names), *self.more, *_revisions(self.copy)]
        created = datetime.fromisoformat(self.document["as_at"])
        return write(sheets(self.about(), self.copy.title, parts), title=self.copy.title, created=created)

    def about(self) -> Iterator[tuple[str, str]]:
        """What the figures are, for the first sheet and the first lines."""
        yield "Title", self.copy.title
        yield "Edition", self.copy.reference
        yield from about(self.document, self.copy.mark)
        yield "Code version", self.code
        yield "Random seed", str(self.seed)
        if held_back := self.document.get("disclosure"):
            yield "Withheld", f"“c”: counts below {held_back['threshold']}, and what would give them away"
            if base := held_back["base"]:
                yield "Rounded", f"Counts to the nearest {base}; rates are of rounded counts"

    def csv_lines(self) -> Iterator[str]:
        """One line for each figure, as the document has it: `statistic`, the groupings, `measure`, `value`."""
        groups = self.document["groups"]
        keys = list(dict.fromkeys(name for group in groups for name in group["group"]))
        writer, none = csv.writer(Echo()), [""] * len(keys)
        yield writer.writerow(["statistic", *keys, "measure", "value"])
        for name, text in self.about():
            yield writer.writerow(["about", *none, name, harmless(text)])
        for group in groups:
            place = [neutral(group["group"].get(name) or "") for name in keys]
            measures = {code: measure for code, measure in group.items() if code != "group"}
            for (code, *path), value in leaves(measures):
                yield writer.writerow([code, *place, harmless(".".join(path)), neutral(value)])
        for (code, *path), value in leaves({"S19": self.document.get("S19", {})}):
            yield writer.writerow([code, *none, harmless(".".join(path)), neutral(value)])


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every figure by its path; the numbers of an interval as `low` and `high`."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from leaves(part, (*path, str(name)))
    elif isinstance(value, list):
        plain = not any(isinstance(part, Mapping | list) for part in value)
        named = PARTS.get(len(value)) if plain else None
        for name, part in zip(named or map(str, range(len(value))), value, strict=True):
            yield from leaves(part, (*path, name))
    else:
        yield path, value


def _revisions(copy: Copy) -> Iterator[Table]:
    if copy.changes:
        rows = [
            (change.group, change.figure, stated(change.old), stated(change.new)) for change in copy.changes
        ]
        heads = ("Group", "Figure", "Before", "Now [r]")
        yield Table("", "Revisions", heads, rows)  # type: ignore[arg-type] # a float is a figure as it is


def of_scope(scope: Scope, names: Names) -> Report:
    """The figures of a scope by platform, as they are asked for now."""
    return Report(figures(scope, ["platform"]), names, unfrozen(), code_version(), SEED)


def of_edition(edition: Edition, names: Names) -> Report:
    """The figures of an edition as they were frozen."""
    frozen = edition.frozen
    assert frozen is not None
    return Report(frozen.figures, names, copy_of(edition), frozen.code_version, frozen.seed)
