"""Checkers, items that are due, and findings, for the tests of the protocol."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.roles import Role
from casework import checkers, episodes, visits
from casework.findings import Found
from casework.leasing import lease
from casework.lifecycle import move
from casework.models import Checker, CheckJob, Item
from platforms.models import Platform
from tests.factories import approve, make_item, numbers, some


def make_checker(country: str = "GB", **given: Any) -> Checker:
    name = given.pop("name", f"Checker {next(numbers)}")
    return checkers.add_checker(name, country=country, by=some(Role.ADMINISTRATOR), **given)[0]


def switch(slug: str = "x", country: str = "GB", *, on: bool = True, logged_in: bool = False) -> None:
    visits.decide(
        Platform.objects.get(slug=slug), country=country, logged_in=logged_in, allowed=on,
        note_sha256=visits.NOTE_SHA256, by=some(Role.ADMINISTRATOR),
    )  # fmt: skip


def noticed(*, t0: datetime | None = None, **given: Any) -> Item:
    """Received by the platform two hours ago, and not looked at since: a look is due."""
    t0 = t0 or timezone.now() - timedelta(hours=2)
    item = approve(make_item(found_at=t0 - timedelta(hours=2), at=t0 - timedelta(hours=2), **given), at=t0)
    move(item, "notify", by=None, at=t0, stamps={"notified_at": t0})
    episodes.receive(item, t0=t0, basis="received", channel="mail")
    item.refresh_from_db()
    return item


def take(checker: Checker, most: int = 100, **given: Any) -> list[CheckJob]:
    return list(lease(checker, most=most, **given).jobs)


def found(job: CheckJob, verdict: str = "live", **given: Any) -> Found:
    cause = "unknown" if verdict in {"gone", "account_gone"} else ""
    given = {"at": timezone.now(), "confidence": "high", "cause": cause, "attempt": job.attempt, **given}
    return Found(job=job.key, verdict=verdict, **given)
