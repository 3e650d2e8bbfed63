"""Editions that the clock prepares: each period once, when its time has come."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Role
from casework.transitions import TransitionNotAllowed
from reports import editions, schedules
from reports.models import Edition
from tests.reports.editions_at import Office, monthly

MARCH = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def office(person: Callable[..., User]) -> Office:
    return Office(person(Role.MANAGER), person(Role.MANAGER, number=2))


def test_due_months_are_prepared_once(office: Office) -> None:
    schedule = monthly(office, platform="x", grouped_by="kind")

    assert [schedules.prepare_due(MARCH), schedules.prepare_due(MARCH)] == [2, 0]

    january = schedule.editions.get(first=date(2026, 1, 1))
    assert january.title == "Takedown rate: January 2026"
    assert (january.as_at, january.known_by) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 4, tzinfo=UTC),
    )
    assert (january.platform, january.by, january.provisional, january.prepared_by) == (
        "x",
        ["kind"],
        False,
        None,
    )
    assert [job.created_by for job in january.jobs.all()] == [None]
    assert january.events.get().actor_name == "Takedown Desk"


def test_quarter_begins_with_its_first_month(office: Office) -> None:
    schedule = monthly(office, frequency="quarterly", since=date(2025, 12, 15))

    schedules.prepare_due(MARCH)

    assert schedule.since == date(2025, 10, 1)
    assert [str(edition.title) for edition in schedule.editions.all()] == ["Takedown rate: 2025 Q4"]


def test_what_the_clock_prepared_is_approved_by_anybody_who_releases(office: Office) -> None:
    schedule = monthly(office, since=date(2026, 1, 1))
    schedules.prepare_due(MARCH)
    edition = office.frozen(schedule.editions.get())

    assert editions.approve(edition, by=office.first).status == "approved"


def test_discarded_edition_is_prepared_anew(office: Office) -> None:
    schedule = monthly(office, since=date(2026, 1, 1))
    schedules.prepare_due(MARCH)
    editions.discard(schedule.editions.get(), reason="Too early", by=office.first)

    assert schedules.prepare_due(MARCH) == 1


def test_stopped_schedule_prepares_nothing(office: Office) -> None:
    schedule = schedules.stop(monthly(office), by=office.second)

    assert schedules.prepare_due(MARCH) == 0
    assert schedule.stopped_by == office.second
    with pytest.raises(TransitionNotAllowed, match="has stopped already"):
        schedules.stop(schedule, by=office.second)


def test_only_who_prepares_editions_schedules_them(office: Office, auditor: User) -> None:
    with pytest.raises(PermissionDenied):
        monthly(Office(auditor, auditor))
    with pytest.raises(PermissionDenied):
        schedules.stop(monthly(office), by=auditor)


def test_the_database_keeps_one_edition_of_a_period(office: Office) -> None:
    schedule = monthly(office, since=date(2026, 1, 1))
    schedules.prepare_due(MARCH)
    edition = schedule.editions.get()
    edition.pk, edition.reference = None, "E1"

    with pytest.raises(IntegrityError, match="scheduled_once"), transaction.atomic():
        edition.save(force_insert=True)
    assert Edition.objects.count() == 1
