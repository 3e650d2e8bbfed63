"""Episodes counted by group: all that S01 to S06 need."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from django.db import connection

from reports.batches import greatest
from reports.columns import Columns, moment
from reports.facts import DESCRIBED, SENT, VERIFIED_DOWN, WINDOWS, Scope, check_groupings

Key = tuple[str | None, ...]
Counts = Counter[str | None]
HOUR = 3600
TEXTS = ("exclusion", "outcome", "kind", *(f"within_{name}" for name in WINDOWS))
NEEDED = (*TEXTS, "decided", "t0", "notice_id")
RADIX = 2**16  # numbers below it are put in order at once


@dataclass
class Tally:
    """The episodes of one group; follow-up is the hours from T0 to the as-at of the eligible ones."""

    counts: dict[str, Counts]
    decided: int  # eligible, and decided by the platform or verified down
    notices: int
    chasers: int
    largest_notice: int  # eligible episodes that left with one notice
    follow_up_least: float | None
    follow_up_median: float | None

    @property
    def notified(self) -> int:
        return self.counts["exclusion"].total()

    @property
    def eligible(self) -> int:
        return self.counts["exclusion"][None]

    def among(self, *outcomes: str) -> int:
        """How many episodes have one of these outcomes."""
        return sum(self.counts["outcome"][outcome] for outcome in outcomes)


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
      AND (%(language)s::text IS NULL OR d.language = %(language)s)
      AND (%(severity)s::text IS NULL OR d.severity = %(severity)s)
      AND (%(categories)s::text[] IS NULL OR c.slug = ANY (%(categories)s))
)"""  # noqa: S608 - all names are ours


def of_columns(columns: Columns, scope: Scope, chasers: Sequence[int] = ()) -> list[Tally]:
    """The tally of each group."""
    eligible, batches = columns.eligible, columns.batches
    decided = eligible.decided | eligible.is_("outcome", *VERIFIED_DOWN)
    largest = greatest(batches.sizes(columns.is_("exclusion", None)), batches.bounds)
    waits = (moment(scope.as_at) - eligible.t0).astype(np.int64) / 1e6 / HOUR
    follow_up = [waits[begin:end] for begin, end in pairwise(eligible.bounds.tolist())]
    return [
        Tally(*found)
        for found in zip(
            _by_text(columns),
            eligible.counts(decided),
            batches.counts(),
            chasers or [0] * columns.groups,
            largest,
            [float(hours.min()) if len(hours) else None for hours in follow_up],
            [float(np.median(hours)) if len(hours) else None for hours in follow_up],
            strict=True,
        )
    ]


def _by_text(columns: Columns) -> list[dict[str, Counts]]:
    """How many rows of each group have each value of each text."""
    found = zip(*(map(Counter, columns.count(name)) for name in TEXTS), strict=True)
    return [dict(zip(TEXTS, texts, strict=True)) for texts in found]


def grouped(columns: Columns, by: Sequence[str]) -> tuple[list[Key], Columns]:
    """The rows in groups by the values of `by`, with the values of each; raises as `check_groupings`."""
    check_groupings(by)
    if not by or not len(columns):
        return [], columns.placed(slice(0, 0), [0])
    places, cells = np.zeros(len(columns), np.int64), 1
    for name in by:
        ranked = sorted(columns.values[name], key=lambda value: value or "")
        rank = {value: number for number, value in enumerate(ranked)}
        own = np.array([rank[value] for value in columns.values[name]])
        places, cells = places * len(ranked) + own[getattr(columns, name)], cells * len(ranked)
    order = np.argsort(places.astype(np.uint16) if cells <= RADIX else places, kind="stable")
    begins = np.flatnonzero(np.diff(places[order], prepend=-1))
    told = [
        [columns.values[name][code] for code in getattr(columns, name)[order[begins]].tolist()] for name in by
    ]
    return list(zip(*told, strict=True)), columns.placed(order, [*begins.tolist(), len(columns)])


def read(scope: Scope, by: Sequence[str] = ()) -> dict[Key, Tally]:
    """The tallies of a scope by group; `()` is the total and comes first. Raises as `check_groupings`."""
    check_groupings(by)
    columns = Columns.read(scope, [*NEEDED, *by])
    keys, rows = grouped(columns, by)
    chased = chasers(scope, by)
    return dict(
        zip(
            [(), *keys],
            [
                *of_columns(columns, scope, [chased.get((), 0)]),
                *of_columns(rows, scope, [chased.get(key, 0) for key in keys]),
            ],
            strict=True,
        )
    )


def chaser_page(scope: Scope, *, offset: int, limit: int) -> tuple[list[int], int]:
    """Keys of the chasers' notices, newest first, `limit` from `offset` on, and how many there are."""
    sql = f"""{CHASERS}, sole AS (SELECT DISTINCT notice_id FROM chaser)
        SELECT (SELECT count(*) FROM sole),
               ARRAY(SELECT notice_id FROM sole ORDER BY notice_id DESC OFFSET %(offset)s LIMIT %(limit)s)"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, {**scope.parameters(), "offset": offset, "limit": limit})
        number, keys = cursor.fetchone()
    return keys, number


def chasers(scope: Scope, by: Sequence[str] = ()) -> dict[Key, int]:
    """How many chasers left in the period, by group; the total stands under `()`."""
    names = "".join(f", {name}" for name in by)
    sets = f"GROUP BY GROUPING SETS ((), ({', '.join(by)}))" if by else ""
    everything = f"grouping({', '.join(by)}) > 0" if by else "true"
    sql = f"{CHASERS} SELECT {everything}, count(DISTINCT notice_id){names} FROM chaser {sets}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, scope.parameters())
        found = cursor.fetchall()
    return {() if total else tuple(key): number for total, number, *key in found}
