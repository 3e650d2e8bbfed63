"""Episode rows from the append-only records, as at one moment and known by another (docs/statistics.md).

One statement computes them (`episodes.sql`); this module states its parameters and reads its rows. The rows of
items about which nothing was recorded since are read from `EpisodeFact` (projection.py), where they were put
by the same statement; so every figure has one definition, and costs what changed after its as-at.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction

from casework.models import Category
from reports.models import FILTERS, EpisodeFact
from reports.periods import Period, stamp

DEFINITION_VERSION = "1"
WINDOWS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "48h": timedelta(hours=48),
    "7d": timedelta(days=7),
    "28d": timedelta(days=28),
}
VERIFIED_DOWN = ("DOWN_PLATFORM_VERIFIED", "DOWN_UPLOADER", "DOWN_UNATTRIBUTED")
GROUPINGS = ("platform", "kind", "category", "channel", "month", "severity", "language")
CHUNK = 5000
MANY = 200  # changed rows and marks


@dataclass(frozen=True)
class Scope:
    """What a figure is about; `as_at` and `known_by` are aware, `category` includes its children."""

    period: Period
    as_at: datetime
    known_by: datetime
    platform: str = ""
    category: str = ""
    kind: str = ""
    channel: str = ""
    language: str = ""
    severity: str = ""

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, for printing."""
        named = {name: getattr(self, name) for name in FILTERS}
        return {name: value for name, value in named.items() if value}

    def about(self, **changes: str) -> "Scope":
        """The same scope with other filters."""
        return replace(self, **changes)  # type: ignore[arg-type] # names of filters, all of them text

    def parameters(self) -> dict[str, Any]:
        """What `episodes.sql` takes."""
        return {
            "since": self.period.since,
            "until": self.period.until,
            "as_at": self.as_at,
            "known_by": self.known_by,
            "platform": self.platform or None,
            "kind": self.kind or None,
            "channel": self.channel or None,
            "language": self.language or None,
            "severity": self.severity or None,
            "categories": with_children(self.category) if self.category else None,
        }


class Episode(NamedTuple):
    """One item of one notice that had left; times in UTC, None where there is none.

    `outcome` is None where `exclusion` is not; `removed_at` is the time that rates use (the platform's, where
    our looks allow it, otherwise `first_gone_at`); the `first_…` removal is the first confirmed one, and
    `taken_down_at` the time of the first that was not the uploader's. `reinstated_at` and `copied_at` are when it
    was first seen live, or a copy of it found, after that. `overturned_at` is the first such removal after
    `refused_at`. `measure` says how an item that is limited or blocked is so; `territories` are ISO 3166 codes
    with commas. `found_at` is None where the item had an earlier episode. `acknowledged_at` is by a person,
    `feedback_at` the first reaction by one, `notice_decided_at` the first decision since this notice left.
    `invalid` is confirmed by a reviewer; `said_error` is what the platform says.
    """

    item: str
    ref: str | None
    platform: str
    kind: str
    category: str | None
    channel: str
    severity: str | None
    language: str | None
    month: str
    notice_id: int
    line_id: int
    t0: datetime
    t0_basis: str
    exclusion: str | None
    outcome: str | None
    last_live_at: datetime | None
    first_gone_at: datetime | None
    removed_at: datetime | None
    decided: bool
    decided_at: datetime | None
    claimed_at: datetime | None
    last_answer: str | None
    first_removed_at: datetime | None
    first_removal_seen_at: datetime | None
    first_cause: str | None
    taken_down_at: datetime | None
    reinstated_at: datetime | None
    copied_at: datetime | None
    refused_at: datetime | None
    refusal_code: str | None
    overturned_at: datetime | None
    measure: str | None
    territories: str | None
    delivered: bool
    found_at: datetime | None
    approved_at: datetime | None
    sent_at: datetime
    acknowledged_at: datetime | None
    feedback_at: datetime | None
    notice_decided_at: datetime | None
    invalid: bool
    said_error: bool
    observed_at: datetime | None
    restricted_at: datetime | None
    held_at: datetime | None
    within_1h: str | None
    within_24h: str | None
    within_48h: str | None
    within_7d: str | None
    within_28d: str | None

    @property
    def within(self) -> dict[str, str]:
        """For each window yes, no, indeterminate, immature or held; empty for one excluded by X1 to X5."""
        answers = {name: getattr(self, f"within_{name}") for name in WINDOWS}
        return {name: answer for name, answer in answers.items() if answer is not None}


