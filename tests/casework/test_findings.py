"""Each finding counts once, and everything that follows from a look follows from a checker's."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from casework import check_jobs, store
from casework.captures import Clock
from casework.findings import Found, record_findings
from casework.models import Check, CheckJob, Item, ItemStatus, JobState, Presence, Visit
from tests.casework.checking import found, make_checker, noticed, switch, take
from tests.factories import see_gone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings: Any) -> None:
    settings.CHECK_SPREAD_SECONDS = 1


@pytest.fixture
def checker() -> Any:
    switch("x")
    return make_checker(name="London 1")


def due(checker: Any, **given: Any) -> CheckJob:
    noticed(**given)
    check_jobs.plan()
    [job] = take(checker, 1, at=timezone.now() + timedelta(seconds=2))
    return job


def post(checker: Any, *findings: Found, **given: Any) -> tuple[int, int, int]:
    taken = record_findings(checker, findings, **{"skew": 0.0, **given})
    return taken.recorded, taken.repeated, len(taken.refused)


def test_finding_becomes_a_check_with_all_that_is_known_of_it(checker: Any) -> None:
    job = due(checker)
    seen = timezone.now()

    post(checker, found(job, "live", at=seen, marker="An offer", reason="described", status=200,
                        final_url="https://x.com/a", capture_sha256="ab" * 32,
                        fingerprint={"salient": [1], "rest": [2], "length": 9}))  # fmt: skip

    check = Check.objects.get()
    assert (check.item, check.verdict, check.method, check.vantage, check.confidence) == (
        job.item, "live", "automatic", "GB", "high",
    )  # fmt: skip
    assert (check.at, check.marker, check.note, check.by_name, check.confirms) == (
        seen, "An offer", "described", "London 1", False,
    )  # fmt: skip
    visit = check.visit
    assert (visit.job, visit.attempt, visit.status, visit.capture_sha256) == (job, 1, 200, "ab" * 32)
    event = check.item.events.get(kind="check.recorded")
    assert (event.actor, event.actor_name, event.new) == (checker.user, "London 1", "live")
    job.refresh_from_db()
    assert (job.state, job.leased_until) == (JobState.DONE, None)
    job.item.refresh_from_db()
    assert (job.item.presence, job.item.last_checked_at) == (Presence.LIVE, seen)
    assert job.item.next_check_at == job.item.received_at + timedelta(hours=24)


def test_finding_posted_again_counts_once_also_in_one_batch(checker: Any) -> None:
    job = due(checker)
    finding = found(job)

    assert post(checker, finding, finding) == (1, 1, 0)
    assert post(checker, finding) == (0, 1, 0)
    assert post(checker, finding._replace(verdict="gone", cause="unknown")) == (0, 1, 0)
    assert Check.objects.count() == Visit.objects.count() == 1


def test_finding_of_a_lease_that_ran_out_is_kept_and_that_of_the_next_beside_it(checker: Any) -> None:
    other = make_checker()
    late = due(checker)
    [again] = take(other, at=timezone.now() + timedelta(minutes=6))

    assert post(checker, found(late)) == (1, 0, 0)
    assert CheckJob.objects.get().state == JobState.DONE
    assert post(other, found(again, at=timezone.now() + timedelta(seconds=1))) == (1, 0, 0)
    assert post(checker, found(late)) == (0, 1, 0)
    assert sorted(Visit.objects.values_list("attempt", flat=True)) == [1, 2]


def test_same_look_told_under_the_next_lease_is_the_same_look(checker: Any) -> None:
    job = due(checker)
    seen = timezone.now()
    post(checker, found(job, at=seen))
    CheckJob.objects.update(attempt=2)

    assert post(checker, found(job, at=seen, attempt=2)) == (0, 1, 0)


def test_what_belongs_nowhere_is_named_and_stops_nothing_else(checker: Any) -> None:
    stranger = make_checker("FR")
    job = due(checker)

    nowhere = found(job)._replace(job=uuid4())
    assert post(checker, nowhere, found(job, attempt=2), found(job)) == (1, 0, 2)
    assert post(stranger, found(job)) == (0, 0, 1)
    assert Visit.objects.count() == 1


def test_only_the_holder_of_a_lease_tells_what_it_found(checker: Any) -> None:
    other = make_checker()
    job = due(checker)

    assert post(other, found(job, "gone")) == (0, 0, 1)
    assert post(checker, found(job, "live")) == (1, 0, 0)


def test_clock_that_is_wrong_is_corrected_and_the_look_lies_between_due_and_told(checker: Any) -> None:
    now = timezone.now()
    jobs = [due(checker) for _ in range(3)]

    ahead, before, slightly = (
        found(jobs[0], at=now + timedelta(hours=1)),
        found(jobs[1], at=now - timedelta(days=9)),
        found(jobs[2], at=now - timedelta(seconds=30)),
    )
    record_findings(checker, [ahead, before], skew=3600.0, at=now)
    record_findings(checker, [slightly], skew=2.0, at=now)

    at = dict(Check.objects.values_list("item", "at"))
    assert at[jobs[0].item_id] == now
    assert at[jobs[1].item_id] == jobs[1].due_at
    assert at[jobs[2].item_id] == now - timedelta(seconds=30)
    assert Visit.objects.get(job=jobs[0]).seen_at == now + timedelta(hours=1)


def look(checker: Any, item: Item, verdict: str, at: datetime, **given: Any) -> None:
    """One look, made when it was due, `at`."""
    Item.objects.filter(pk=item.pk).update(next_check_at=at)
    check_jobs.plan(at)
    [job] = take(checker, 1, at=at + timedelta(seconds=2))
    post(checker, found(job, verdict, at=at + timedelta(seconds=3), **given), at=at + timedelta(seconds=4))
    item.refresh_from_db()


def test_two_looks_that_lie_apart_confirm_and_one_does_not(checker: Any) -> None:
    now = timezone.now()
    item = noticed(t0=now - timedelta(hours=2))

    look(checker, item, "gone", now)
    assert (item.status, item.presence) == (ItemStatus.NOTIFIED, Presence.PERHAPS_GONE)
    assert item.next_check_at == now + timedelta(hours=1, seconds=3)

    look(checker, item, "gone", now + timedelta(minutes=30))
    assert item.status == ItemStatus.NOTIFIED
    look(checker, item, "gone", now + timedelta(hours=2), cause="platform_policy")
    assert (item.status, item.gone_cause) == (ItemStatus.WATCHING, "platform_policy")
    assert item.gone_at == now + timedelta(seconds=3)
    assert item.episodes.get().closed_at is not None


def test_looks_that_confirm_nothing_change_nothing(checker: Any) -> None:
    now = timezone.now()
    item = noticed(t0=now - timedelta(hours=2))

    for number, verdict in enumerate(("private", "login_required", "redirected", "inconclusive")):
        look(checker, item, verdict, now + timedelta(hours=number))

    assert (item.presence, item.gone_at, item.status) == (Presence.LIVE, None, ItemStatus.NOTIFIED)
    assert list(Item.objects.unseen(now)) == [item]


def test_look_that_told_nothing_is_made_again_three_times_and_then_by_the_schedule(checker: Any) -> None:
    now = timezone.now()
    item = noticed(t0=now - timedelta(hours=2))
    waits = []

    for number in range(5):
        at = now + timedelta(minutes=number)
        look(checker, item, "inconclusive", at)
        waits.append(item.next_check_at - at - timedelta(seconds=3))

    assert waits[:3] == [timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40)]
    assert item.next_check_at == item.received_at + timedelta(hours=24)


def test_second_look_that_told_nothing_is_not_asked_for_without_end(checker: Any) -> None:
    now = timezone.now()
    item = noticed(t0=now - timedelta(days=200))
    look(checker, item, "gone", now)

    for number in range(4):
        look(checker, item, "inconclusive", now + timedelta(hours=1 + number))

    assert item.next_check_at == now + timedelta(hours=4, days=1, seconds=3)


def test_watched_item_that_is_live_again_is_taken_up_first(checker: Any) -> None:
    now = timezone.now()
    item = noticed(t0=now - timedelta(hours=2))
    see_gone(item, at=now - timedelta(minutes=5))

    look(checker, item, "live", now)

    assert (item.status, item.priority, item.presence) == (ItemStatus.APPROVED, 1, Presence.LIVE)


def test_watched_item_perhaps_seen_again_is_soon_looked_at_once_more(checker: Any) -> None:
    now = timezone.now()
    item = noticed(t0=now - timedelta(hours=2))
    see_gone(item, at=now - timedelta(minutes=5))

    look(checker, item, "changed", now, confidence="low")
    assert (item.status, item.presence) == (ItemStatus.WATCHING, Presence.GONE)
    assert item.next_check_at == now + timedelta(hours=1, seconds=3)

    look(checker, item, "live", now + timedelta(hours=1), confidence="low")
    assert (item.status, item.priority, item.presence) == (ItemStatus.APPROVED, 1, Presence.LIVE)


def test_batch_costs_the_same_for_one_finding_and_for_three(
    checker: Any, django_assert_num_queries: Any
) -> None:
    for size in (1, 3):
        jobs = [due(checker) for _ in range(size)]
        with django_assert_num_queries(11):
            assert post(checker, *(found(job) for job in jobs)) == (size, 0, 0)


def test_restored_database_names_the_same_look_the_same_and_takes_its_finding_once(checker: Any) -> None:
    item = noticed()
    point = transaction.savepoint()
    check_jobs.plan()
    [job] = take(checker, at=timezone.now() + timedelta(seconds=2))
    told = found(job)
    post(checker, told)
    transaction.savepoint_rollback(point)

    check_jobs.plan()
    [again] = take(checker, at=timezone.now() + timedelta(seconds=2))

    assert (again.key, again.attempt) == (told.job, told.attempt)
    assert (post(checker, told), post(checker, told)) == ((1, 0, 0), (0, 1, 0))
    assert list(item.checks.values_list("at", flat=True)) == [told.at]


def test_files_of_a_look_are_tied_to_it(checker: Any, settings: Any, tmp_path: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    job = due(checker)
    named = [{"kind": "text", "sha256": store.put(b"An offer")}]

    counts = post(checker, found(job, captures=named), clock=Clock("ntp", 3, -12))

    capture = Check.objects.get().captures.get()
    assert (counts, capture.exhibit.sha256, capture.clock) == ((1, 0, 0), named[0]["sha256"], "ntp")
    assert capture.exhibit.attached_by == checker.user


@pytest.mark.parametrize("twice", [True, False])
def test_finding_with_files_that_cannot_be_kept_is_refused_alone(
    checker: Any, twice: bool, settings: Any, tmp_path: Any
) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    job = due(checker)
    sha256 = store.put(b"An offer") if twice else "0" * 64
    named = [{"kind": "text", "sha256": sha256}] * 2

    taken = record_findings(checker, [found(job, captures=named)], skew=0.0)

    words = (
        "A look has one file of each kind."
        if twice
        else f"The file {sha256} has not been sent yet: send it first."
    )
    assert ([each.detail for each in taken.refused], Check.objects.count()) == ([words], 0)
