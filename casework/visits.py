"""Whether checkers may visit a platform: off until an administrator turns it on, for each platform and vantage."""

import hashlib
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.models import CheckJob, JobState, VisitDecision
from platforms.models import Platform

LEGAL_NOTE = (
    "From now on a program of this desk visits reported addresses of this platform by itself, from the country named, "
    "as often as the schedule of looks says, and keeps what the pages show.\n\n"
    "Before you turn this on, make sure that your organisation's lawyers and data protection officer have agreed: "
    "that the law of the country looked from lets you visit and keep such pages; what the platform's terms say about "
    "automated visits, and whether the platform was told or has agreed; that an account, if the checker is signed in, "
    "may be used for this; how long captures are kept, and who may open them.\n\n"
    "The checker visits single addresses that were reported to you. It follows no links, collects no lists of people, "
    "passes no wall and solves no puzzle that keeps programs out."
)
NOTE_SHA256 = hashlib.sha256(LEGAL_NOTE.encode()).hexdigest()
# Which platforms may be visited from which vantages: of each pair the latest decision.
OPEN = """SELECT platform_id, country, logged_in FROM (
    SELECT DISTINCT ON (platform_id, country, logged_in) platform_id, country, logged_in, allowed
    FROM casework_visitdecision ORDER BY platform_id, country, logged_in, id DESC) latest WHERE allowed"""


def decide(
    platform: Platform,
    *,
    country: str,
    logged_in: bool,
    allowed: bool,
    note_sha256: str = "",
    by: User,
    at: datetime | None = None,
) -> VisitDecision:
    """Turn visits to a platform from a vantage on or off; off also drops the jobs that wait.

    To turn them on, `note_sha256` says which text of `LEGAL_NOTE` was read. Raises `PermissionDenied`, and
    `ValidationError` per field, also where nothing would change.
    """
    require(by, Permission.MANAGE_PLATFORMS)
    at = at or timezone.now()
    if allowed and note_sha256 != NOTE_SHA256:
        raise ValidationError({"note_sha256": f"Read the legal note first; its SHA-256 is {NOTE_SHA256}."})
    row = VisitDecision(
        platform=platform, country=country, logged_in=logged_in, allowed=allowed, note=LEGAL_NOTE, at=at, by=by,
        by_name=by.name,
    )  # fmt: skip
    row.full_clean()
    with transaction.atomic():
        Platform.objects.select_for_update().get(pk=platform.pk)
        if is_allowed(platform, country=country, logged_in=logged_in) == allowed:
            raise ValidationError({"allowed": f"Visits are {'on' if allowed else 'off'} already."})
        row.save(force_insert=True)
        waiting = CheckJob.objects.filter(
            item__platform=platform, country=country, logged_in=logged_in, state=JobState.WAITING
        )
        dropped = 0 if allowed else waiting.update(state=JobState.DROPPED, finished_at=at)
        details = {"platform": platform.name, "vantage": country, "logged_in": logged_in, "dropped": dropped}
        if allowed:
            events.record("visits.allowed", by=by, at=at, details=details)
        else:
            events.record("visits.stopped", by=by, at=at, details=details)
    return row


def allowed() -> set[tuple[int, str, bool]]:
    """Platform, country and whether signed in, of all pairs that may be visited now."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN)
        return set(cursor.fetchall())


def is_allowed(platform: Platform, *, country: str, logged_in: bool) -> bool:
    latest = VisitDecision.objects.filter(platform=platform, country=country, logged_in=logged_in).first()
    return latest is not None and latest.allowed
