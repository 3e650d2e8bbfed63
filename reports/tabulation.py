"""The figures of a document as tables, as the report prints them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from accounts.showing import duration, percent, places_for
from reports.disclosure import WITHHELD
from reports.facts import WINDOWS
from reports.measures import EXCLUSIONS, NUMERATOR, OUTCOMES, share
from reports.showing import WINDOW_NAMES, base_mark

NOTHING = "\N{EN DASH}"
Group = Mapping[str, Any]
OVER_BATCHES = " Where batches are large, the interval is one over batches."
MARKS = {"few": "too few", "low": " (low base)"}
AGES = {
    "0-1d": "Up to 1 day", "1-2d": "1 to 2 days", "2-7d": "2 to 7 days", "7-28d": "7 to 28 days",
    "28d+": "More than 28 days",
}  # fmt: skip
RATES = (
    ("S06", "Removed, of items decided or verified down", ("S06",)),
    ("S07", "Removals that were looked at since", ("S07",)),
    ("S07", "Seen live, of those said to be down and looked at", ("S07", "contradiction")),
    ("S11", "Acknowledged by a person within 24 hours (notices)", ("S11", "acknowledged_24h")),
    ("S11", "Decided within 24 hours (notices)", ("S11", "decided_24h")),
    ("S11", "Decided within 7 days (notices)", ("S11", "decided_7d")),
    ("S11", "Any reaction by the as-at (notices)", ("S11", "feedback")),
    ("S12", "Refused at any time", ("S12",)),
    ("S12", "Down within 28 days after a refusal", ("S12", "overturned")),
    ("S13", "Live again within 28 days of removal", ("S13", "reinstated", "28d")),
    ("S13", "Copy found within 28 days of removal", ("S13", "reappeared", "28d")),
    ("S14", "Not reachable from the UK", ("S14", "not_reachable_uk")),
    ("S16", "Disputed", ("S16", "disputed")),
)


@dataclass(frozen=True)
class Share:
    """A proportion with its base, which says to how many places it is printed, or that it says too little."""

    value: Any
    of: Any


@dataclass(frozen=True)
class Hours:
    """A length of time in hours; None where it was not reached."""

    value: Any


Cell = str | int | None | Share | Hours


class Table(NamedTuple):
    """Each row begins with what it is about; `code` names the statistic."""

    code: str
    title: str
    heads: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    note: str = ""


def tables(document: Mapping[str, Any], names: Mapping[str, str]) -> list[Table]:
    """Every table of a document; `names` are those of platforms by slug. Withheld counts stay “c”."""
    total, *groups = document["groups"]
    parts = [make(total) for make in MADE]
    return [*parts[:3], *([_by_group(groups, names)] if groups else []), *parts[3:]]


def printed(cell: Cell) -> str:
    """A cell for a person."""
    if isinstance(cell, Share):
        return _percent(cell)
    if isinstance(cell, Hours):
        if cell.value is None:
            return "not reached"
        return cell.value if isinstance(cell.value, str) else duration(timedelta(hours=cell.value))
    return NOTHING if cell is None else f"{cell:,}" if isinstance(cell, int) else cell


def _percent(cell: Share) -> str:
    if WITHHELD in (cell.value, cell.of):
        return WITHHELD
    if cell.value is None:
        return "no items"
    mark = base_mark(cell.of)
    if mark == "few":
        return MARKS[mark]
    return percent(cell.value, places_for(cell.of)) + MARKS.get(mark, "")


def rate_cells(rate: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Numerator, denominator, rate, and the limits of its interval."""
    base = rate["denominator"]
    interval = rate.get("cluster_interval") or rate["interval"] or (None, None)
    low, high = (WITHHELD, WITHHELD) if interval == WITHHELD else interval
    return rate["numerator"], base, Share(rate["rate"], base), Share(low, base), Share(high, base)


RATE_HEADS = ("Counted", "Of", "Rate", "95% from", "95% to")


def windows(total: Group) -> Table:
    rows = [
        (
            WINDOW_NAMES[name],
            *rate_cells(rate := total["S05"][name]),
            rate["indeterminate"],
            rate["immature"],
            rate["held"],
        )
        for name in WINDOWS
    ]
    heads = ("Within", "Taken down", "Of mature items", *RATE_HEADS[2:], "Perhaps", "Not elapsed", "Held")
    clustered = any(rate.get("cluster_interval") for rate in total["S05"].values())
    note = "“Perhaps”: no look tells whether it was gone in time. It counts as not taken down."
    note += OVER_BATCHES if clustered else ""
    return Table("S05", "Taken down within a window", heads, rows, note)


def outcomes(total: Group) -> Table:
    eligible = total["S03"]["eligible"]
    rows: list[tuple[Cell, ...]] = [
        (OUTCOMES[name], count, _part(count, eligible), "yes" if name in NUMERATOR else "no")
        for name, count in total["S03"]["outcomes"].items()
    ]
    heads = ("Outcome", "Items", "Share", "Counts as taken down")
    return Table("S03", "Eligible items by outcome", heads, [*rows, ("Eligible", eligible, None, None)])