PRINTED = (
    "item", "ref", "platform", "kind", "category", "channel", "month", "t0", "t0_basis", "exclusion",
    "outcome", "last_live_at", "first_gone_at", "removed_at", "decided", "within", "severity", "language",
    "notice_id", "decided_at", "claimed_at", "last_answer", "first_removed_at", "first_cause", "taken_down_at",
    "reinstated_at", "copied_at", "refused_at", "refusal_code", "overturned_at", "measure", "territories",
    "delivered", "found_at", "approved_at", "sent_at", "acknowledged_at", "feedback_at", "notice_decided_at",
    "invalid", "said_error", "observed_at", "restricted_at", "held_at",
)  # fmt: skip


def _within(name: str, window: timedelta) -> str:
    """In `computed`: the answer of S05 once the window has elapsed."""
    deadline = f"e.t0 + interval '{int(window.total_seconds())} seconds'"
    return (
        f"CASE WHEN e.exclusion <> 'X6' THEN NULL WHEN e.held_at <= {deadline} THEN 'held'"
        f" WHEN r.in_time_{name} THEN 'yes' WHEN r.uploader_{name} OR s.seen_at >= {deadline} THEN 'no'"
        f" ELSE 'indeterminate' END AS within_{name}"
    )


def _as_at(name: str, window: timedelta) -> str:
    """The answer at the as-at, from the one that the window will have had."""
    return (
        f"CASE WHEN f.within_{name} <> 'held'"
        f" AND f.t0 > %(as_at)s - interval '{int(window.total_seconds())} seconds'"
        f" THEN 'immature' ELSE f.within_{name} END AS within_{name}"
    )


def _in_time(name: str, window: timedelta) -> str:
    deadline = f"t0 + interval '{int(window.total_seconds())} seconds'"
    gone = f"removed_at <= {deadline} AND coalesce(next_seen_at > {deadline}, true)"
    return (
        f"bool_or({gone} AND cause <> 'uploader') AS in_time_{name},"
        f" bool_or({gone} AND cause = 'uploader') AS uploader_{name}"
    )


HERE = Path(__file__).parent
SENT = (HERE / "sent.sql").read_text(encoding="utf-8")
DESCRIBED = (HERE / "described.sql").read_text(encoding="utf-8")
COMPUTED = (
    (HERE / "episodes.sql")
    .read_text(encoding="utf-8")
    .replace("{sent}", SENT)
    .replace("{described}", DESCRIBED)
    .replace("{in_time}", ", ".join(_in_time(*window) for window in WINDOWS.items()))
    .replace("{within}", ", ".join(_within(*window) for window in WINDOWS.items()))
)
# Items that the kept rows do not stand for at the as-at and known-by. Whatever is known of an item, its T0 is no
# sooner than what first left (`left_at`) and no later than what last happened (`latest_at`).
LATER = """SELECT item_id FROM reports_episodefact
    WHERE latest_at > least(%(as_at)s, %(known_by)s) AND left_at <= %(as_at)s
      AND left_at < %(until)s AND latest_at >= %(since)s"""
STALE = "SELECT item_id FROM reports_staleitem"
CHANGED = f"{LATER} UNION {STALE}"
MADE = ("latest_at", "left_at", "packed")  # of a kept row, beside the row
KEPT = tuple(field.name for field in EpisodeFact._meta.concrete_fields if field.name not in MADE)
# The marks are hashed once: as a join they were looked through for each row, or the rows hashed for them.
STANDS = """t0 >= %(since)s AND t0 < %(until)s AND t0 <= %(as_at)s AND latest_at <= least(%(as_at)s, %(known_by)s)
      AND item_id NOT IN (SELECT DISTINCT item_id FROM reports_staleitem)
      AND (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(channel)s::text IS NULL OR channel = %(channel)s)"""
LONGEST = f"%(as_at)s - interval '{int(max(WINDOWS.values()).total_seconds())} seconds'"
# Kept rows that nothing is left to be said of: every window has elapsed.
SETTLED = f"""settled AS (
    SELECT k.* FROM reports_episodefact k WHERE {STANDS} AND t0 <= {LONGEST}
      AND (%(platform)s::text IS NULL OR platform_id IN (SELECT id FROM platforms_platform WHERE slug = %(platform)s))
      AND (%(categories)s::text[] IS NULL
           OR category_id IN (SELECT id FROM casework_category WHERE slug = ANY (%(categories)s)))
      AND (%(language)s::text IS NULL OR language = %(language)s)
      AND (%(severity)s::text IS NULL OR severity = %(severity)s)
)"""  # noqa: S608 - all names are ours
DERIVED = {
    "platform": "p.slug AS platform",
    "category": "c.slug AS category",
    **{f"within_{name}": _as_at(name, window) for name, window in WINDOWS.items()},
}


