"""What the database itself refuses, one constraint at a time, whoever asks."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from casework.models import Assessment, Case, Check, Episode, Event, Hold, Item, ItemStatus, SetAside
from tests.factories import approve, assess, exhibit, item_at, make_case, make_item, see_live

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("status", {"status": "lost"}),
        ("kind", {"kind": "tweet"}),
        ("presence", {"presence": "maybe"}),
        ("severity", {"severity": "awful"}),
        ("claim", {"claim": "done"}),
        ("not_actionable_as", {"not_actionable_as": "boring"}),
        ("status_before", {"status_before": "lost"}),
        ("claimed_paired", {"claimed_at": timezone.now()}),
        ("assessed_paired", {"assessed_at": timezone.now()}),
        ("approved_paired", {"approved_at": timezone.now()}),
        ("duplicate_points", {"status": "duplicate"}),
        ("closed_stamped", {"status": "closed"}),
        ("closed_stamped", {"closed_at": timezone.now()}),
        ("watching_gone", {"status": "watching"}),
        ("approved_stamped", {"status": "approved"}),
        ("not_actionable_coded", {"status": "not_actionable"}),
        ("priority", {"priority": 6}),
    ],
)
def test_item_is_refused(name: str, values: dict[str, Any]) -> None:
    item = make_item()

    with pytest.raises(IntegrityError, match=f"casework_item_{name}"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(**values)


def test_item_is_no_duplicate_of_itself() -> None:
    item = make_item()

    with pytest.raises(IntegrityError, match="casework_item_not_its_own_duplicate"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(status="duplicate", duplicate_of=item.pk)


def test_case_has_one_open_item_with_an_address() -> None:
    one = make_item()
    other = make_item(case=one.case)

    with pytest.raises(IntegrityError, match="casework_item_one_open_per_case"), transaction.atomic():
        Item.objects.filter(pk=other.pk).update(key=one.key)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("status", {"status": "lost"}),
        ("closed_paired", {"closed_at": timezone.now()}),
        ("closed_stamped", {"status": "closed"}),
    ],
)
def test_case_is_refused(name: str, values: dict[str, Any]) -> None:
    case = make_case()

    with pytest.raises(IntegrityError, match="casework_case_"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**values)


@pytest.mark.parametrize("values", [{"t0_basis": "guessed"}, {"number": 1}, {"number": 2}])
def test_episode_is_refused(values: dict[str, Any]) -> None:
    item, at = make_item(), timezone.now()
    given = {"item": item, "number": 1, "t0": at, "t0_basis": "sent", "channel": "mail"}
    Episode.objects.create(**given)

    with pytest.raises(IntegrityError, match="casework_episode_"), transaction.atomic():
        Episode.objects.create(**{**given, **values})


def test_hold_does_not_end_before_it_begins() -> None:
    item_at(ItemStatus.ON_HOLD)
    early = timezone.now().replace(year=2000)

    with pytest.raises(IntegrityError, match="casework_hold_order"), transaction.atomic():
        Hold.objects.update(released_at=early, released_recorded_at=timezone.now())


def test_release_of_a_hold_says_when_it_was_recorded() -> None:
    item_at(ItemStatus.ON_HOLD)

    with pytest.raises(IntegrityError, match="casework_hold_release_recorded"), transaction.atomic():
        Hold.objects.update(released_at=timezone.now())


def test_error_of_ours_needs_somebody_who_confirms_it() -> None:
    with pytest.raises(IntegrityError, match="casework_setaside_confirmed"), transaction.atomic():
        SetAside.objects.create(item=make_item(), kind="invalid", at=timezone.now())


@pytest.mark.parametrize("values", [{"kind": "Nonsense"}, {"actor_name": ""}])
def test_event_is_refused(values: dict[str, Any]) -> None:
    given = {"kind": "item.seen", "actor_name": "Somebody", "at": timezone.now()}

    with pytest.raises(IntegrityError, match="casework_event_"), transaction.atomic():
        Event.objects.create(**{**given, **values})


@pytest.mark.parametrize("change", ["update", "delete"])
@pytest.mark.parametrize("model", [Event, Check, Assessment])
def test_history_is_neither_changed_nor_deleted(model: Any, change: str) -> None:
    item = see_live(assess(make_item()))
    exhibit(item)
    rows = model.objects.filter(item=item)
    assert rows.exists()

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete() if change == "delete" else rows.update(item=make_item())


def test_approved_item_is_whole() -> None:
    approve(make_item()).full_clean()
