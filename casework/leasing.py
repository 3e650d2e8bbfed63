"""Handing jobs out to checkers: taken for a while, kept, given back, and taken by somebody else when that runs out."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils import timezone

from casework.models import Checker, CheckJob, JobState
from casework.visits import OPEN

MOST = 200  # jobs of one lease
LONGEST_PAUSE = timedelta(seconds=30)
MOST_ATTEMPTS = 20  # whatever ends every checker that takes it is left to persons
FREE = (
    f"j.attempt < {MOST_ATTEMPTS} AND "
    "(j.state = 'waiting' AND j.not_before <= %(at)s OR j.state = 'leased' AND j.leased_until <= %(at)s)"
)
# Spread over hosts: each gets no more a minute than its share, and its most urgent first.
LEASE = f"""
WITH asked AS (
    SELECT host, count(*) AS times FROM casework_checkjob
    WHERE leased_at > %(at)s - interval '1 minute' GROUP BY host
), ready AS (
    SELECT j.id, j.host, j.urgency, j.not_before,
           row_number() OVER (PARTITION BY j.host ORDER BY j.urgency, j.not_before, j.id) AS place
    FROM casework_checkjob j
    JOIN casework_item i ON i.id = j.item_id
    JOIN ({OPEN}) o ON o.platform_id = i.platform_id AND o.country = j.country AND o.logged_in = j.logged_in
    WHERE j.country = %(country)s AND j.logged_in = %(logged_in)s AND {FREE}
), chosen AS (
    SELECT j.id FROM casework_checkjob j JOIN ready r ON r.id = j.id LEFT JOIN asked a ON a.host = r.host
    WHERE r.place <= %(a_minute)s - coalesce(a.times, 0) AND {FREE}
    ORDER BY r.urgency, r.not_before, r.id LIMIT %(most)s FOR UPDATE OF j SKIP LOCKED
)
UPDATE casework_checkjob j
SET state = 'leased', attempt = j.attempt + 1, checker_id = %(checker)s, leased_at = %(at)s, leased_until = %(until)s
FROM chosen WHERE j.id = chosen.id RETURNING j.id
"""  # noqa: S608 - names of ours
EXTEND = f"""
UPDATE casework_checkjob j SET leased_until = %(until)s
FROM casework_item i JOIN ({OPEN}) o ON o.platform_id = i.platform_id
WHERE i.id = j.item_id AND o.country = j.country AND o.logged_in = j.logged_in AND j.checker_id = %(checker)s
  AND j.state = 'leased' AND (j.key, j.attempt) IN (SELECT * FROM unnest(%(keys)s::uuid[], %(attempts)s::int[]))
RETURNING j.key
"""  # noqa: S608 - names of ours


class Lease(NamedTuple):
    """One job, as leased: its key and which of its leases this is."""

    job: UUID
    attempt: int


class Leased(NamedTuple):
    """What a checker was given, and in how many seconds it had better ask again."""

    jobs: Sequence[CheckJob]
    come_again_in: float


def lease(checker: Checker, *, most: int, at: datetime | None = None) -> Leased:
    """Give a checker at most `most` jobs of its vantage; any number of them may ask at the same time."""
    at = at or timezone.now()
    until = at + settings.CHECK_LEASE
    asked: dict[str, Any] = {
        "at": at, "until": until, "checker": checker.pk, "country": checker.country, "logged_in": checker.logged_in,
        "most": min(most, MOST), "a_minute": settings.CHECKS_PER_HOST_AND_MINUTE,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LEASE, asked)
        keys = [pk for (pk,) in cursor.fetchall()]
    jobs = CheckJob.objects.filter(pk__in=keys).select_related("item__platform")
    found = list(jobs.order_by("urgency", "not_before", "pk"))
    return Leased(found, 0.0 if len(found) == asked["most"] else _pause(checker, at))


def _pause(checker: Checker, at: datetime) -> float:
    """Until the next job comes up, but no longer than a newly made one may wait."""
    waiting = CheckJob.objects.filter(
        Q(state=JobState.WAITING), country=checker.country, logged_in=checker.logged_in, not_before__gt=at
    )
    following = waiting.aggregate(at=Min("not_before"))["at"]
    pause = min(LONGEST_PAUSE, following - at) if following else LONGEST_PAUSE
    return max(1.0, min(pause.total_seconds(), settings.CHECK_PAUSE_SECONDS))


def extend(checker: Checker, leases: Iterable[Lease], *, at: datetime | None = None) -> list[UUID]:
    """Keep jobs for longer; returns which of them are still the checker's.

    Lost is what ran out and was given to another, and what may not be visited any more.
    """
    until = (at or timezone.now()) + settings.CHECK_LEASE
    leases = list(leases)
    asked: dict[str, Any] = {
        "until": until, "checker": checker.pk,
        "keys": [each.job for each in leases], "attempts": [each.attempt for each in leases],
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EXTEND, asked)
        return [key for (key,) in cursor.fetchall()]


def hand_back(checker: Checker, leases: Iterable[Lease]) -> int:
    """Let go of jobs that were not visited, so that another takes them at once; returns how many."""
    mine = Q()
    for each in leases:
        mine |= Q(key=each.job, attempt=each.attempt)
    if not mine:
        return 0
    held = CheckJob.objects.filter(mine, checker=checker, state=JobState.LEASED)
    return held.update(state=JobState.WAITING, leased_until=None)