def statement(columns: Iterable[str] = Episode._fields, *, settled: bool = True) -> str:
    """The statement's beginning, up to `facts`: a row for each episode of the scope, with these columns.

    Without those that are settled, if so asked. Its parameters are those of `Scope.parameters`.
    """
    shown = ", ".join(DERIVED.get(name, f"f.{name}") for name in dict.fromkeys(columns))
    kept = ", ".join(KEPT)
    return f"""{COMPUTED.replace("{changed}", CHANGED)}, known AS (
    SELECT {kept} FROM reports_episodefact k WHERE {STANDS}{"" if settled else f" AND t0 > {LONGEST}"}
    UNION ALL
    SELECT {kept} FROM computed
), facts AS (
    SELECT {shown}
    FROM known f
    JOIN platforms_platform p ON p.id = f.platform_id
    LEFT JOIN casework_category c ON c.id = f.category_id
    WHERE (%(platform)s::text IS NULL OR p.slug = %(platform)s)
      AND (%(categories)s::text[] IS NULL OR c.slug = ANY (%(categories)s))
      AND (%(language)s::text IS NULL OR f.language = %(language)s)
      AND (%(severity)s::text IS NULL OR f.severity = %(severity)s)
)"""  # noqa: S608 - all names are ours


ROWS = f"{statement()} SELECT {', '.join(Episode._fields)} FROM facts"  # noqa: S608
ORDER = ' ORDER BY t0, item COLLATE "C", line_id'


def episodes(scope: Scope) -> Iterator[Episode]:
    """Every episode row of the scope, ordered by T0, item and line."""
    return select_episodes(ROWS + ORDER, scope.parameters())


def select_episodes(sql: str, parameters: Mapping[str, Any]) -> Iterator[Episode]:
    """The rows of a statement that selects the columns of `Episode`, in chunks."""
    with reading(parameters) as cursor:
        cursor.execute(sql, parameters)
        while chunk := cursor.fetchmany(CHUNK):
            for row in chunk:
                yield Episode(*row)


@contextmanager
def reading(parameters: Mapping[str, Any]) -> Iterator[Any]:
    """A cursor whose plans suit the statement: where much has changed, its parts are hashed and met once."""
    with transaction.atomic(), connection.cursor() as cursor:
        some = f"{LATER} UNION ALL {STALE} LIMIT {MANY}"  # with doubles, which it would take all of them to leave out
        cursor.execute(f"SELECT count(*) FROM ({some}) x", parameters)  # noqa: S608
        plan_for(cursor, cursor.fetchone()[0])
        yield cursor


def plan_for(cursor: Any, changed: int) -> None:
    """Suit the plans of the transaction to how many items the statement computes."""
    cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
    if changed >= MANY:
        cursor.execute("SET LOCAL enable_nestloop = off")


def printed(episode: Episode) -> dict[str, Any]:
    """What `--episodes` prints of a row; times as ISO 8601 in UTC."""
    values = {name: getattr(episode, name) for name in PRINTED}
    return {name: stamp(value) if isinstance(value, datetime) else value for name, value in values.items()}


def line(episode: Episode) -> str:
    """The row as one line of JSON, without its end."""
    return json.dumps(printed(episode), ensure_ascii=False, separators=(",", ":"))


def check_groupings(by: Iterable[str]) -> None:
    """Raise `ValueError`, naming the known ones, for a grouping that is not known."""
    unknown = [name for name in by if name not in GROUPINGS]
    if unknown:
        raise ValueError(f"Cannot group by {', '.join(unknown)}: use {', '.join(GROUPINGS)}.")


def with_children(slug: str) -> list[str]:
    """The category's slug with those of everything below it."""
    parents = dict(Category.objects.values_list("slug", "parent__slug"))
    found, grew = {slug}, True
    while grew:
        more = {child for child, parent in parents.items() if parent in found} - found
        found, grew = found | more, bool(more)
    return sorted(found)
