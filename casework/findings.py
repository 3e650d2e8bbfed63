"""What checkers found: taken in batches, each finding once, as checks like everybody else's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from casework import events
from casework.captures import UNKNOWN_CLOCK, Clock, Given, keep, problem
from casework.models import GONE, Check, Checker, CheckJob, Item, JobState, Method, Visit
from casework.projecting import Looked, project

MOST = 500  # findings of one batch
TRUSTED_SKEW = 5.0  # seconds that a clock may be off, the way of the request included, before it is corrected
UNKNOWN_JOB = "There is no such job of this vantage. Drop the finding."
UNKNOWN_ATTEMPT = "This job was never leased so often. Drop the finding."
ANOTHERS_LEASE = "This lease is another checker's. Drop the finding."


class Found(NamedTuple):
    """One finding as posted; `at` is by the checker's clock, the rest as in `Check` and `Visit`."""

    job: UUID
    attempt: int
    at: datetime
    verdict: str
    confidence: str
    cause: str = ""
    marker: str = ""
    reason: str = ""
    status: int = 0
    final_url: str = ""
    capture_sha256: str = ""
    fingerprint: dict[str, Any] | None = None
    captures: Sequence[Mapping[str, str]] = ()


class RefusedFinding(NamedTuple):
    job: UUID
    attempt: int
    detail: str


@dataclass
class Taken:
    """What became of a batch: how many were recorded, how many were known already, and which belong nowhere."""

    recorded: int = 0
    repeated: int = 0
    refused: list[RefusedFinding] = field(default_factory=list)


class _Look(NamedTuple):
    found: Found
    job: CheckJob
    at: datetime  # by our clock


def record_findings(
    checker: Checker,
    findings: Sequence[Found],
    *,
    skew: float,
    clock: Clock = UNKNOWN_CLOCK,
    at: datetime | None = None,
) -> Taken:
    """Record each finding once, finish its job, and do what follows from it; a fixed number of statements.

    `skew` is by how many seconds the checker's clock is ahead. A finding whose lease has run out counts as well: it
    was seen. Known is one of the same lease, or of the same job and moment. Who is named in the history is the checker.
    """
    at = at or timezone.now()
    taken = Taken()
    with transaction.atomic():
        jobs = _jobs(checker, findings)
        looks = _new(checker, findings, jobs, skew, at, taken)
        if looks:
            kept = _store(checker, looks, skew, at)
            keep(kept, clock=clock, by=checker.user, at=at)
        taken.recorded = len(looks)
    return taken


def _jobs(checker: Checker, findings: Sequence[Found]) -> Mapping[UUID, CheckJob]:
    """The jobs that these findings are of, locked in one order."""
    own = CheckJob.objects.filter(
        key__in={found.job for found in findings}, country=checker.country, logged_in=checker.logged_in
    )
    return {job.key: job for job in own.select_for_update().order_by("pk")}


def _new(
    checker: Checker,
    findings: Sequence[Found],
    jobs: Mapping[UUID, CheckJob],
    skew: float,
    at: datetime,
    taken: Taken,
) -> list[_Look]:
    known = Visit.objects.filter(job__in=list(jobs.values())).values_list("job__key", "attempt", "seen_at")
    leases = {(key, attempt) for key, attempt, _ in known}
    moments = {(key, seen_at) for key, _, seen_at in known}
    looks = []
    for found in findings:
        job = jobs.get(found.job)
        why = _foreign(checker, found, job) or problem(given(found))
        if job is None or why:
            taken.refused.append(RefusedFinding(found.job, found.attempt, why))
        elif (found.job, found.attempt) in leases or (found.job, found.at) in moments:
            taken.repeated += 1
        else:
            leases.add((found.job, found.attempt))
            moments.add((found.job, found.at))
            looks.append(_Look(found, job, _by_our_clock(found.at, job, skew, at)))
    return looks


def _foreign(checker: Checker, found: Found, job: CheckJob | None) -> str:
    """Why a finding belongs to no lease of this checker; who held an earlier lease of the job is not known any more."""
    if job is None:
        return UNKNOWN_JOB
    if not 0 < found.attempt <= job.attempt:
        return UNKNOWN_ATTEMPT
    return ANOTHERS_LEASE if found.attempt == job.attempt and job.checker_id != checker.pk else ""


def _by_our_clock(seen_at: datetime, job: CheckJob, skew: float, at: datetime) -> datetime:
    """Nobody visits before a look is due, nor after they told us of it."""
    if abs(skew) > TRUSTED_SKEW:
        seen_at -= timedelta(seconds=skew)
    return min(max(seen_at, job.due_at), at)


def given(found: Found) -> list[Given]:
    return [Given(**each) for each in found.captures]


def _store(
    checker: Checker, looks: Sequence[_Look], skew: float, at: datetime
) -> list[tuple[Check, list[Given]]]:
    """Returns each check with the files that it names."""
    keys = {look.job.item_id for look in looks}
    rows = Item.objects.select_for_update(of=("self",)).select_related("platform")
    items = {item.pk: item for item in rows.filter(pk__in=keys).order_by("pk")}
    checks = Check.objects.bulk_create(_check(checker, look, at) for look in looks)
    Visit.objects.bulk_create(
        _visit(checker, look, check, skew, at) for look, check in zip(looks, checks, strict=True)
    )
    done = CheckJob.objects.filter(pk__in=[look.job.pk for look in looks])
    done.exclude(state=JobState.DONE).update(state=JobState.DONE, finished_at=at, leased_until=None)
    events.record_all(_event(checker, look, items[look.job.item_id], check, at)
                      for look, check in zip(looks, checks, strict=True))  # fmt: skip
    latest: dict[int, datetime] = {}
    for look in looks:
        latest[look.job.item_id] = max(look.at, latest.get(look.job.item_id, look.at))
    project([Looked(items[pk], moment) for pk, moment in sorted(latest.items())])
    return [
        (check, given(look.found)) for look, check in zip(looks, checks, strict=True) if look.found.captures
    ]


def _check(checker: Checker, look: _Look, at: datetime) -> Check:
    found = look.found
    return Check(
        item_id=look.job.item_id, at=look.at, verdict=found.verdict,
        cause=found.cause if found.verdict in GONE else "", method=Method.AUTOMATIC, vantage=checker.country,
        logged_in=checker.logged_in, confidence=found.confidence, marker=found.marker, note=found.reason,
        by=checker.user, by_name=checker.name, recorded_at=at,
    )  # fmt: skip


def _visit(checker: Checker, look: _Look, check: Check, skew: float, at: datetime) -> Visit:
    found = look.found
    return Visit(
        look=check, job=look.job, attempt=found.attempt, checker=checker, version=checker.version, clock_skew=skew,
        seen_at=found.at, status=found.status, final_url=found.final_url, capture_sha256=found.capture_sha256,
        fingerprint=found.fingerprint, recorded_at=at,
    )  # fmt: skip


def _event(checker: Checker, look: _Look, item: Item, check: Check, at: datetime) -> Any:
    details = {
        "verdict": check.get_verdict_display(),
        "vantage": checker.country,
        "confidence": check.confidence,
    }
    return events.build(
        "check.recorded", by=checker.user, at=look.at, item=item, new=check.verdict, details=details,
        recorded_at=at, actor_name=checker.name,
    )  # fmt: skip
