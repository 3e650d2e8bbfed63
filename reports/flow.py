"""S17: removals that fall in the period, whatever their cohort; a count, never a rate (statistics.md, section 2)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate, islice
from typing import Any, NamedTuple

import numpy as np

from reports.columns import Array, Columns, moment
from reports.facts import DESCRIBED, HERE, Scope, check_groupings, reading
from reports.measures import NUMERATOR
from reports.periods import midnight
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


def by_group(columns: Columns, scope: Scope, by: Sequence[str] = ()) -> dict[Key, Removals]:
    """The removals of each group, all under `()`; where grouped by month, it is the month of the removal.

    `columns` are the scope's rows; those of earlier cohorts are read. A group without any is not there. Raises as
    `check_groupings`.
    """
    check_groupings(by)
    names = list(dict.fromkeys([*by, "kind", "outcome", "removed_at"]))
    groups: dict[Key, Removals] = defaultdict(Removals)
    for rows in (columns, Columns.read(scope, names, earlier=True)):
        for flow in _removed(rows, scope, by):
            for key in {(), flow.key}:
                groups[key].add(flow)
    for flow in _collateral(scope, by):
        for key in {(), flow.key}:
            groups[key].collateral[flow.month] += flow.number
    return groups


def _removed(columns: Columns, scope: Scope, by: Sequence[str]) -> Iterator[Flow]:
    """What S04 would count at the as-at, by the time of its removal."""
    down = columns.where(
        columns.is_("outcome", *NUMERATOR) & (columns.removed_at < moment(scope.period.until))
    )
    if not len(down):
        return
    months, numbers = _months(down.removed_at)
    values: dict[str, Sequence[str | None]] = {**down.values, "month": months}
    names = [*by, "kind", "month"]
    codes = [numbers if name == "month" else getattr(down, name) for name in names]
    shape = (*(len(values[name]) for name in names), 2)
    cells = np.ravel_multi_index((*codes, down.removed_at < moment(scope.period.since)), shape)
    found, counted = np.unique(cells, return_counts=True)
    places = zip(*(place.tolist() for place in np.unravel_index(found, shape)), strict=True)
    for (*told, earlier), number in zip(places, counted.tolist(), strict=True):
        *key, kind, month = (values[name][code] for name, code in zip(names, told, strict=True))
        yield Flow(tuple(key), str(kind), str(month), bool(earlier), number)


def _months(times: Array) -> tuple[list[str], Array]:
    """London's months from the first time to the last, and the place of each time among them."""
    first, last = (time.astype("M8[M]").astype(int) for time in (times.min(), times.max()))
    begins = [date(1970 + month // 12, month % 12 + 1, 1) for month in range(first - 1, last + 2)]
    places = np.searchsorted(np.array([moment(midnight(day)) for day in begins]), times, "right") - 1
    return [f"{day:%Y-%m}" for day in begins], places


def _collateral(scope: Scope, by: Sequence[str]) -> Iterator[Flow]:
    """Of items nobody was notified of; months are named once they are counted."""
    names = "".join(f"{MONTH if name == 'month' else name}, " for name in by)
    own = "".join(f"{name}, " for name in by if name not in ("month", "kind"))
    sql = f"""{COLLATERAL}, counted AS (
            SELECT {own}kind, date_trunc('month', removed_at AT TIME ZONE 'Europe/London') AS began,
                   count(*) AS number
            FROM collateral WHERE removed_at >= %(begin)s AND removed_at < %(until)s GROUP BY {own}kind, began
        ) SELECT {names}kind, {MONTH}, false, number FROM counted"""  # noqa: S608 - all names are ours
    parameters = {**scope.parameters(), "begin": scope.period.since}
    with reading(parameters) as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
    width = len(by)
    return (Flow(tuple(row[:width]), *row[width:]) for row in found)


def collateral_page(scope: Scope, *, offset: int, limit: int) -> tuple[list[int], int]:
    """Keys of items that went with their account in the period, `limit` from `offset` on, and how many there are."""
    sql = f"""{COLLATERAL}, chosen AS (
            SELECT item_id FROM collateral WHERE removed_at >= %(begin)s AND removed_at < %(until)s)
        SELECT ARRAY(SELECT item_id FROM chosen ORDER BY item_id OFFSET %(offset)s LIMIT %(limit)s),
               (SELECT count(*) FROM chosen)"""  # noqa: S608 - all names are ours
    parameters = {**scope.parameters(), "begin": scope.period.since, "offset": offset, "limit": limit}
    with reading(parameters) as cursor:
        cursor.execute(sql, parameters)
        keys, number = cursor.fetchone()
    return keys, number
