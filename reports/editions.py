"""Editions: prepared, frozen by a job, approved by a second person, published, revised, and computed again."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework.numbering import references
from casework.transitions import TransitionNotAllowed
from reports import events, jobs
from reports.choices import Choice, page
from reports.clusters import SEED
from reports.facts import Scope
from reports.figures import figures
from reports.lifecycle import move
from reports.models import (
    Edition,
    EditionStatus,
    FrozenFigures,
    Job,
    JobKind,
    JobStatus,
    Revision,
    Rounding,
    Schedule,
    Threshold,
)
from reports.models.edition import EditionQuerySet
from reports.periods import Period
from reports.provenance import code_version
from reports.public import publishable
from reports.publication import default_as_at, default_known_by, is_provisional
from reports.revisions import Difference, differences

SETTLED = timedelta(minutes=1)  # by then, what was being recorded at a moment has been
TOO_SOON = "Choose a time at least a minute ago: what is recorded meanwhile would change the figures."
FOLLOW_UP = "follow_up_hours"
FINDING, COUNTING = "Finding the rows", "Counting the figures"


def scope_of(edition: Edition) -> Scope:
    """What the edition's figures are about."""
    return Scope(Period(edition.first, edition.last), edition.as_at, edition.known_by, **edition.filters)


def written(document: dict[str, Any]) -> str:
    """The document as `takedown_statistics --format json` prints it, to the byte."""
    return json.dumps(document, indent=1, ensure_ascii=False)


def moments(
    period: Period, as_at: datetime | None = None, known_by: datetime | None = None
) -> tuple[datetime, datetime]:
    """As-at and known-by: what was asked for, else the default publication, else the last minute there is."""
    latest = (timezone.now() - SETTLED).replace(second=0, microsecond=0)
    as_at = as_at or min(default_as_at(period), latest)
    return as_at, known_by or min(default_known_by(as_at), max(as_at, latest))


# -- Preparing -------------------------------------------------------------------------------------


def prepare(
    scope: Scope,
    *,
    title: str,
    by: User,
    grouped_by: str = "",
    threshold: int = Threshold.FIVE,
    rounding: int = Rounding.NONE,
    at: datetime | None = None,
) -> Edition:
    """A draft of the scope, and the job that freezes its figures.

    Raises `ValidationError` where the as-at or the known-by has not passed for a minute.
    """
    require(by, Permission.PREPARE_EDITION)
    return draft(
        scope,
        by=by,
        at=at or timezone.now(),
        title=title,
        grouped_by=grouped_by,
        threshold=threshold,
        rounding=rounding,
    )


def draft(
    scope: Scope, *, by: User | None, at: datetime, schedule: Schedule | None = None, **given: Any
) -> Edition:
    """What `prepare`, `revise` and the schedules share; the caller has looked whether `by` may."""
    for name in ("as_at", "known_by"):
        if getattr(scope, name) > at - SETTLED:
            raise ValidationError({name: TOO_SOON})
    period, given = scope.period, {**given, "title": _title(given["title"])}
    with transaction.atomic():
        edition = Edition.objects.create(
            reference=references(1, at=at, prefix="E")[0],
            first=period.first,
            last=period.last,
            as_at=scope.as_at,
            known_by=scope.known_by,
            provisional=is_provisional(period, scope.as_at, scope.known_by),
            schedule=schedule,
            prepared_at=at,
            prepared_by=by,
            **scope.filters,
            **given,
        )
        events.record("edition.prepared", edition=edition, by=by, at=at, new=edition.status)
        jobs.begin(JobKind.EDITION, edition=edition, by=by, at=at)
    return edition


def _title(text: str) -> str:
    """Raises `ValidationError` for none, or one that is too long."""
    title, longest = text.strip(), Edition._meta.get_field("title").max_length or 0
    if not title:
        raise ValidationError({"title": "Give the edition a title."})
    if len(title) > longest:
        raise ValidationError({"title": f"The title is longer than {longest} characters: shorten it."})
    return title


def revise(
    edition: Edition,
    *,
    as_at: datetime,
    known_by: datetime,
    kind: Revision,
    reason: str,
    by: User,
    substantial: bool = False,
    at: datetime | None = None,
) -> Edition:
    """A draft of the same scope that takes the edition's place when it is published.

    A scheduled revision looks at a later as-at or known-by; a correction may look at the same. Raises
    `ValidationError` for earlier times or no reason, `TransitionNotAllowed` unless the edition is published.
    """
    require(by, Permission.PREPARE_EDITION)
    at = at or timezone.now()
    _check_later(edition, as_at, known_by, kind)
    if not reason.strip():
        raise ValidationError({"reason": "Say why the figures are revised."})
    with transaction.atomic():
        locked = Edition.objects.select_for_update().get(pk=edition.pk)
        if why := obstacle_to_revision(locked):
            raise TransitionNotAllowed(why, status=locked.status)
        return draft(
            replace(scope_of(edition), as_at=as_at, known_by=known_by),
            by=by,
            at=at,
            title=edition.title,
            grouped_by=edition.grouped_by,
            threshold=edition.threshold,
            rounding=edition.rounding,
            schedule=edition.schedule,
            supersedes=edition,
            revision=kind,
            revision_reason=reason,
            substantial=substantial,
        )


def _check_later(edition: Edition, as_at: datetime, known_by: datetime, kind: Revision) -> None:
    for name, moment in (("as_at", as_at), ("known_by", known_by)):
        if moment < getattr(edition, name):
            raise ValidationError({name: "A revision looks at no earlier time than what it revises."})
    if kind == Revision.SCHEDULED and (as_at, known_by) == (edition.as_at, edition.known_by):
        raise ValidationError({"as_at": "A scheduled revision looks at a later time; choose one."})


