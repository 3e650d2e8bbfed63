"""Objects for tests, made by the real verbs: nothing here can be in a state that people could not reach."""

import base64
import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework import aliases, assessment, cases, checks, evidence, holds, intake, rereading
from casework.duplicates import mark_duplicate
from casework.intake import NewItem
from casework.lifecycle import move
from casework.models import Alias, Case, Category, Ground, Item, ItemStatus, Rereading

numbers = itertools.count(1)
PIXEL = base64.b64decode(  # a true picture, of one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


def make_person(role: Role | str, platform: str = "") -> User:
    number = next(numbers)
    return User.objects.add(f"{role}-{number}@desk.example", role=Role(role), name=f"{role} {number}")


def some(role: Role) -> User:
    """An existing person of the role, or a new one."""
    return User.objects.filter(role=role).order_by("pk").first() or make_person(role)


def make_case(**given: Any) -> Case:
    number = next(numbers)
    values = {"title": f"Case {number}", "by": some(Role.OFFICER), **given}
    return cases.open_case(values.pop("reference", f"CASE-{number}"), **values)


def make_item(
    *, case: Case | None = None, by: User | None = None, at: datetime | None = None, **given: Any
) -> Item:
    """An item just reported; `address` defaults to a fresh post on X."""
    duplicates = given.pop("duplicates", "skip")
    row = NewItem(
        address=given.pop("address", f"https://x.com/somebody/status/{10**15 + next(numbers)}"), **given
    )
    result = intake.identify(
        [row], case=case or make_case(), by=by or some(Role.OFFICER), at=at, duplicates=duplicates
    )
    assert result.items, (result.refused, result.duplicates)
    return result.items[0]


def assess(item: Item, *, by: User | None = None, **given: Any) -> Item:
    values = {
        "category": Category.objects.get(slug="small_boat_advert"),
        "ground": Ground.objects.get(slug="bsaia_2025_17"),
        "rationale": "Offers places on a small boat and names a price.",
        "severity": "high",
        "protected_speech": "none",
        **given,
    }
    assessment.assess(item, by=by or some(Role.OFFICER), **values)
    return item


def exhibit(item: Item, *, by: User | None = None, **given: Any) -> Any:
    wanted = {"content": PIXEL, "filename": "seen.png", **given}
    return evidence.attach(item, by=by or some(Role.OFFICER), **wanted)


def approve(item: Item, *, by: User | None = None, **given: Any) -> Item:
    """From reported to approved, by an officer and a reviewer."""
    assess(item)
    exhibit(item)
    return assessment.approve(item, by=by or some(Role.REVIEWER), **given)


def item_at(status: ItemStatus, **given: Any) -> Item:
    """An item brought to a status along the real lifecycle; what follows a notice, as the system does it."""
    item = make_item(**given)
    if status != ItemStatus.REPORTED:
        BRING[status](item)
    item.refresh_from_db()
    assert item.status == status
    return item


def claim(item: Item) -> None:
    move(item, "claim", by=some(Role.OFFICER))


def question(item: Item) -> None:
    claim(item)
    move(item, "ask", by=some(Role.OFFICER), reason="Where was it seen?")


def hold(item: Item) -> None:
    claim(item)
    wanted = {"authority": "Another inquiry", "reason": "Needed up", "review_at": None}
    holds.place(item, **wanted, by=some(Role.OFFICER))


def double(item: Item) -> None:
    mark_duplicate(item, of=make_item(), by=some(Role.OFFICER))


def reject(item: Item) -> None:
    claim(item)
    assessment.reject(item, as_="lawful", reason="A news report", by=some(Role.OFFICER))


def notify(item: Item, *, at: datetime | None = None) -> None:
    """As the system does when a notice leaves; tests of notices send one."""
    approve(item, at=at)
    move(item, "notify", by=None, at=at, stamps={"notified_at": at or timezone.now()})


def watch(item: Item) -> None:
    notify(item)
    see_gone(item)


def close_removed(item: Item) -> None:
    watch(item)
    move(item, "close_removed", by=None)


BRING = {
    ItemStatus.IN_ASSESSMENT: claim,
    ItemStatus.INFO_NEEDED: question,
    ItemStatus.ON_HOLD: hold,
    ItemStatus.DUPLICATE: double,
    ItemStatus.NOT_ACTIONABLE: reject,
    ItemStatus.APPROVED: approve,
    ItemStatus.NOTIFIED: notify,
    ItemStatus.WATCHING: watch,
    ItemStatus.CLOSED: close_removed,
}


def see_gone(item: Item, *, at: datetime | None = None) -> Item:
    """A person's look with an exhibit: confirmed gone."""
    at = at or timezone.now()
    checks.record(item, verdict="gone", exhibit=exhibit(item), by=some(Role.OFFICER), at=at)
    return item


def see_live(item: Item, *, at: datetime | None = None) -> Item:
    checks.record(item, verdict="live", by=some(Role.OFFICER), at=at or timezone.now() + timedelta(seconds=1))
    return item


def read_before(item: Item, key: str = "0" * 64) -> Item:
    """The item as if earlier rules had read its address as something else."""
    Item.objects.filter(pk=item.pk).update(
        key=key, canonical="https://before.test/", printed="https://before.test/", rules_version="earlier"
    )
    item.refresh_from_db()
    return item


def reread(item: Item) -> Rereading:
    """What a change of the rules proposes about an item."""
    read_before(item)
    rereading.reread_items()
    return Rereading.objects.get(item=item, status="open")


def alias(*, leads_to: str = "https://x.com/somebody/status/1700000000000000001", **given: Any) -> Alias:
    """A short link, and where it leads."""
    by = given.get("by") or some(Role.OFFICER)
    item = make_item(**{"address": f"https://t.co/short{next(numbers)}", **given})
    return aliases.record_alias(item, address=leads_to, evidence="Opened signed out.", by=by)
