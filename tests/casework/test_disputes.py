"""Where a platform's word and our looks, or a person's look and the checker's, do not agree."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework import checks, disputes, episodes
from casework.models import Item, ItemStatus
from tests.factories import item_at, see_gone, see_live, some

pytestmark = pytest.mark.django_db


def look(item: Item, verdict: str, *, method: str, hours_ago: float, **given: str) -> None:
    at = timezone.now() - timedelta(hours=hours_ago)
    checks.record(item, verdict=verdict, method=method, by=some(Role.OFFICER), at=at, **given)


def opposed(item: Item) -> tuple[list[Item], list[Item], str]:
    """Both queues, and what the item's page says."""
    now, items = timezone.now(), Item.objects.all()
    return (
        list(disputes.only_a_person_sees(items, now)),
        list(disputes.only_the_checker_sees(items, now)),
        disputes.opposed(item.checks.all()),
    )


def test_word_of_removal_is_disputed_only_by_a_look_since() -> None:
    item = item_at(ItemStatus.NOTIFIED)
    see_live(item, at=timezone.now() - timedelta(hours=1))
    episodes.claim(item, answer="removed", removal=True, at=timezone.now())

    before = list(disputes.said_removed(Item.objects.all()))
    see_live(item)

    assert before == []
    assert list(disputes.said_removed(Item.objects.all())) == [item]


def test_what_some_still_see_disputes_a_removal() -> None:
    item = item_at(ItemStatus.NOTIFIED)
    episodes.claim(item, answer="removed", removal=True, at=timezone.now())
    checks.record(item, verdict="geo_blocked", by=some(Role.OFFICER))

    assert list(disputes.said_removed(Item.objects.all())) == [item]


def test_what_was_confirmed_gone_disputes_no_removal() -> None:
    item = item_at(ItemStatus.NOTIFIED)
    episodes.claim(item, answer="removed", removal=True, at=timezone.now())
    see_gone(item)

    assert list(disputes.said_removed(Item.objects.all())) == []


@pytest.mark.parametrize(
    ("person", "checker", "found"),
    [
        ("live", "gone", (True, False, disputes.ONLY_A_PERSON)),
        ("live", "account_gone", (True, False, disputes.ONLY_A_PERSON)),
        ("gone", "live", (False, True, disputes.ONLY_THE_CHECKER)),
        ("live", "live", (False, False, "")),
        ("gone", "account_gone", (False, False, "")),
        ("live", "geo_blocked", (False, False, "")),
        ("gone", "login_required", (False, False, "")),
        ("private", "live", (False, False, "")),
    ],
)
def test_person_and_checker_disagree(person: str, checker: str, found: tuple[bool, bool, str]) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    look(item, checker, method="automatic", hours_ago=2)
    look(item, person, method="person", hours_ago=1)

    by_person, by_checker, said = opposed(item)

    assert (by_person == [item], by_checker == [item], said) == found


@pytest.mark.parametrize(
    ("vantage", "hours_ago"), [("FR", 1), ("GB", 26)], ids=["another country", "another day"]
)
def test_looks_that_are_not_of_one_place_and_time_contradict_nothing(vantage: str, hours_ago: float) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    look(item, "gone", method="automatic", hours_ago=hours_ago, vantage=vantage)
    look(item, "live", method="person", hours_ago=0)

    assert opposed(item) == ([], [], "")


def test_the_checkers_next_look_settles_it() -> None:
    item = item_at(ItemStatus.NOTIFIED)
    look(item, "gone", method="automatic", hours_ago=3)
    look(item, "live", method="person", hours_ago=2)
    look(item, "live", method="automatic", hours_ago=1)

    assert opposed(item) == ([], [], "")


def test_list_of_a_dispute_is_oldest_first_and_says_who_saw_what_from_where(
    officer: User, signed_in: Callable[[User], Client]
) -> None:
    now = timezone.now()
    items = [item_at(ItemStatus.NOTIFIED) for _ in range(3)]
    for item, days in zip(items, (1, 3, 2), strict=True):
        episodes.claim(item, answer="removed", removal=True, at=now - timedelta(days=days))
        see_live(item, at=now)

    page = signed_in(officer).get("/items/", {"queue": "says_removed"})

    assert list(page.context["page_obj"]) == [items[1], items[2], items[0]]
    assert page.content.decode().count("By a person from GB") == 3
