"""The records of the programs that look: adding one, its token, stopping it, and how each of them does."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts import tokens
from accounts.models import Token, User
from accounts.roles import Permission, Role, require
from accounts.showing import percent
from casework import events
from casework.models import Checker

RECENTLY = timedelta(days=7)
SILENT = timedelta(minutes=15)
NOTABLE_SKEW = 5.0  # seconds
NOT_A_CHECKER = "This token belongs to no checker that is in use."


def add_checker(
    name: str, *, country: str, logged_in: bool = False, by: User, at: datetime | None = None
) -> tuple[Checker, str]:
    """A new checker and the secret of its token, which is shown once. Raises `ValidationError` per field."""
    require(by, Permission.MANAGE_PLATFORMS)
    at = at or timezone.now()
    checker = Checker(name=name.strip(), country=country, logged_in=logged_in, added_at=at, added_by=by)
    checker.full_clean(exclude=["user"])
    with transaction.atomic():
        label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "checker"
        email = f"{label}-{uuid4().hex[:8]}@checkers.invalid"
        checker.user = User.objects.add(email, role=Role.CHECKER, name=checker.name)
        checker.save(force_insert=True)
        details = {"checker": checker.name, "vantage": checker.vantage}
        events.record("checker.added", by=by, at=at, details=details)
        secret = _issue(checker, by)
    return checker, secret


def new_token(checker: Checker, *, by: User, at: datetime | None = None) -> str:
    """End the checker's tokens and issue another, whose secret is returned."""
    require(by, Permission.MANAGE_PLATFORMS)
    at = at or timezone.now()
    with transaction.atomic():
        _revoke(checker, by, at)
        events.record("checker.token_renewed", by=by, at=at, details={"checker": checker.name})
        return _issue(checker, by)


def stop(checker: Checker, *, by: User, at: datetime | None = None) -> None:
    """Take a checker out of use: its tokens end, and what it holds goes to others when the lease runs out."""
    require(by, Permission.MANAGE_PLATFORMS)
    at = at or timezone.now()
    with transaction.atomic():
        locked = Checker.objects.select_for_update().get(pk=checker.pk)
        if not locked.is_active:
            raise ValidationError("This checker is out of use already.")
        locked.is_active = checker.is_active = False
        locked.save(update_fields=["is_active"])
        _revoke(locked, by, at)
        events.record("checker.stopped", by=by, at=at, details={"checker": locked.name})


def checker_of(user: User) -> Checker:
    """The checker that acts with this token; raises `PermissionDenied` if there is none in use."""
    require(user, Permission.CHECKER)
    checker = Checker.objects.filter(user=user, is_active=True).first()
    if checker is None:
        raise PermissionDenied(NOT_A_CHECKER)
    return checker


def heard(checker: Checker, *, version: str, clock: datetime, at: datetime) -> float:
    """Note a sign of life; returns by how many seconds the checker's clock is ahead of ours."""
    skew = round((clock - at).total_seconds(), 3)
    checker.version, checker.clock_skew, checker.last_seen_at = version, skew, at
    checker.save(update_fields=["version", "clock_skew", "last_seen_at"])
    return skew


def _issue(checker: Checker, by: User) -> str:
    _, secret = tokens.issue_for_program(checker.user, name=checker.name, scopes=[Permission.CHECKER], by=by)
    return secret


def _revoke(checker: Checker, by: User, at: datetime) -> None:
    Token.objects.filter(user=checker.user, revoked_at__isnull=True).update(revoked_at=at, revoked_by=by)


@dataclass(frozen=True)
class Summary:
    """How one checker does: what it holds, its looks of the last seven days, and what waits for its vantage."""

    checker: Checker
    is_silent: bool
    leased: int
    looks: int
    told_nothing: int
    waiting: int
    late: int

    @property
    def share_told_nothing(self) -> str:
        return percent(self.told_nothing / self.looks, 0) if self.looks else "–"

    @property
    def clock_is_off(self) -> bool:
        return abs(self.checker.clock_skew or 0.0) > NOTABLE_SKEW


SUMMARIES = """SELECT c.id,
    (SELECT count(*) FROM casework_checkjob j WHERE j.checker_id = c.id AND j.state = 'leased'),
    v.looks, v.blind, w.waiting, w.late
FROM casework_checker c
CROSS JOIN LATERAL (
    SELECT count(*) AS looks,
           count(*) FILTER (WHERE k.verdict IN ('private', 'login_required', 'redirected', 'inconclusive')) AS blind
    FROM casework_visit v JOIN casework_check k ON k.id = v.look_id
    WHERE v.checker_id = c.id AND v.recorded_at > %(since)s) v
CROSS JOIN LATERAL (
    SELECT count(*) AS waiting, count(*) FILTER (WHERE j.due_at <= %(late)s) AS late
    FROM casework_checkjob j
    WHERE j.state = 'waiting' AND j.country = c.country AND j.logged_in = c.logged_in AND j.not_before <= %(at)s) w
WHERE c.id = ANY(%(checkers)s)"""


def summaries(checkers: Iterable[Checker], at: datetime | None = None) -> list[Summary]:
    """Of each checker, in the order given, with one statement."""
    at, checkers = at or timezone.now(), list(checkers)
    asked: dict[str, Any] = {
        "at": at,
        "since": at - RECENTLY,
        "late": at - timedelta(hours=1),
        "checkers": [each.pk for each in checkers],
    }
    with connection.cursor() as cursor:
        cursor.execute(SUMMARIES, asked)
        found = {pk: numbers for pk, *numbers in cursor.fetchall()}
    return [Summary(each, _is_silent(each, at), *found[each.pk]) for each in checkers]


def _is_silent(checker: Checker, at: datetime) -> bool:
    if not checker.is_active:
        return False
    return checker.last_seen_at is None or at - checker.last_seen_at > SILENT
