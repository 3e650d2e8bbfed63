"""The life of one long piece of work: begun, told of as it gets on, stopped, finished; whoever dies meanwhile."""

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as NoBroker

from accounts.models import User
from accounts.roles import Permission, can
from casework.transitions import TransitionNotAllowed
from reports.models import Edition, Job, JobKind, JobStatus

LOCK = 0x1391  # the class of our advisory locks on jobs
PATIENCE = timedelta(seconds=10)  # how long a job may wait before the clock takes it up
MOST_ATTEMPTS = 3
TASK = "reports.tasks.run_job"
DIED = (
    "It was begun {attempts} times, and its worker died each time. Try a smaller scope, or look at the log."
)


class Stopped(Exception):
    """Somebody has cancelled the job that is running."""


def begin(
    kind: JobKind,
    *,
    by: User | None,
    at: datetime,
    edition: Edition | None = None,
    question: Mapping[str, Any] | None = None,
) -> Job:
    """Queue a job; a worker takes it up as soon as this is committed, or the clock within a minute."""
    job = Job.objects.create(
        kind=kind, edition=edition, question=dict(question or {}), created_by=by, created_at=at
    )
    transaction.on_commit(lambda: _queue(job.pk))
    return job


def _queue(pk: int) -> None:
    with contextlib.suppress(NoBroker):
        current_app.send_task(TASK, args=[pk])


def take_up(pk: int) -> Job | None:
    """The job, running from its beginning; None if there is nothing to do. The caller is alone at it."""
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).get(pk=pk)
        if not job.is_running:
            return None
        if job.attempts >= MOST_ATTEMPTS:
            end(job, JobStatus.FAILED, problem=DIED.format(attempts=job.attempts))
            return None
        job.status, job.attempts = JobStatus.RUNNING, job.attempts + 1
        job.started_at = job.started_at or timezone.now()
        job.rows_done, job.rows = 0, None
        job.save(update_fields=["status", "attempts", "started_at", "rows_done", "rows"])
        return job


def tell(job: Job, **progress: Any) -> None:
    """Note `stage`, `rows` or `rows_done`; raises `Stopped` if the job was cancelled meanwhile."""
    if not Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING).update(**progress):
        raise Stopped
    for name, value in progress.items():
        setattr(job, name, value)


def end(job: Job, status: JobStatus, *, problem: str = "", sha256: str = "") -> None:
    """Finish a job that the caller has locked, or is alone at."""
    job.status, job.finished_at, job.problem, job.sha256 = status, timezone.now(), problem, sha256
    job.save(update_fields=["status", "finished_at", "problem", "sha256"])


def may_cancel(job: Job, by: User) -> bool:
    """Whoever began it, and those who prepare editions."""
    return job.created_by_id == by.pk or can(by, Permission.PREPARE_EDITION)


def cancel(job: Job, *, by: User) -> Job:
    """Stop it; what it had made is thrown away. Raises `TransitionNotAllowed` if it has finished."""
    if not may_cancel(job, by):
        raise PermissionDenied("Only who began a job, or may prepare editions, can stop it.")
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if not locked.is_running:
            raise TransitionNotAllowed("The job has finished already.", status=locked.status)
        end(locked, JobStatus.CANCELLED)
    job.refresh_from_db()
    return job
