"""The addresses of the rows behind each number of an edition's tables."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.urls import reverse

from accounts.limits import FIRST_DAY
from reports.durations import AGES, LIVE
from reports.facts import WINDOWS
from reports.measures import NUMERATOR
from reports.periods import Period
from reports.restrictions import UNREACHABLE
from reports.showing import Rows
from reports.tabulation import RATES, Table, printed

Choice = Mapping[str, str]
ELIGIBLE: Choice = {"eligible": "1"}
# What a rate counts, and of what, by its path in the document.
BEHIND: Mapping[tuple[str, ...], tuple[Choice, Choice]] = {
    ("S06",): ({"outcome": ",".join(NUMERATOR)}, {"decided": "1"}),
    ("S07",): ({"set": "verified"}, {"set": "removals"}),
    ("S07", "contradiction"): ({"set": "seen_since"}, {"set": "looked_at_since"}),
    **{
        ("S11", name): ({"set": name}, {"set": f"{name}_due"})
        for name in ("acknowledged_24h", "decided_24h", "decided_7d")
    },
    ("S11", "feedback"): ({"set": "feedback"}, {"set": "notices"}),
    ("S12",): ({"set": "refused"}, ELIGIBLE),
    ("S12", "overturned"): ({"set": "overturned"}, {"set": "refused_due"}),
    **{
        ("S13", name, "28d"): ({"set": f"{name}_28d"}, {"set": "followed_28d"})
        for name in ("reinstated", "reappeared")
    },
    ("S14", "not_reachable_uk"): ({"outcome": ",".join(UNREACHABLE)}, ELIGIBLE),
    ("S16", "disputed"): ({"set": "disputed"}, ELIGIBLE),
}


class Linked(NamedTuple):
    """A cell of a table as it is printed, and the rows behind it; without, it is no number of its own."""

    text: str
    url: str = ""


def linked(table: Table, rows: Rows) -> list[list[Linked]]:
    """The rows of one of the tables S07 to S18 of a document's first group, for one scope."""
    urls = MADE[table.code](table, rows)
    return [
        [Linked(printed(cell), url) for cell, url in zip(row, ["", *found], strict=True)]
        for row, found in zip(table.rows, urls, strict=True)
    ]


def beneath(table: Table, total: Mapping[str, Any], rows: Rows) -> list[Linked]:
    """The counts that stand in the note alone of a table of `total`, the document's first group."""
    if table.code != "S08":
        return []
    removed, at_risk = (f"{total['S08'][name]:,}" for name in ("events", "n"))
    return [
        Linked(f"{removed} removals", rows.of(set="removed")),
        Linked(f"{at_risk} items at risk", rows.of(set="at_risk")),
    ]


def _rates(table: Table, rows: Rows) -> Iterator[list[str]]:
    for _, _, path in RATES:
        top, base = BEHIND[path]
        yield [rows.of(**top), rows.of(**base), "", "", ""]


def _times(table: Table, rows: Rows) -> Iterator[list[str]]:
    """A share still live leads to the items that were followed for longer."""
    for name in WINDOWS:
        yield [rows.of(set=f"live_after_{name}"), "", ""]


def _backlog(table: Table, rows: Rows) -> Iterator[list[str]]:
    for age in AGES:
        yield [rows.of(set=f"age_{age}"), ""]
    yield [rows.of(outcome=",".join(LIVE)), ""]


def _flow(table: Table, rows: Rows) -> Iterator[list[str]]:
    """Removals of whatever cohort: the rows of all that was notified up to the period's last day."""
    everything = rows.about(period=Period(FIRST_DAY, rows.scope.period.last))
    for month, *_ in table.rows:
        days = _within(str(month), rows.scope.period)
        removed = everything.of(
            outcome=",".join(NUMERATOR), removed=f"{days.first.isoformat()}..{days.last.isoformat()}"
        )
        yield [removed, replace(rows.about(period=days), base=reverse("reports:collateral")).of()]


def _within(month: str, period: Period) -> Period:
    """The days of the period that lie in the month."""
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(max(first, period.first), min(last, period.last))


MADE: Mapping[str, Callable[[Table, Rows], Iterator[list[str]]]] = {
    "": _rates,
    "S08": _times,
    "S18": _backlog,
    "S17": _flow,
}
