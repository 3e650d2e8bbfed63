"""The files that jobs write: where each stands, how it comes there whole, and how long it is kept."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from reports.models import Job, JobKind

KEPT = timedelta(days=7)
ENDINGS = {JobKind.EPISODES: "csv", JobKind.REPORT: "pdf"}


def path(job: Job) -> Path:
    """Where the file of a job stands, or will; raises `KeyError` for a job that writes none."""
    return Path(settings.EXPORT_DIR) / f"{job.kind}-{job.pk}.{ENDINGS[JobKind(job.kind)]}"


def put(job: Job, parts: Iterable[bytes]) -> str:
    """Write the file from its beginning, whatever stood there; returns its SHA-256.

    What raises meanwhile leaves no file behind.
    """
    target, digest = path(job), hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    try:
        with part.open("wb") as file:
            for content in parts:
                digest.update(content)
                file.write(content)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return digest.hexdigest()


def forget(*, at: datetime | None = None) -> int:
    """Delete files that have been kept long enough; returns how many."""
    old = Job.objects.filter(kind__in=ENDINGS, finished_at__lt=(at or timezone.now()) - KEPT)
    files = [path(job) for job in old.exclude(sha256="")]
    kept = [file for file in files if file.exists()]
    for file in kept:
        file.unlink()
    return len(kept)