def exclusions(total: Group) -> Table:
    notified = total["S01"]["notified_items"]
    rows: list[tuple[Cell, ...]] = [
        (f"{code}: {EXCLUSIONS[code]}", count, _part(count, notified)) for code, count in total["S02"].items()
    ]
    rows += [("Eligible", total["S03"]["eligible"], None), ("Notified", notified, None)]
    return Table("S02", "Notified items left out", ("Why", "Items", "Share of notified"), rows)


def _part(count: Any, whole: Any) -> Share:
    return Share(WITHHELD if WITHHELD in (count, whole) else share(count, whole), whole)


def _by_group(groups: list[Group], names: Mapping[str, str]) -> Table:
    rows = [
        (_named(group["group"], names), group["S01"]["notified_items"], *rate_cells(group["S04"]),
         *rate_cells(group["S05"]["7d"])[1:3])
        for group in groups
    ]  # fmt: skip
    what = ", ".join(groups[0]["group"]).capitalize()
    heads = (
        what,
        "Notified",
        "Taken down",
        "Eligible",
        *RATE_HEADS[2:],
        "Mature at 7 days",
        "Rate within 7 days",
    )
    return Table("S04", f"Taken down to date, by {what.lower()}", heads, rows)


def _named(group: Mapping[str, str | None], names: Mapping[str, str]) -> str:
    return ", ".join(
        names.get(value or "", value or "none") if name == "platform" else value or "none"
        for name, value in group.items()
    )


def _others(total: Group) -> Table:
    rows = [(f"{name} ({code})", *rate_cells(_at(total, path))) for code, name, path in RATES]
    note = "S06 is not to be quoted without S04. “Decided” and “acknowledged” are not “taken down”."
    return Table("", "Answers, verification and what came after", ("What", *RATE_HEADS), rows, note)


def _at(total: Group, path: tuple[str, ...]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = total
    for name in path:
        found = found[name]
    return found


def times(total: Group) -> Table:
    s08 = total["S08"]
    rows: list[tuple[Cell, ...]] = []
    for name in WINDOWS:
        still = (s08["survival"] or {}).get(name)
        live, low, high = (still,) * 3 if still in (None, WITHHELD) else still[:3]
        rows.append((WINDOW_NAMES[name], *(Share(value, s08["n"]) for value in (live, low, high))))
    lengths = [("Half", "median_hours"), ("Three quarters", "p75_hours"), ("Nine tenths", "p90_hours")]
    told = "; ".join(f"{words}: {printed(Hours(s08[name]))}" for words, name in lengths)
    note = (
        f"{printed(s08['events'])} removals among {printed(s08['n'])} items at risk. Removed by then (needs ten"
        f" removals): {told}. Refused items stay at risk; deletion by the uploader, a block or a hold ends it."
    )
    return Table("S08", "Still live after notice", ("After", "Live", "95% from", "95% to"), rows, note)


def backlog(total: Group) -> Table:
    s18 = total["S18"]
    rows: list[tuple[Cell, ...]] = [
        (AGES[age], count, _part(count, s18["live"])) for age, count in s18["by_age"].items()
    ]
    heads = ("Since notice", "Items", "Share of live")
    return Table("S18", "Live at the as-at, by age", heads, [*rows, ("Live", s18["live"], None)])


def flow(total: Group) -> Table:
    s17 = total["S17"]
    aside = s17["collateral"]["by_month"]
    rows: list[tuple[Cell, ...]] = [
        (month, s17["by_month"].get(month, 0), aside.get(month, 0))
        for month in sorted({*s17["by_month"], *aside})
    ]
    heads = ("Month", "Notified items removed", "Not notified, gone with their account")
    return Table(
        "S17",
        "Removals recorded in the period",
        heads,
        rows,
        "A flow from any cohort: never divide it by items notified.",
    )


MADE: tuple[Callable[[Group], Table], ...] = (
    windows,
    outcomes,
    exclusions,
    _others,
    times,
    backlog,
    flow,
)


def about(document: Mapping[str, Any], mark: str) -> Iterator[tuple[str, str]]:
    """What every copy of the tables carries with it: `mark` says what kind of copy it is."""
    yield from scope_of_copy(document, mark)
    yield "Rows", str(document["rows"])
    yield "SHA-256 of the rows", document["rows_sha256"]


def scope_of_copy(document: Mapping[str, Any], mark: str) -> Iterator[tuple[str, str]]:
    """What a copy is about."""
    yield "Status", mark
    yield "Items notified from", document["period"]["from"]
    yield "Items notified to", f"{document['period']['to']} (included; days in Europe/London)"
    yield "As at", document["as_at"]
    yield "Known by", document["known_by"]
    for name, value in document["filters"].items():
        yield name.capitalize(), value
    yield "Definitions", f"version {document['definition_version']}"
