"""S17: removals that fall in the period, whatever their cohort; a count, never a rate (statistics.md, section 2)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any, NamedTuple

from reports.facts import DESCRIBED, HERE, Scope, check_groupings, reading, statement
from reports.measures import NUMERATOR
from reports.tallies import Key

COLLATERAL = (HERE / "collateral.sql").read_text(encoding="utf-8").replace("{described}", DESCRIBED)
MONTH = "to_char(began, 'YYYY-MM')"


class Flow(NamedTuple):
    """Items of one kind removed in one month of London's; `earlier` than the period, or in it."""

    key: Key
    kind: str
    month: str
    earlier: bool
    number: int


@dataclass
class Removals:
    """The flows of one group."""

    kinds: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    collateral: Counter[str] = field(default_factory=Counter)
    before: int = 0
    first: str | None = None  # month of the first removal on record

    def stated(self) -> dict[str, Any]:
        """S17; `cumulative` counts to the end of each month, from the first removal on record in the month `since`."""
        months = sorted(self.months)
        totals = accumulate((self.months[month] for month in months), initial=self.before)
        return {
            "removed": self.months.total(),
            "by_kind": dict(sorted(self.kinds.items())),
            "by_month": {month: self.months[month] for month in months},
            "since": self.first,
            "before": self.before,
            "cumulative": dict(zip(months, islice(totals, 1, None), strict=True)),
            "collateral": {
                "removed": self.collateral.total(),
                "by_month": dict(sorted(self.collateral.items())),
            },
        }

    def add(self, flow: Flow) -> None:
        self.first = min(filter(None, (self.first, flow.month)))
        if flow.earlier:
            self.before += flow.number
        else:
            self.kinds[flow.kind] += flow.number
            self.months[flow.month] += flow.number


def by_group(scope: Scope, by: Sequence[str] = ()) -> dict[Key, Removals]:
    """The removals of each group, all under `()`; where grouped by month, it is the month of the removal.

    A group without any is not there. Raises as `check_groupings`.
    """
    check_groupings(by)
    groups: dict[Key, Removals] = defaultdict(Removals)
    for flow in _removed(scope, by):
        for key in {(), flow.key}:
            groups[key].add(flow)
    for flow in _collateral(scope, by):
        for key in {(), flow.key}:
            groups[key].collateral[flow.month] += flow.number
    return groups


def _removed(scope: Scope, by: Sequence[str]) -> Iterator[Flow]:
    """Of all cohorts: what S04 would count at the as-at, by the time of its removal."""
    sql = statement(dict.fromkeys([*by, "kind", "outcome", "removed_at"]))
    return _flows(sql, "facts", "outcome = ANY (%(down)s)", scope, by)


def _collateral(scope: Scope, by: Sequence[str]) -> Iterator[Flow]:
    return _flows(COLLATERAL, "collateral", "removed_at >= %(begin)s", scope, by)


def _flows(sql: str, table: str, condition: str, scope: Scope, by: Sequence[str]) -> Iterator[Flow]:
    """The flows of a statement's table up to the period's end; months are named once they are counted."""
    names = "".join(f"{MONTH if name == 'month' else name}, " for name in by)
    own = "".join(f"{name}, " for name in by if name not in ("month", "kind"))
    sql = f"""{sql}, counted AS (
            SELECT {own}kind, date_trunc('month', removed_at AT TIME ZONE 'Europe/London') AS began,
                   removed_at < %(begin)s AS earlier, count(*) AS number
            FROM {table} WHERE {condition} AND removed_at < %(until)s GROUP BY {own}kind, began, earlier
        ) SELECT {names}kind, {MONTH}, earlier, number FROM counted"""  # noqa: S608 - all names are ours
    parameters = {
        **scope.parameters(), "begin": scope.period.since, "since": "-infinity", "down": list(NUMERATOR),
    }  # fmt: skip
    with reading(parameters) as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
    width = len(by)
    return (Flow(tuple(row[:width]), *row[width:]) for row in found)
