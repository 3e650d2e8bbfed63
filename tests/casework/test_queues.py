"""Next actions and timelines."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework import checks, episodes, queues
from casework.lifecycle import LIFECYCLE
from casework.models import Event, Item, ItemStatus
from casework.timeline import sentence
from tests.factories import assess, item_at, make_item, see_gone, see_live, some

pytestmark = pytest.mark.django_db


def fill() -> dict[str, Item]:
    """One item in every queue."""
    now = timezone.now()
    found = {
        "to_assess": make_item(),
        "to_approve": assess(make_item()),
        "to_notify": item_at(ItemStatus.APPROVED),
        "info_needed": item_at(ItemStatus.INFO_NEEDED),
        "on_hold": item_at(ItemStatus.ON_HOLD),
        "to_check": item_at(ItemStatus.NOTIFIED),
        "unseen": item_at(ItemStatus.NOTIFIED),
        "says_removed": item_at(ItemStatus.NOTIFIED),
        "says_kept": item_at(ItemStatus.NOTIFIED),
        "checker_gone": item_at(ItemStatus.NOTIFIED),
        "checker_live": item_at(ItemStatus.NOTIFIED),
        "reappeared": item_at(ItemStatus.NOTIFIED),
    }
    episodes.receive(found["to_check"], t0=now - timedelta(minutes=90), basis="received", channel="mail")
    episodes.receive(found["unseen"], t0=now - timedelta(minutes=30), basis="received", channel="mail")
    checks.record(found["unseen"], verdict="login_required", by=some(Role.OFFICER), at=now)
    episodes.claim(found["says_removed"], answer="removed", removal=True, at=now)
    see_live(found["says_removed"])
    episodes.claim(found["says_kept"], answer="refused", removal=False, at=now)
    see_gone(found["says_kept"])
    for slug, verdict, other in (("checker_gone", "gone", "live"), ("checker_live", "live", "gone")):
        checks.record(
            found[slug],
            verdict=verdict,
            method="automatic",
            by=some(Role.OFFICER),
            at=now - timedelta(hours=1),
        )
        checks.record(found[slug], verdict=other, by=some(Role.OFFICER), at=now)
    quiet = [found[slug].pk for slug in ("says_removed", "checker_gone", "checker_live")]
    Item.objects.filter(pk__in=quiet).update(next_check_at=None)
    see_gone(found["reappeared"], at=now - timedelta(hours=1))
    see_live(found["reappeared"], at=now)
    return found


def test_each_queue_holds_what_waits_in_it(officer: User) -> None:
    found, now = fill(), timezone.now()

    held = {slug: list(queue.items(Item.objects.all(), now)) for slug, queue in queues.QUEUES.items()}

    assert held.pop("to_notify") == [found["reappeared"], found["to_notify"]]
    assert held == {slug: [item] for slug, item in found.items() if slug != "to_notify"}


def test_counts_are_those_of_the_queues_in_one_query(officer: User, django_assert_num_queries: Any) -> None:
    fill()

    with django_assert_num_queries(1):
        counted = queues.counts(officer, timezone.now())

    assert list(counted) == list(queues.QUEUES)
    assert counted == {**dict.fromkeys(queues.QUEUES, 1), "to_notify": 2}


def test_empty_queues_count_nought(officer: User) -> None:
    assert queues.counts(officer, timezone.now()) == dict.fromkeys(queues.QUEUES, 0)


def test_liaison_counts_nothing(liaison: User) -> None:
    make_item()

    assert set(queues.counts(liaison, timezone.now()).values()) == {0}


def test_look_is_not_due_before_its_time(officer: User) -> None:
    item = fill()["to_check"]

    assert queues.counts(officer, item.next_check_at - timedelta(seconds=1))["to_check"] == 0


# -- Timelines -------------------------------------------------------------------------------------


def test_timeline_tells_what_happened_newest_first() -> None:
    item = item_at(ItemStatus.ON_HOLD)

    assert [sentence(event) for event in item.events.all()] == [
        "put the item on hold for Another inquiry: Needed up",
        "started the assessment",
        "identified the item",
    ]


def test_strangers_words_are_plain_in_the_sentence_and_escaped_once_on_the_page(
    officer: User, signed_in: Callable[[User], Client]
) -> None:
    item = make_item()
    words = "<script>it's & stays</script>"
    Event.objects.create(item=item, kind="item.reopened", reason=words, actor_name="x", at=timezone.now())

    page = signed_in(officer).get(f"/items/{item.reference}/").content.decode()

    assert words in sentence(item.events.get(kind="item.reopened"))
    assert "&lt;script&gt;it&#x27;s &amp; stays" in page
    assert "<script>it" not in page
    assert "&amp;lt;script" not in page


def test_every_event_of_the_table_has_its_sentence() -> None:
    folder = Path(settings.BASE_DIR) / "templates" / "events"

    missing = [row.done for row in LIFECYCLE.table if not (folder / f"item.{row.done}.txt").is_file()]

    assert missing == []