def obstacle_to_revision(edition: Edition) -> str:
    """Why the edition cannot be revised now, or nothing."""
    if edition.status != EditionStatus.PUBLISHED:
        return f"{edition} is {edition.get_status_display().lower()}; only a published edition is revised."
    successor = edition.successors.exclude(status=EditionStatus.DISCARDED).first()
    return f"{successor} revises this edition already." if successor else ""


# -- Computing -------------------------------------------------------------------------------------


def compute(edition: Edition, job: Job) -> None:
    """Freeze the figures; done twice, it changes nothing. Raises `jobs.Stopped` when cancelled."""
    scope = scope_of(edition)
    jobs.tell(job, stage=FINDING)
    _, rows = page(scope, Choice(), offset=0, limit=1)
    jobs.tell(job, stage=COUNTING, rows=rows)
    document = figures(scope, edition.by)
    with transaction.atomic():
        jobs.tell(job, rows_done=document["rows"])
        if edition.frozen is None:
            _freeze(edition, document)
        jobs.end(job, JobStatus.DONE)


def _freeze(edition: Edition, document: dict[str, Any]) -> None:
    text, at = written(document), timezone.now()
    FrozenFigures.objects.create(
        edition=edition,
        document=text,
        document_sha256=hashlib.sha256(text.encode()).hexdigest(),
        rows=document["rows"],
        rows_sha256=document["rows_sha256"],
        definition_version=document["definition_version"],
        code_version=code_version(),
        seed=SEED,
        computed_at=at,
    )
    details = {"rows": document["rows"], "rows_sha256": document["rows_sha256"]}
    events.record("edition.computed", edition=edition, by=None, at=at, details=details)


def compute_again(edition: Edition, *, by: User, at: datetime | None = None) -> Job:
    """Another job for a draft whose figures were never frozen: its job failed or was stopped."""
    require(by, Permission.PREPARE_EDITION)
    with transaction.atomic():
        locked = Edition.objects.select_for_update().get(pk=edition.pk)
        if locked.status != EditionStatus.DRAFT or locked.frozen or locked.jobs.unfinished().exists():
            raise TransitionNotAllowed("There is nothing to compute again.", status=locked.status)
        return jobs.begin(JobKind.EDITION, edition=locked, by=by, at=at or timezone.now())


# -- Deciding --------------------------------------------------------------------------------------


def approve(edition: Edition, *, by: User, at: datetime | None = None) -> Edition:
    """By somebody who did not prepare it; raises `TransitionNotAllowed` until the figures are frozen."""
    return move(edition, "approve", by=by, at=at)


def publish(edition: Edition, *, by: User, at: datetime | None = None) -> Edition:
    """Release it; what it revises is superseded in the same moment."""
    return move(edition, "publish", by=by, at=at)


def withdraw(edition: Edition, *, reason: str, by: User, at: datetime | None = None) -> Edition:
    """Take a published edition back without another in its place; it stays readable, marked so."""
    return move(edition, "withdraw", by=by, at=at, reason=reason)


def discard(edition: Edition, *, reason: str, by: User, at: datetime | None = None) -> Edition:
    """An edition that will not be published; its job, if it still runs, stops."""
    with transaction.atomic():
        move(edition, "discard", by=by, at=at, reason=reason)
        for job in edition.jobs.unfinished().select_for_update():
            jobs.end(job, JobStatus.CANCELLED)
    return edition


# -- Reading ---------------------------------------------------------------------------------------


def public_figures(edition: Edition) -> dict[str, Any] | None:
    """What may be made public of the figures, under the edition's disclosure settings; None until frozen."""
    document = edition.figures
    if document is None:
        return None
    base = edition.rounding if edition.rounding != Rounding.NONE else None
    return publishable(document, edition.threshold, base=base)


def frozen_document(reference: str, among: EditionQuerySet) -> tuple[Edition, dict[str, Any]]:
    """The edition of that reference, and its frozen figures under its name, as the claim check takes them.

    Raises `ValueError`, saying what is wrong, where none of `among` is called so, or its figures are not frozen.
    """
    edition = among.filter(reference__iexact=reference.strip()).first()
    if edition is None:
        raise ValueError(f"There is no edition {reference}.")
    document = edition.figures
    if document is None:
        raise ValueError(f"The figures of {edition} are not frozen yet: wait for its job.")
    return edition, {"edition": edition.reference, **document}


# -- Looking again ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rerun:
    """What computing an edition again gave; `differences` is empty where the document is byte-equal."""

    edition: Edition
    document_sha256: str
    equal: bool
    differences: list[Difference]
    code_version: str


def rerun(edition: Edition) -> Rerun:
    """Compute the figures again from the records as they are now; stores nothing.

    Raises `TransitionNotAllowed` for an edition whose figures have not been frozen.
    """
    frozen = edition.frozen
    if frozen is None:
        raise TransitionNotAllowed(f"The figures of {edition} were never frozen.", status=edition.status)
    document = figures(scope_of(edition), edition.by)
    text = written(document)
    found = differences(frozen.figures, document)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Rerun(edition, sha256, text == frozen.document, found, code_version())


def revisions(edition: Edition) -> list[Difference]:
    """Old and new value of every figure in which an edition differs from the one it revises.

    The length of follow-up, which grows with the as-at, is no figure that was revised.
    """
    revised = edition.supersedes
    if revised is None or not revised.figures or not edition.figures:
        return []
    found = differences(revised.figures, edition.figures)
    return [change for change in found if FOLLOW_UP not in change.path]
