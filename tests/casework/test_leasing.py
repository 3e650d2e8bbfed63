"""Jobs are made once, handed out to one at a time, spread over hosts, and come back when a lease runs out."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from casework import check_jobs, episodes, leasing
from casework.leasing import Lease
from casework.lifecycle import move
from casework.models import CheckJob, Item, JobReason, JobState
from tests.casework.checking import make_checker, noticed, switch, take
from tests.factories import approve, make_item, see_gone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings: Any) -> None:
    settings.CHECK_SPREAD_SECONDS = 1


def later() -> Any:
    return timezone.now() + timedelta(seconds=2)


def test_nothing_is_visited_until_an_administrator_turns_it_on() -> None:
    checker, item = make_checker(), noticed()
    check_jobs.plan()
    assert not CheckJob.objects.exists()

    switch("facebook")
    switch("x", "FR")
    check_jobs.plan()
    assert [(job.item, job.country) for job in CheckJob.objects.all()] == [(item, "FR")]
    assert take(checker, at=later()) == []


def test_due_look_becomes_one_job_for_each_vantage_however_often_it_is_planned() -> None:
    switch("x")
    switch("x", "FR")
    item = noticed()
    noticed(address="https://www.facebook.com/permalink.php?story_fbid=1&id=2")

    made = [check_jobs.plan() for _ in range(3)]

    assert made == [2, 0, 0]
    assert {(job.item, job.country, job.reason) for job in CheckJob.objects.all()} == {
        (item, "GB", JobReason.SCHEDULED), (item, "FR", JobReason.SCHEDULED),
    }  # fmt: skip
    assert {job.host for job in CheckJob.objects.all()} == {"x.com"}


def test_planning_and_leasing_cost_the_same_for_one_item_and_for_three(
    django_assert_num_queries: Any,
) -> None:
    switch("x")
    checker = make_checker()
    for items in (1, 2):
        for _ in range(items):
            noticed()
        with django_assert_num_queries(5):  # the lock, what is dropped, what is made; and a savepoint
            check_jobs.plan()
        with django_assert_num_queries(5):
            assert len(take(checker, at=later())) == items


def test_job_that_is_leased_is_nobody_elses() -> None:
    switch("x")
    first, second = make_checker(), make_checker()
    for _ in range(3):
        noticed()
    check_jobs.plan()

    taken = take(first, 2, at=later()), take(second, 2, at=later())

    assert [len(jobs) for jobs in taken] == [2, 1]
    assert len({job.pk for jobs in taken for job in jobs}) == 3


def test_lease_that_ran_out_goes_to_another_with_the_next_number() -> None:
    switch("x")
    lost, other = make_checker(), make_checker()
    noticed()
    check_jobs.plan()
    [job] = take(lost, at=later())

    assert take(other, at=later() + timedelta(minutes=4)) == []
    [again] = take(other, at=later() + timedelta(minutes=6))

    assert (again.pk, job.attempt, again.attempt, again.checker) == (job.pk, 1, 2, other)
    kept = leasing.extend(lost, [Lease(job.key, 1)])
    assert kept == []
    kept = leasing.extend(other, [Lease(job.key, 2)])
    assert kept == [job.key]


def test_job_that_is_handed_back_is_free_at_once() -> None:
    switch("x")
    first, second = make_checker(), make_checker()
    noticed()
    check_jobs.plan()
    [job] = take(first, at=later())

    assert leasing.hand_back(second, [Lease(job.key, 1)]) == 0
    assert leasing.hand_back(first, [Lease(job.key, 1)]) == 1
    assert [each.attempt for each in take(second, at=later())] == [2]


def test_job_that_ends_every_checker_is_left_to_persons() -> None:
    switch("x")
    checker = make_checker()
    noticed()
    check_jobs.plan()
    CheckJob.objects.update(attempt=leasing.MOST_ATTEMPTS)

    assert take(checker, at=later()) == []


def test_visits_turned_off_end_waiting_jobs_and_leases() -> None:
    switch("x")
    checker = make_checker()
    noticed(), noticed()
    check_jobs.plan()
    [held] = take(checker, 1, at=later())

    switch("x", on=False)

    assert Counter(CheckJob.objects.values_list("state", flat=True)) == {"leased": 1, "dropped": 1}
    assert leasing.extend(checker, [Lease(held.key, 1)]) == []
    assert take(checker, at=later() + timedelta(minutes=6)) == []

    switch("x")
    assert check_jobs.plan() == 1
    assert len(take(checker, at=later() + timedelta(minutes=6))) == 2


def test_signed_in_checker_takes_only_what_is_to_be_seen_signed_in() -> None:
    switch("x", logged_in=True)
    plain, signed_in = make_checker(), make_checker(logged_in=True)
    noticed()
    check_jobs.plan()

    assert take(plain, at=later()) == []
    assert len(take(signed_in, at=later())) == 1


def test_a_host_is_not_asked_more_often_than_its_share(settings: Any) -> None:
    settings.CHECKS_PER_HOST_AND_MINUTE = 2
    switch("x"), switch("web")
    checker = make_checker()
    for number in range(3):
        noticed(), noticed(address=f"https://site-{number}.example/page")
    check_jobs.plan()

    first, second = take(checker, at=later()), take(checker, at=later() + timedelta(seconds=30))
    third = take(checker, at=later() + timedelta(seconds=61))

    assert Counter(job.host for job in first)["x.com"] == 2
    assert len(first) == 5
    assert (second, [job.host for job in third]) == ([], ["x.com"])


def test_look_that_is_not_urgent_is_put_off_a_little_and_others_are_not(settings: Any) -> None:
    settings.CHECK_SPREAD_SECONDS = 3600
    switch("x")
    for _ in range(4):
        noticed()
    claimed = noticed()
    episodes.claim(claimed, answer="removed", removal=True, at=timezone.now())
    Item.objects.filter(pk=claimed.pk).update(next_check_at=timezone.now() - timedelta(seconds=1))
    check_jobs.plan()

    waits = {job.item_id: (job.reason, job.not_before - job.due_at) for job in CheckJob.objects.all()}

    assert waits.pop(claimed.pk) == (JobReason.CLAIM, timedelta(0))
    assert {reason for reason, _ in waits.values()} == {JobReason.SCHEDULED}
    assert len({wait for _, wait in waits.values()}) == 4
    assert all(timedelta(0) <= wait < timedelta(hours=1) for _, wait in waits.values())


def test_job_of_an_item_that_moved_on_is_dropped() -> None:
    switch("x")
    item = noticed()
    check_jobs.plan()
    see_gone(item)
    move(item, "close_removed", by=None)

    check_jobs.plan()

    assert CheckJob.objects.get().state == JobState.DROPPED


def test_before_sending_an_approved_item_is_looked_at_unless_it_just_was() -> None:
    switch("x")
    checker, fresh = make_checker(), approve(make_item())
    from_yesterday = approve(make_item(found_at=timezone.now() - timedelta(days=1)))
    Item.objects.filter(pk=fresh.pk).update(last_checked_at=timezone.now() - timedelta(minutes=50))

    made = [check_jobs.ask_before_sending([fresh, from_yesterday]) for _ in range(2)]
    [job] = take(checker)

    assert made == [1, 0]
    assert (job.item, job.reason, job.urgency) == (from_yesterday, JobReason.BEFORE_SENDING, 1)


def test_come_again_when_something_is_there(settings: Any) -> None:
    switch("x")
    checker = make_checker()
    idle = leasing.lease(checker, most=1)
    noticed(), noticed()
    check_jobs.plan()

    busy = leasing.lease(checker, most=1, at=later())

    assert idle.come_again_in == 30.0
    assert busy.come_again_in == 0.0


@pytest.mark.django_db(transaction=True)
def test_checkers_that_ask_at_the_same_time_share_the_jobs() -> None:
    switch("x")
    group = [make_checker() for _ in range(4)]
    for _ in range(20):
        noticed()
    check_jobs.plan()
    taken: list[int] = []

    def work(checker: Any) -> None:
        while jobs := take(checker, 3, at=later()):
            taken.extend(job.pk for job in jobs)
        connection.close()

    threads = [threading.Thread(target=work, args=[checker]) for checker in group]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 20
