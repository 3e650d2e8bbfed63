"""Episodes counted: all that S01 to S06 need, from rows or, for pages, by the database."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any, NamedTuple

from django.db import connection

from reports.facts import DESCRIBED, SENT, Episode, Scope, check_groupings, reading, statement

Key = tuple[str | None, ...]
HOUR = 3600


class Cell(NamedTuple):
    """Everything that S02 to S06 count by."""

    exclusion: str | None
    outcome: str | None
    kind: str
    decided: bool
    within_1h: str | None
    within_24h: str | None
    within_48h: str | None
    within_7d: str | None
    within_28d: str | None


@dataclass
class Tally:
    """The episodes of one group; follow-up is the hours from T0 to the as-at of the eligible ones."""

    cells: Counter[Cell] = field(default_factory=Counter)
    notices: int = 0
    chasers: int = 0
    largest_notice: int = 0  # eligible episodes that left with one notice
    follow_up_least: float | None = None
    follow_up_median: float | None = None

    @property
    def notified(self) -> int:
        return self.cells.total()

    @property
    def eligible(self) -> int:
        return self.count(lambda cell: cell.exclusion is None)

    def count(self, which: Callable[[Cell], bool]) -> int:
        """How many episodes lie in cells for which `which` is true."""
        return sum(number for cell, number in self.cells.items() if which(cell))


# Chasers stand outside the episodes, in the period of their own receipt.
CHASERS = f"""WITH correspondence AS (
    SELECT id AS notice_id FROM notices_notice WHERE kind = 'chaser'
), changed AS (
    SELECT DISTINCT item_id FROM notices_line WHERE notice_id IN (SELECT notice_id FROM correspondence)
), {SENT}, {DESCRIBED}, chaser AS (
    SELECT s.notice_id, p.slug AS platform, d.kind, c.slug AS category, s.channel_kind AS channel,
           nullif(d.severity, '') AS severity, nullif(d.language, '') AS language,
           to_char(s.t0 AT TIME ZONE 'Europe/London', 'YYYY-MM') AS month
    FROM sent s
    JOIN notices_line l ON l.notice_id = s.notice_id
    JOIN described d ON d.item_id = l.item_id
    JOIN platforms_platform p ON p.id = d.platform_id
    LEFT JOIN casework_category c ON c.id = d.category_id
    WHERE s.t0 >= %(since)s AND s.t0 < %(until)s
      AND (%(platform)s::text IS NULL OR p.slug = %(platform)s)
      AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
      AND (%(channel)s::text IS NULL OR s.channel_kind = %(channel)s)
      AND (%(categories)s::text[] IS NULL OR c.slug = ANY (%(categories)s))
)"""  # noqa: S608 - all names are ours


def of_rows(rows: Iterable[Episode], scope: Scope, *, chasers: int = 0) -> Tally:
    """The tally of rows in hand."""
    rows = list(rows)
    eligible = [row for row in rows if row.exclusion is None]
    waits = [(scope.as_at - row.t0).total_seconds() / HOUR for row in eligible]
    return Tally(
        cells=Counter(Cell(*(getattr(row, name) for name in Cell._fields)) for row in rows),
        notices=len({row.notice_id for row in rows}),
        chasers=chasers,
        largest_notice=max(Counter(row.notice_id for row in eligible).values(), default=0),
        follow_up_least=min(waits, default=None),
        follow_up_median=median(waits) if waits else None,
    )


def grouped(rows: Iterable[Episode], scope: Scope, by: Sequence[str]) -> dict[Key, list[Episode]]:
    """The rows by the values of `by`; the first group, `()`, has all. Raises as `check_groupings`."""
    check_groupings(by)
    groups: dict[Key, list[Episode]] = defaultdict(list)
    groups[()] = list(rows)
    if by:
        for row in groups[()]:
            groups[tuple(getattr(row, name) for name in by)].append(row)
    return {(): groups.pop(()), **dict(sorted(groups.items(), key=_order))}


def chasers(scope: Scope, by: Sequence[str] = ()) -> dict[Key, int]:
    """How many chasers left in the period, by group; the total stands under `()`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{CHASERS} SELECT {_notices('chaser', by)}", scope.parameters())
        (found,) = cursor.fetchone()
    return {_key(row, by): row["notices"] for row in found}


def in_database(scope: Scope, by: Sequence[str] = ()) -> dict[Key, Tally]:
    """The same tallies as from the rows, counted by the database; `()` is the total and comes first."""
    check_groupings(by)
    columns = [*dict.fromkeys([*by, *Cell._fields])]
    names = ", ".join(columns)
    sql = f"""{statement([*columns, "notice_id", "t0"])}, alike AS (
        SELECT {names}, notice_id, t0, count(*) AS number FROM facts GROUP BY {names}, notice_id, t0
    ), batch AS (
        SELECT sum(number) AS size FROM alike WHERE exclusion IS NULL GROUP BY notice_id
    ), wait AS (
        SELECT extract(epoch FROM %(as_at)s - t0) / {HOUR} AS hours, sum(number) AS number
        FROM alike WHERE exclusion IS NULL GROUP BY t0
    ), place AS (
        SELECT *, sum(number) OVER (ORDER BY hours) AS last, sum(number) OVER () AS whole FROM wait
    ) SELECT
        (SELECT coalesce(json_agg(x), '[]')
         FROM (SELECT {names}, sum(number) AS number FROM alike GROUP BY {names}) x),
        {_notices("alike", by)},
        (SELECT max(size) FROM batch), (SELECT min(hours) FROM wait),
        (SELECT avg(hours) FROM place
         WHERE last - number < div(whole + 2, 2) AND last >= div(whole + 1, 2))"""  # noqa: S608 - all names are ours
    with reading(parameters := scope.parameters()) as cursor:
        cursor.execute(sql, parameters)
        cells, notices, largest, least, middle = cursor.fetchone()
    total = Tally(
        largest_notice=largest or 0, follow_up_least=_number(least), follow_up_median=_number(middle)
    )
    groups: dict[Key, Tally] = defaultdict(Tally)
    for row in cells:
        cell = Cell(*(row[name] for name in Cell._fields))
        total.cells[cell] += row["number"]
        if by:
            groups[tuple(row[name] for name in by)].cells[cell] += row["number"]
    result = {(): total, **dict(sorted(groups.items(), key=_order))}
    for row in notices:
        result[_key(row, by)].notices = row["notices"]
    for key, number in chasers(scope, by).items():
        if key in result:
            result[key].chasers = number
    return result


def _notices(table: str, by: Sequence[str]) -> str:
    """SQL: an array of the distinct notices of each group, and of all (where `everything` is 1)."""
    names = "".join(f"{name}, " for name in by)
    sets = f"GROUP BY GROUPING SETS ((), ({', '.join(by)}))" if by else ""
    everything = f"(grouping({', '.join(by)}) > 0)" if by else "true"
    return (
        f"(SELECT coalesce(json_agg(x), '[]') FROM (SELECT {names}{everything} AS everything,"  # noqa: S608
        f" count(DISTINCT notice_id) AS notices FROM {table} {sets}) x)"
    )


def _key(row: dict[str, Any], by: Sequence[str]) -> Key:
    return () if row["everything"] else tuple(row[name] for name in by)


def _order(group: tuple[Key, Any]) -> tuple[str, ...]:
    return tuple(value or "" for value in group[0])


def _number(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)
