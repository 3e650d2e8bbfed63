"""Every status, verb and role of the item's table: the one event, or the refusal and nothing changed."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import GRANTS, Role
from casework import assessment, checks, duplicates, episodes, evidence, holds
from casework.lifecycle import LIFECYCLE, move
from casework.models import ClosedAs, Item, ItemStatus, SetAside
from casework.transitions import Transition, TransitionNotAllowed
from tests.factories import (
    PIXEL,
    approve,
    assess,
    exhibit,
    item_at,
    make_case,
    make_item,
    notify,
    see_gone,
    see_live,
    some,
)

pytestmark = pytest.mark.django_db

# What a verb's own function adds to its row of the table; without it the database refuses the status.
STAMPS: dict[str, Callable[[], dict[str, Any]]] = {
    "reject": lambda: {"not_actionable_as": "lawful"},
    "revoke": lambda: {"not_actionable_as": "lawful"},
    "mark_duplicate": lambda: {"duplicate_of": make_item()},
}
# Refused by a guard although status and role fit: as the factory brings the item there, something is missing.
GUARDED = {
    ("approve", ItemStatus.IN_ASSESSMENT),
    ("watch", ItemStatus.NOTIFIED),
    ("close_gone", ItemStatus.IN_ASSESSMENT),
    ("close_gone", ItemStatus.APPROVED),
}


class Undone(Exception):
    """Takes a move back, so that the next role finds the item as it was."""


def state(item: Item) -> tuple[str, int]:
    item.refresh_from_db()
    return item.status, item.events.count()


def expected_refusal(status: ItemStatus, row: Transition, role: Role | None) -> type[Exception]:
    granted = row.permission in GRANTS[role] if role else row.permission is None
    if not granted:
        return PermissionDenied
    return TransitionNotAllowed if status not in row.sources or (row.verb, status) in GUARDED else Undone


def attempt(item: Item, row: Transition, by: User | None) -> None:
    """Move, look at what that did, and take it back."""
    old = item.status
    with transaction.atomic():
        move(item, row.verb, by=by, reason="Because", stamps=STAMPS.get(row.verb, dict)())
        event = item.events.filter(kind__startswith="item.").order_by("-pk")[0]
        new = row.target or {"release": "in_assessment", "undo_duplicate": "reported"}[row.verb]
        assert (event.kind, event.old, event.new) == (f"item.{row.done}", old, new)
        assert (event.actor, event.reason) == (by, "Because")
        assert state(item)[0] == new
        raise Undone


@pytest.mark.parametrize("status", ItemStatus)
def test_every_verb_for_every_role_does_its_one_event_or_is_refused(status: ItemStatus) -> None:
    item = item_at(status)
    before = state(item)

    for row, role in product(LIFECYCLE.table, (*Role, None)):
        with pytest.raises((PermissionDenied, TransitionNotAllowed, Undone)) as ended:
            attempt(item, row, some(role) if role else None)
        assert ended.type is expected_refusal(status, row, role), (row.verb, role, ended.value)
        assert state(item) == before, (row.verb, role)


def test_actions_offered_are_those_that_succeed(officer: User, reviewer: User) -> None:
    item = assess(make_item(), by=officer)
    exhibit(item)

    assert [row.verb for row in LIFECYCLE.available(item, officer)] == [
        "ask",
        "reject",
        "hold",
        "mark_duplicate",
    ]
    assert [row.verb for row in LIFECYCLE.available(item, reviewer)] == [
        "ask", "approve", "reject", "hold", "mark_duplicate",
    ]  # fmt: skip


def test_refusal_names_status_and_what_could_be_done(officer: User) -> None:
    with pytest.raises(TransitionNotAllowed) as refused:
        move(make_item(), "ask", by=officer, reason="Who?")

    assert (refused.value.status, refused.value.allowed) == ("reported", ["claim", "mark_duplicate"])


@pytest.mark.parametrize(
    "row", [row for row in LIFECYCLE.table if row.needs_reason], ids=lambda row: row.verb
)
def test_verb_that_needs_a_reason_is_refused_without_one(row: Transition) -> None:
    item = item_at(ItemStatus(sorted(row.sources)[0]))
    by = next(some(role) for role in Role if row.permission in GRANTS[role])

    with pytest.raises(TransitionNotAllowed, match="Give a reason"):
        move(item, row.verb, by=by, reason="  ", stamps=STAMPS.get(row.verb, dict)())


# -- Approval --------------------------------------------------------------------------------------


def test_approval_needs_an_assessment(reviewer: User) -> None:
    with pytest.raises(TransitionNotAllowed, match="no assessment yet"):
        move(item_at(ItemStatus.IN_ASSESSMENT), "approve", by=reviewer)


def test_nobody_approves_what_they_assessed(reviewer: User) -> None:
    item = assess(make_item(), by=reviewer)
    exhibit(item)

    with pytest.raises(TransitionNotAllowed, match="another reviewer must"):
        move(item, "approve", by=reviewer)


def test_approval_needs_an_exhibit(reviewer: User) -> None:
    with pytest.raises(TransitionNotAllowed, match="attach at least one"):
        move(assess(make_item()), "approve", by=reviewer)


def test_approval_needs_a_fresh_look(reviewer: User) -> None:
    now = timezone.now()
    item = assess(make_item(found_at=now - timedelta(days=8)))
    exhibit(item)

    with pytest.raises(TransitionNotAllowed, match="record a fresh check first"):
        move(item, "approve", by=reviewer, at=now)

    item.refresh_from_db()
    assert (item.status, item.approved_at) == (ItemStatus.IN_ASSESSMENT, None)
    see_live(item, at=now)
    assert move(item, "approve", by=reviewer, at=now).status == ItemStatus.APPROVED


def test_what_is_confirmed_gone_is_closed_not_approved(officer: User, reviewer: User) -> None:
    item = see_gone(assess(make_item()))

    with pytest.raises(TransitionNotAllowed, match="confirmed gone"):
        move(item, "approve", by=reviewer)

    move(item, "close_gone", by=officer)
    assert item.closed_as == ClosedAs.GONE_BEFORE_NOTICE


def test_approving_many_approves_all_or_none_and_names_those_in_the_way(reviewer: User) -> None:
    ready, bare, stale = (
        assess(make_item()),
        make_item(),
        assess(make_item(found_at=timezone.now() - timedelta(days=30))),
    )
    exhibit(ready), exhibit(stale)

    with pytest.raises(TransitionNotAllowed) as refused:
        assessment.approve_many([ready, bare, stale], by=reviewer)

    ready.refresh_from_db()
    assert ready.status == ItemStatus.IN_ASSESSMENT
    assert bare.reference in refused.value.message
    assert stale.reference in refused.value.message
    assert ready.reference not in refused.value.message
    assert [item.status for item in assessment.approve_many([ready], by=reviewer)] == ["approved"]


# -- Closing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "role", "closed_as", "set_aside"),
    [("give_up", Role.MANAGER, "not_removed", []), ("withdraw", Role.REVIEWER, "withdrawn", ["withdrawn"])],
)
def test_closing_a_notified_item_ends_its_episode(
    verb: str, role: Role, closed_as: str, set_aside: list[str]
) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    received(item)

    move(item, verb, by=some(role), reason="The ladder is used up")

    assert item.closed_as == closed_as
    assert item.episodes.get().closed_at == item.closed_at
    assert list(SetAside.objects.filter(item=item).values_list("kind", flat=True)) == set_aside


def received(item: Item) -> None:
    episodes.receive(item, t0=timezone.now(), basis="received", channel="mail")


def test_reopening_is_refused_while_the_case_has_another_open_item_with_the_address(manager: User) -> None:
    item = item_at(ItemStatus.CLOSED)
    again = make_item(case=item.case, address=item.address, duplicates="keep")

    with pytest.raises(TransitionNotAllowed, match=f"{again} in the same case"):
        move(item, "reopen", by=manager, reason="Wrong")


# -- Holds and duplicates --------------------------------------------------------------------------


def test_releasing_goes_back_to_where_the_hold_found_it(officer: User) -> None:
    item = approve(make_item())
    held = holds.place(item, authority="Another inquiry", reason="Up", review_at=None, by=officer)

    holds.release(held, reason="Done", by=officer)

    item.refresh_from_db()
    assert (item.status, item.status_before) == (ItemStatus.APPROVED, "")


def test_duplicate_marked_during_a_hold_comes_back_on_hold_and_can_be_released(officer: User) -> None:
    item = approve(make_item())
    held = holds.place(item, authority="Another inquiry", reason="Up", review_at=None, by=officer)
    duplicates.mark_duplicate(item, of=make_item(), by=officer)

    duplicates.undo_duplicate(item, by=officer)
    assert item.status == ItemStatus.ON_HOLD
    holds.release(held, reason="Done", by=officer)

    item.refresh_from_db()
    assert item.status == ItemStatus.APPROVED


def test_status_before_is_the_one_in_the_database_not_of_a_stale_object(officer: User) -> None:
    item = make_item()
    stale = Item.objects.get(pk=item.pk)
    move(item, "claim", by=officer)

    duplicates.mark_duplicate(stale, of=make_item(), by=officer)

    assert duplicates.undo_duplicate(stale, by=officer).status == ItemStatus.IN_ASSESSMENT


def test_held_item_is_not_notified_even_when_its_status_would_let_it(officer: User) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    holds.place(item, authority="Another inquiry", reason="Up", review_at=None, by=officer)
    move(item, "return", by=None)

    with pytest.raises(TransitionNotAllowed, match="on hold"):
        move(item, "notify", by=None)


def test_exhibit_of_the_matrix_is_real(officer: User) -> None:
    item = make_item()
    kept = evidence.attach(item, content=PIXEL, filename="seen.png", by=officer)

    with evidence.open_exhibit(kept) as stream:
        assert stream.read() == PIXEL


def test_case_of_items_is_open() -> None:
    assert make_item(case=make_case(reference="OP-1")).case.status == "open"


def test_notified_item_keeps_its_first_time_of_notice(officer: User) -> None:
    at = timezone.now() - timedelta(hours=1)
    item = make_item(found_at=at - timedelta(hours=1), at=at)

    notify(item, at=at)
    checks.record(item, verdict="live", by=officer)

    assert item.notified_at == at
