"""What the clock does: ends watch windows, takes imports up again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from casework import imports, tasks
from casework.models import Item, ItemImport, ItemStatus
from tests.factories import item_at, make_case

pytestmark = pytest.mark.django_db


def test_watched_item_is_closed_once_its_window_has_passed() -> None:
    over, running = item_at(ItemStatus.WATCHING), item_at(ItemStatus.WATCHING)
    Item.objects.filter(pk=over.pk).update(watch_until=timezone.now() - timedelta(seconds=1))

    assert (tasks.close_watched(), tasks.close_watched()) == (1, 0)

    over.refresh_from_db()
    running.refresh_from_db()
    assert (over.status, over.closed_as, running.status) == ("closed", "removed", "watching")
    assert over.events.get(kind="item.closed_removed").actor_name == "Takedown Desk"


def test_import_that_nobody_began_is_taken_up(officer: User) -> None:
    job = imports.start_import(
        b"address\nhttps://x.com/a/status/1700000000000000001\n", "a.csv", case=make_case(), dry_run=False, by=officer
    )  # fmt: skip
    assert tasks.resume_imports() == 0
    ItemImport.objects.update(created_at=timezone.now() - timedelta(minutes=5))

    assert (tasks.resume_imports(), tasks.resume_imports()) == (1, 0)

    job.refresh_from_db()
    assert (job.status, job.accepted, Item.objects.count()) == ("done", 1, 1)
