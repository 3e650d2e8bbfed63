"""What the list of items shows first, and what the page of one says of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from casework.models import Item, ItemStatus
from notices import drafting
from platforms.models import Channel
from tests.factories import assess, item_at, make_item

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def desk(officer: User, signed_in: SignIn) -> Client:
    return signed_in(officer)


def listed(client: Client, query: str = "") -> list[str]:
    return [row.reference for row in client.get(f"/items/{query}").context["page_obj"]]


@pytest.fixture
def four() -> list[str]:
    """Closed and most urgent; reported; reported and urgent; watched: in the order in which they came."""
    made = [item_at(status) for status in ("closed", "reported", "reported", "watching")]  # type: ignore[arg-type]
    Item.objects.filter(pk__in=[made[0].pk, made[3].pk]).update(priority=1)
    Item.objects.filter(pk=made[2].pk).update(priority=2)
    return [item.reference for item in made]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", [2, 1, 3, 0]),
        ("?sort=newest", [3, 2, 1, 0]),
        ("?sort=oldest", [0, 1, 2, 3]),
        ("?status=reported", [2, 1]),
        ("?queue=to_assess&sort=oldest", [1, 2]),
    ],
)
def test_open_work_stands_first_unless_asked_otherwise(
    query: str, order: list[int], four: list[str], desk: Client
) -> None:
    assert listed(desk, query) == [four[place] for place in order]


def test_order_is_offered_and_counts_as_no_filter(four: list[str], desk: Client) -> None:
    response = desk.get("/items/?sort=oldest")

    assert response.context["active"] == 0
    assert "Open work first" in response.content.decode()


def test_list_is_read_along_its_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = Item.objects.work_first()[:50].explain()

    assert "item_work_first" in plan
    assert "Sort" not in plan


def test_account_is_labelled_in_the_list(desk: Client) -> None:
    Item.objects.filter(pk=make_item().pk).update(owner="seller")

    assert "Account: <bdi>seller</bdi>" in desk.get("/items/").content.decode()


@pytest.mark.parametrize(
    ("status", "late"),
    [(ItemStatus.WATCHING, False), (ItemStatus.CLOSED, False), (ItemStatus.NOTIFIED, True)],
)
def test_only_what_is_to_be_looked_for_is_overdue(status: ItemStatus, late: bool, desk: Client) -> None:
    item = item_at(status)
    Item.objects.filter(pk=item.pk).update(next_check_at=timezone.now() - timedelta(days=3))

    for page in ("", "check/"):
        assert ("Overdue" in desk.get(f"/items/{item.reference}/{page}").content.decode()) == late


def test_look_that_confirms_is_worded(desk: Client) -> None:
    page = desk.get(f"/items/{item_at(ItemStatus.WATCHING).reference}/").content.decode()

    assert "Confirms that it is gone" in page
    assert "Watched until" in page


def test_manager_is_told_why_an_item_cannot_be_given_up(
    officer: User, manager: User, signed_in: SignIn
) -> None:
    item = item_at(ItemStatus.APPROVED)
    way = Channel.objects.create(platform=item.platform, kind="mail", address="legal@platform.example")
    [notice] = drafting.draft([item], channel=way, by=officer)
    Item.objects.filter(pk=item.pk).update(status="notified", notified_at=timezone.now())

    response = signed_in(manager).get(f"/items/{item.reference}/")

    why = f"Notice {notice.reference} about {item.reference} is open: close it first."
    assert response.context["refusals"] == [("Close: not removed", why)]
    assert why in response.content.decode()


def test_reviewer_is_told_what_an_approval_lacks(officer: User, reviewer: User, signed_in: SignIn) -> None:
    item = assess(make_item(), by=officer)

    response = signed_in(reviewer).get(f"/items/{item.reference}/")

    assert "has no exhibit: attach at least one screenshot" in response.content.decode()
    assert signed_in(officer).get(f"/items/{item.reference}/").context["refusals"] == []
