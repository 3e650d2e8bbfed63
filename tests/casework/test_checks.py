"""Recording a look: what it does to presence, handling, episode and the next look."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from casework import checks, episodes
from casework.lifecycle import move
from casework.models import Check, Item, ItemStatus, Presence
from casework.tasks import close_watched
from tests.factories import approve, exhibit, item_at, make_item, see_gone, see_live

pytestmark = pytest.mark.django_db


@pytest.fixture
def t0() -> datetime:
    return timezone.now() - timedelta(days=2)


@pytest.fixture
def noticed(t0: datetime) -> Item:
    """Received by the platform two days ago."""
    item = approve(make_item(found_at=t0 - timedelta(hours=2), at=t0 - timedelta(hours=2)), at=t0)
    move(item, "notify", by=None, at=t0, stamps={"notified_at": t0})
    episodes.receive(item, t0=t0, basis="received", channel="mail")
    item.refresh_from_db()
    return item


def test_two_agreeing_looks_confirm_and_begin_the_watch(noticed: Item, officer: User, t0: datetime) -> None:
    first, second = t0 + timedelta(hours=24), t0 + timedelta(hours=26)

    checks.record(noticed, verdict="gone", at=first, by=officer)
    assert (noticed.status, noticed.presence) == (ItemStatus.NOTIFIED, Presence.PERHAPS_GONE)
    assert noticed.next_check_at == first + timedelta(hours=noticed.platform.confirm_hours)

    checks.record(noticed, verdict="gone", cause="platform_policy", at=second, by=officer)
    assert (noticed.status, noticed.presence) == (ItemStatus.WATCHING, Presence.GONE)
    assert (noticed.gone_at, noticed.gone_cause) == (first, "platform_policy")
    assert noticed.watch_until == second + timedelta(days=noticed.platform.watch_days)
    assert noticed.episodes.get().closed_at == second


def test_look_of_a_person_with_an_exhibit_confirms_alone(noticed: Item, officer: User) -> None:
    made = checks.record(noticed, verdict="gone", exhibit=exhibit(noticed), by=officer)

    assert made.confirms
    assert noticed.status == ItemStatus.WATCHING


@pytest.mark.parametrize("given", [{}, {"method": "automatic"}, {"confidence": "medium"}])
def test_lesser_looks_do_not_confirm_alone(noticed: Item, officer: User, given: dict[str, str]) -> None:
    shown = exhibit(noticed) if given else None

    made = checks.record(noticed, verdict="gone", exhibit=shown, by=officer, **given)

    assert not made.confirms
    assert (noticed.status, noticed.presence) == (ItemStatus.NOTIFIED, Presence.PERHAPS_GONE)


def test_looks_recorded_in_the_wrong_order_give_the_same_result(
    noticed: Item, officer: User, t0: datetime
) -> None:
    for after in (26, 24):
        checks.record(noticed, verdict="gone", at=t0 + timedelta(hours=after), by=officer)

    assert (noticed.status, noticed.gone_at) == (ItemStatus.WATCHING, t0 + timedelta(hours=24))


def test_watched_item_seen_live_again_goes_back_to_be_noticed_first(noticed: Item) -> None:
    see_gone(noticed, at=timezone.now() - timedelta(hours=1))

    see_live(noticed, at=timezone.now())

    noticed.refresh_from_db()
    assert (noticed.status, noticed.priority, noticed.presence) == (ItemStatus.APPROVED, 1, Presence.LIVE)
    assert (noticed.gone_at, noticed.watch_until) == (None, None)
    assert noticed.reappeared_at is not None
    assert list(Item.objects.reappeared()) == [noticed]
    assert noticed.events.filter(kind="item.reappeared").get().actor is None


def test_fresh_notice_on_what_reappeared_opens_the_next_episode(noticed: Item) -> None:
    see_gone(noticed, at=timezone.now() - timedelta(hours=1))
    see_live(noticed, at=timezone.now())
    noticed.refresh_from_db()

    opened = episodes.receive(noticed, t0=timezone.now(), basis="sent", channel="portal")

    assert opened is not None
    assert [(row.number, row.closed_at is None) for row in noticed.episodes.order_by("number")] == [
        (1, False), (2, True),
    ]  # fmt: skip


def test_removed_and_closed_item_seen_live_again_is_taken_up(noticed: Item) -> None:
    see_gone(noticed, at=timezone.now() - timedelta(hours=1))
    move(noticed, "close_removed", by=None)

    see_live(noticed, at=timezone.now())

    noticed.refresh_from_db()
    assert (noticed.status, noticed.closed_as, noticed.closed_at) == (ItemStatus.APPROVED, "", None)


def test_item_never_approved_that_comes_back_is_assessed_first(officer: User) -> None:
    item = see_gone(item_at(ItemStatus.IN_ASSESSMENT), at=timezone.now() - timedelta(hours=1))
    move(item, "close_gone", by=officer)

    see_live(item, at=timezone.now())

    item.refresh_from_db()
    assert (item.status, item.presence) == (ItemStatus.IN_ASSESSMENT, Presence.LIVE)


def test_item_that_comes_back_while_its_case_has_it_anew_stays_closed(officer: User) -> None:
    item = item_at(ItemStatus.CLOSED)
    make_item(case=item.case, address=item.address, duplicates="keep")

    see_live(item, at=timezone.now())

    item.refresh_from_db()
    assert (item.status, item.presence) == (ItemStatus.CLOSED, Presence.LIVE)


def test_watch_ends_by_the_clock(noticed: Item) -> None:
    see_gone(noticed)
    assert close_watched() == 0
    Item.objects.filter(pk=noticed.pk).update(watch_until=timezone.now())

    assert close_watched() == 1

    noticed.refresh_from_db()
    assert (noticed.status, noticed.closed_as, noticed.closed_by) == (ItemStatus.CLOSED, "removed", None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"verdict": "gone", "at": timezone.now() + timedelta(days=3650)}, "at"),
        ({"verdict": "live", "cause": "author"}, "cause"),
        ({"verdict": "vanished"}, "verdict"),
        ({"verdict": "gone", "cause": "boredom"}, "cause"),
    ],
)
def test_impossible_look_is_refused_and_changes_nothing(
    given: dict[str, object], field: str, officer: User
) -> None:
    item = make_item()

    with pytest.raises(ValidationError) as refused:
        checks.record(item, by=officer, **given)  # type: ignore[arg-type]

    assert list(refused.value.message_dict) == [field]
    item.refresh_from_db()
    assert (item.checks.count(), item.presence) == (0, Presence.LIVE)


def test_exhibit_of_another_item_confirms_nothing(officer: User) -> None:
    with pytest.raises(ValidationError, match="another item"):
        checks.record(make_item(), verdict="gone", exhibit=exhibit(make_item()), by=officer)


def test_manager_records_no_look(manager: User) -> None:
    with pytest.raises(PermissionDenied):
        checks.record(make_item(), verdict="live", by=manager)


@pytest.mark.parametrize("change", [lambda looks: looks.update(verdict="live"), lambda looks: looks.delete()])
def test_look_is_never_changed_afterwards(change: object, officer: User) -> None:
    checks.record(make_item(), verdict="gone", by=officer)

    with pytest.raises(DatabaseError), transaction.atomic():
        change(Check.objects.all())  # type: ignore[operator]

    assert Check.objects.get().verdict == "gone"
