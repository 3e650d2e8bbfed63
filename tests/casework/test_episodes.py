"""Episodes: opened by receipt, closed by removal, and when to look in between."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import User
from casework import episodes
from casework.models import Item, ItemStatus, SetAside
from tests.factories import item_at, make_item, see_gone

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_receipt_opens_one_episode_and_a_second_notice_keeps_its_t0() -> None:
    item = item_at(ItemStatus.NOTIFIED)

    first = episodes.receive(item, t0=T0, basis="received", channel="mail")
    second = episodes.receive(item, t0=T0 + timedelta(days=1), basis="received", channel="mail")

    item.refresh_from_db()
    assert first is not None
    assert (second, item.received_at, item.episodes.get().t0) == (None, T0, T0)
    assert item.events.filter(kind="episode.opened").count() == 1


def test_item_already_gone_opens_none() -> None:
    item = see_gone(item_at(ItemStatus.NOTIFIED))

    assert episodes.receive(item, t0=T0, basis="received", channel="mail") is None
    assert not item.episodes.exists()


def test_all_lines_of_a_notice_are_received_at_once(django_assert_max_num_queries: object) -> None:
    items = [item_at(ItemStatus.NOTIFIED) for _ in range(3)]

    with django_assert_max_num_queries(8):  # type: ignore[operator]
        opened = episodes.receive_all([episodes.Received(item, T0, "sent", "portal") for item in items])

    assert {(row.item_id, row.number, row.t0, row.t0_basis, row.channel) for row in opened} == {
        (item.pk, 1, T0, "sent", "portal") for item in items
    }


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (timedelta(0), timedelta(hours=1)),
        (timedelta(minutes=59), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(hours=24)),
        (timedelta(hours=30), timedelta(hours=48)),
        (timedelta(days=3), timedelta(days=7)),
        (timedelta(days=7), timedelta(days=28)),
        (timedelta(days=29), timedelta(days=58)),
        (timedelta(days=150), timedelta(days=180)),
        (timedelta(days=180), None),
    ],
)
def test_looks_are_due_by_the_schedule(after: timedelta, due: timedelta | None) -> None:
    item = Item(received_at=T0)

    assert episodes.next_look(item, T0 + after) == (T0 + due if due else None)


def test_no_look_is_due_before_a_notice() -> None:
    assert episodes.next_look(Item(), T0) is None


def test_claim_of_removal_brings_the_next_look_forward() -> None:
    item = item_at(ItemStatus.NOTIFIED)
    now = timezone.now()
    episodes.receive(item, t0=now, basis="received", channel="mail")

    episodes.claim(item, answer="removed", removal=True, at=now)

    item.refresh_from_db()
    assert (item.claim, item.claims_removal, item.claim_at) == ("removed", True, now)
    assert item.next_check_at < now + timedelta(minutes=10)


def test_refusal_moves_no_look() -> None:
    item = item_at(ItemStatus.NOTIFIED)
    episodes.receive(item, t0=timezone.now(), basis="received", channel="mail")
    due = item.next_check_at

    episodes.claim(item, answer="refused", removal=False, at=timezone.now())

    assert (item.next_check_at, item.claims_removal) == (due, False)


def test_new_episode_begins_without_the_old_claim() -> None:
    item = item_at(ItemStatus.NOTIFIED)
    episodes.receive(item, t0=T0, basis="received", channel="mail")
    episodes.claim(item, answer="refused", removal=False, at=T0)
    episodes.close(item, at=T0 + timedelta(days=1))

    opened = episodes.receive(item, t0=T0 + timedelta(days=2), basis="received", channel="mail")

    item.refresh_from_db()
    assert opened is not None
    assert (opened.number, item.claim, item.claim_at) == (2, "", None)


def test_episode_never_closes_before_it_opened() -> None:
    item = item_at(ItemStatus.NOTIFIED)
    episodes.receive(item, t0=T0, basis="received", channel="mail")

    episodes.close(item, at=T0 - timedelta(hours=1))

    assert item.episodes.get().closed_at == T0


@pytest.mark.parametrize(
    ("kind", "confirmed", "event"),
    [
        ("withdrawn", "", "item.set_aside_withdrawn"),
        ("invalid", "Reviewer 1", "item.set_aside_found_invalid"),
    ],
)
def test_item_set_aside_ends_its_episode(kind: str, confirmed: str, event: str, reviewer: User) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    episodes.receive(item, t0=T0, basis="received", channel="mail")

    row = episodes.set_aside(item, kind=kind, reason="Wrong address", confirmed_by=confirmed, by=reviewer)

    assert (row.kind, row.confirmed_by) == (kind, confirmed)
    assert item.episodes.get().closed_at is not None
    assert item.events.filter(kind=event).get().reason == "Wrong address"


def test_setting_aside_needs_a_known_kind_and_a_reviewer(officer: User, reviewer: User) -> None:
    item = item_at(ItemStatus.NOTIFIED)

    with pytest.raises(PermissionDenied):
        episodes.set_aside(item, kind="withdrawn", reason="Ours", by=officer)
    with pytest.raises(ValidationError):
        episodes.set_aside(item, kind="forgotten", reason="Ours", by=reviewer)
    assert not SetAside.objects.exists()


def test_item_without_a_notice_can_be_set_aside_too(reviewer: User) -> None:
    item = make_item()

    episodes.set_aside(item, kind="invalid", reason="Out of remit", by=reviewer)

    assert SetAside.objects.get().confirmed_by == reviewer.name
