"""The annual table (S20) with what it is about, as pages, the command and files have it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.cells import Echo
from casework.models import Category
from platforms.models import Platform
from reports.copies import UNFROZEN
from reports.definitions import DEFINITIONS
from reports.exports import neutral
from reports.facts import Scope
from reports.figures import heading
from reports.open_document import ods
from reports.provenance import code_version
from reports.provider_actions import (
    ACTIONS,
    CODES,
    COLUMNS,
    EVERY_PROVIDER,
    OF_ANSWER,
    Row,
    keywords_of,
    publishable_rows,
    read,
)
from reports.sheets import sheets
from reports.tabulation import Cell, Hours, Table, scope_of_copy
from reports.workbooks import xlsx

TITLE = "Notices by provider, type of content and action taken"
FOR_THE_PUBLIC = "Counts below {threshold}, and what would give them away, are left out (“c”)"
NOTE = "Notices, lines and median are of the provider and type; the counts of the actions sum to the lines."
KIND, MEDIAN = "Type of content", "Median to decision"
NO_STATEMENT = "None is set (INDEPENDENCE_STATEMENT)."


@dataclass(frozen=True)
class AnnualTable:
    """`rows` have the keys of `COLUMNS`; `about` says scope, as-at and what kind of copy it is."""

    heading: Mapping[str, Any]
    rows: Sequence[Row]
    mark: str

    def document(self) -> dict[str, Any]:
        return {**self.heading, "status": self.mark, "independence": independence(), "S20": list(self.rows)}

    def csv_lines(self) -> Iterator[str]:
        """The columns of the report's format, one line for each action; nothing as an empty cell."""
        writer = csv.writer(Echo())
        yield writer.writerow(COLUMNS)
        for row in self.rows:
            yield writer.writerow([neutral(row[name]) for name in COLUMNS])

    def written(self, form: str) -> bytes:
        """The file; equal tables give equal bytes. Raises `KeyError` for a form that is none."""
        if form == "csv":
            return "".join(self.csv_lines()).encode()
        write = {"ods": ods, "xlsx": xlsx}[form]
        created = datetime.fromisoformat(self.heading["as_at"])
        return write(sheets(self.about(), TITLE, [self.table(), CODE_TABLE]), title=TITLE, created=created)

    def about(self) -> Iterator[tuple[str, str]]:
        """What the table is, for the first sheet."""
        yield from scope_of_copy(self.heading, self.mark)
        yield "Code version", code_version()
        yield "Definition", f"{DEFINITIONS['S20'].numerator}; of: {DEFINITIONS['S20'].denominator}"
        yield "Independence", independence()

    def table(self) -> Table:
        """The rows as they are, with names for people."""
        names, kinds = provider_names(), category_names()
        rows: list[tuple[Cell, ...]] = [
            (
                names.get(row["provider"], row["provider"]), _kind(row, kinds), row["notices"], row["lines"],
                ACTIONS[row["action"]], row["count"], Hours(row["median_hours_to_decision"]),
            )
            for row in self.rows
        ]  # fmt: skip
        heads = ("Provider", KIND, "Notices", "Lines", "Action", "Lines with it", MEDIAN)
        return Table("S20", TITLE, heads, rows, NOTE)

    def by_provider(self) -> list[Table]:
        """For reading: a table for each provider, its types of content down and the actions that occur across."""
        names, kinds = provider_names(), category_names()
        taken = {row["action"] for row in self.rows}
        actions = [action for action in ACTIONS if action in taken]
        heads = (KIND, "Notices", "Lines", *(ACTIONS[action] for action in actions), MEDIAN)
        return [
            Table("S20", names.get(provider, provider), heads, _across(rows, actions, kinds))
            for provider, rows in _together(self.rows, "provider").items()
        ]


def _across(rows: Sequence[Row], actions: Sequence[str], kinds: Mapping[str, str]) -> list[tuple[Cell, ...]]:
    found: list[tuple[Cell, ...]] = []
    for parts in _together(rows, "category").values():
        counts = {row["action"]: row["count"] for row in parts}
        one = parts[0]
        own = (counts.get(action, 0) for action in actions)
        found.append(
            (_kind(one, kinds), one["notices"], one["lines"], *own, Hours(one["median_hours_to_decision"]))
        )
    return found


def _together(rows: Sequence[Row], name: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return found


def _kind(row: Row, kinds: Mapping[str, str]) -> str:
    return kinds.get(row["category"], row["category"] or "none")


def of_scope(scope: Scope, *, threshold: int | None = None) -> AnnualTable:
    """The table of a scope as it is asked for now; with a threshold, as it may be published."""
    rows = read(scope, keywords())
    mark = UNFROZEN if threshold is None else FOR_THE_PUBLIC.format(threshold=threshold)
    return AnnualTable(heading(scope), rows if threshold is None else publishable_rows(rows, threshold), mark)


def keywords() -> dict[str, str]:
    """The transparency database's keyword of every category."""
    return keywords_of(dict(Category.objects.values_list("slug", "parent__slug")))


def provider_names() -> dict[str, str]:
    return {**dict(Platform.objects.values_list("slug", "name")), EVERY_PROVIDER: "All providers"}


def category_names() -> dict[str, str]:
    return dict(Category.objects.values_list("slug", "name"))


def independence() -> str:
    """How the office says that it keeps its independence."""
    return settings.INDEPENDENCE_STATEMENT or NO_STATEMENT


CODE_TABLE = Table(
    "",
    "Codes",
    ("Answer", "Counts as", "Code of the European transparency database"),
    [(answer, ACTIONS[action], CODES.get(answer, "none")) for answer, action in OF_ANSWER.items()],
)
