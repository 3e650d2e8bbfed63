"""Episodes counted: all that S01 to S06 need, from columns or, for pages, by the database."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection

from reports.columns import Columns, moment
from reports.facts import DESCRIBED, SENT, VERIFIED_DOWN, WINDOWS, Scope, check_groupings, reading, statement

Key = tuple[str | None, ...]
Counts = Counter[str | None]
HOUR = 3600
TEXTS = ("exclusion", "outcome", "kind", *(f"within_{name}" for name in WINDOWS))
CELL = (*TEXTS, "decided")  # everything that S02 to S06 count by


@dataclass
class Tally:
    """The episodes of one group; follow-up is the hours from T0 to the as-at of the eligible ones."""

    counts: dict[str, Counts] = field(default_factory=lambda: {name: Counter() for name in TEXTS})
    decided: int = 0  # eligible, and decided by the platform or verified down
    notices: int = 0
    chasers: int = 0
    largest_notice: int = 0  # eligible episodes that left with one notice
    follow_up_least: float | None = None
    follow_up_median: float | None = None

    @property
    def notified(self) -> int:
        return self.counts["exclusion"].total()

    @property
    def eligible(self) -> int:
        return self.counts["exclusion"][None]

    def among(self, *outcomes: str) -> int:
        """How many episodes have one of these outcomes."""
        return sum(self.counts["outcome"][outcome] for outcome in outcomes)

    def add(self, cell: dict[str, Any], number: int) -> None:
        """`number` more episodes that have in common what `CELL` names."""
        for name in TEXTS:
            self.counts[name][cell[name]] += number
        if cell["exclusion"] is None and (cell["decided"] or cell["outcome"] in VERIFIED_DOWN):
            self.decided += number


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
      AND (%(language)s::text IS NULL OR d.language = %(language)s)
      AND (%(severity)s::text IS NULL OR d.severity = %(severity)s)
)"""  # noqa: S608 - all names are ours


def of_columns(columns: Columns, scope: Scope, *, chasers: int = 0) -> Tally:
    """The tally of rows in hand."""
    eligible = columns.is_("exclusion", None)
    waits = (moment(scope.as_at) - columns.t0[eligible]).astype(np.int64) / 1e6 / HOUR
    _, sizes = np.unique(columns.notice_id[eligible], return_counts=True)
    return Tally(
        counts={name: Counter(columns.count(name)) for name in TEXTS},
        decided=int((eligible & (columns.decided | columns.is_("outcome", *VERIFIED_DOWN))).sum()),
        notices=len(np.unique(columns.notice_id)),
        chasers=chasers,
        largest_notice=int(sizes.max(initial=0)),
        follow_up_least=float(waits.min()) if len(waits) else None,
        follow_up_median=float(np.median(waits)) if len(waits) else None,
    )


def grouped(columns: Columns, by: Sequence[str]) -> Iterator[tuple[Key, Columns]]:
    """The rows by the values of `by`; the first group, `()`, has all. Raises as `check_groupings`."""
    check_groupings(by)
    yield (), columns
    if not by or not len(columns):
        return
    places = np.zeros(len(columns), np.int64)
    for name in by:
        ranked = sorted(columns.values[name], key=lambda value: value or "")
        rank = np.array([ranked.index(value) for value in columns.values[name]])
        places = places * len(ranked) + rank[getattr(columns, name)]
    order = np.argsort(places, kind="stable")
    together, places = columns.where(order), places[order]
    begins = np.flatnonzero(np.concatenate(([True], places[1:] != places[:-1])))
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(columns)], strict=True):
        group = together.where(slice(begin, end))
        yield tuple(columns.values[name][getattr(group, name)[0]] for name in by), group


def chasers(scope: Scope, by: Sequence[str] = ()) -> dict[Key, int]:
    """How many chasers left in the period, by group; the total stands under `()`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{CHASERS} SELECT {_notices('chaser', by)}", scope.parameters())
        (found,) = cursor.fetchone()
    return {_key(row, by): row["notices"] for row in found}


def chaser_page(scope: Scope, *, offset: int, limit: int) -> tuple[list[int], int]:
    """Keys of the chasers' notices, newest first, `limit` from `offset` on, and how many there are."""
    sql = f"""{CHASERS}, sole AS (SELECT DISTINCT notice_id FROM chaser)
        SELECT (SELECT count(*) FROM sole),
               ARRAY(SELECT notice_id FROM sole ORDER BY notice_id DESC OFFSET %(offset)s LIMIT %(limit)s)"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, {**scope.parameters(), "offset": offset, "limit": limit})
        number, keys = cursor.fetchone()
    return keys, number


def in_database(scope: Scope, by: Sequence[str] = ()) -> dict[Key, Tally]:
    """The same tallies as from the rows, counted by the database; `()` is the total and comes first."""
    check_groupings(by)
    columns = [*dict.fromkeys([*by, *CELL])]
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
        total.add(row, row["number"])
        if by:
            groups[tuple(row[name] for name in by)].add(row, row["number"])
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
