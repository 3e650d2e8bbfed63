"""Cases, assessments, holds and duplicates: the verbs beside the plain moves."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import User
from casework import assessment, duplicates, holds
from casework.cases import close_case, open_case
from casework.lifecycle import move
from casework.models import Case, Category, Event, Ground, Item, ItemStatus
from casework.transitions import TransitionNotAllowed
from platforms.models import Platform, PolicyClause
from tests.factories import approve, assess, item_at, make_case, make_item

pytestmark = pytest.mark.django_db

# -- Cases -----------------------------------------------------------------------------------------


def test_case_is_opened_with_its_event(officer: User) -> None:
    case = open_case(" OP-1 ", title=" Crossings ", by=officer)

    assert (case.reference, case.title, case.opened_by) == ("OP-1", "Crossings", officer)
    assert [(event.kind, event.new) for event in case.events.all()] == [("case.opened", "open")]


@pytest.mark.parametrize(("reference", "title"), [("", "T"), ("R", ""), ("R" * 41, "T"), ("TAKEN", "T")])
def test_case_is_refused_for_a_bad_or_taken_reference(reference: str, title: str, officer: User) -> None:
    make_case(reference="TAKEN")

    with pytest.raises(ValidationError):
        open_case(reference, title=title, by=officer)

    assert Case.objects.count() == 1


def test_case_closes_once_nothing_in_it_is_open(reviewer: User) -> None:
    case = make_case()
    item = make_item(case=case)

    with pytest.raises(TransitionNotAllowed, match="1 items still open"):
        close_case(case, reason="Over", by=reviewer)
    duplicates.mark_duplicate(item, of=make_item(), by=reviewer)
    close_case(case, reason="Over", by=reviewer)

    assert (case.status, case.closed_by) == ("closed", reviewer)
    assert case.events.get(kind="case.closed").reason == "Over"
    with pytest.raises(TransitionNotAllowed, match="closed already"):
        close_case(case, reason="Over", by=reviewer)


def test_officer_closes_no_case_and_auditor_opens_none(officer: User, auditor: User) -> None:
    with pytest.raises(PermissionDenied):
        close_case(make_case(), reason="Over", by=officer)
    with pytest.raises(PermissionDenied):
        open_case("OP-1", title="T", by=auditor)


# -- Assessment ------------------------------------------------------------------------------------


def given(**changed: Any) -> dict[str, Any]:
    return {
        "category": Category.objects.get(slug="small_boat_advert"),
        "ground": Ground.objects.first(),
        "rationale": "Names a price.",
        "severity": "high",
        "protected_speech": "none",
        **changed,
    }


def test_assessing_claims_the_item_and_stamps_it(officer: User) -> None:
    item = make_item()

    made = assessment.assess(item, **given(threat_to_life=True), by=officer)

    assert (item.status, item.claimed_by, item.assessed_by) == (ItemStatus.IN_ASSESSMENT, officer, officer)
    assert (item.category, item.severity, item.priority) == (made.category, "high", 1)
    assert list(item.events.order_by("pk").values_list("kind", flat=True)) == [
        "item.identified", "item.claimed", "item.assessed",
    ]  # fmt: skip


def test_later_assessment_supersedes_and_the_earlier_stays(officer: User, reviewer: User) -> None:
    item = make_item()
    assessment.assess(item, **given(), by=officer)

    assessment.assess(item, **given(severity="low"), by=reviewer)

    assert (item.severity, item.assessed_by) == ("low", reviewer)
    assert [row.severity for row in item.assessments.all()] == ["low", "high"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"rationale": "  "}, "rationale"),
        ({"severity": "dire"}, "severity"),
        ({"protected_speech": ""}, "protected_speech"),
    ],
)
def test_incomplete_assessment_is_refused_and_claims_nothing(
    changed: dict[str, str], field: str, officer: User
) -> None:
    item = make_item()

    with pytest.raises(ValidationError) as refused:
        assessment.assess(item, **given(**changed), by=officer)

    item.refresh_from_db()
    assert field in refused.value.message_dict
    assert (item.status, item.assessments.count()) == (ItemStatus.REPORTED, 0)


def test_clause_of_another_platform_is_refused(officer: User) -> None:
    platform = Platform.objects.get(slug="facebook")
    clause = PolicyClause(platform=platform, pk=1)

    with pytest.raises(ValidationError, match="not one of X"):
        assessment.assess(make_item(), **given(policy_clause=clause), by=officer)


@pytest.mark.parametrize("status", sorted(set(ItemStatus) - {ItemStatus.REPORTED, ItemStatus.IN_ASSESSMENT}))
def test_item_past_assessment_is_not_assessed(status: ItemStatus, officer: User) -> None:
    item = item_at(status)
    before = item.assessments.count()

    with pytest.raises(TransitionNotAllowed, match="cannot be assessed now"):
        assessment.assess(item, **given(), by=officer)

    assert item.assessments.count() == before


def test_assessing_many_assesses_all_or_none(officer: User) -> None:
    good, bad = make_item(), item_at(ItemStatus.APPROVED)

    with pytest.raises(TransitionNotAllowed):
        assessment.assess_many([good, bad], **given(), by=officer)

    good.refresh_from_db()
    assert (good.status, good.assessments.count()) == (ItemStatus.REPORTED, 0)
    assert len(assessment.assess_many([good, make_item()], **given(), by=officer)) == 2


def test_rejection_needs_a_known_code(officer: User) -> None:
    item = item_at(ItemStatus.IN_ASSESSMENT)

    with pytest.raises(ValidationError, match="lawful"):
        assessment.reject(item, as_="boring", reason="No", by=officer)
    assessment.reject(item, as_="victim_content", reason="Their own account", by=officer)

    assert (item.status, item.not_actionable_as) == (ItemStatus.NOT_ACTIONABLE, "victim_content")


def test_reconsidering_clears_the_code(officer: User, reviewer: User) -> None:
    item = item_at(ItemStatus.NOT_ACTIONABLE)

    move(item, "reconsider", by=reviewer, reason="New evidence")

    assert (item.status, item.not_actionable_as) == (ItemStatus.IN_ASSESSMENT, "")


def test_revoked_approval_says_why(reviewer: User) -> None:
    item = approve(make_item())

    assessment.revoke(item, as_="lawful", reason="Satire", by=reviewer)

    assert (item.status, item.not_actionable_as) == (ItemStatus.NOT_ACTIONABLE, "lawful")
    assert item.events.get(kind="item.revoked").details == {"as": "lawful"}


# -- Holds -----------------------------------------------------------------------------------------


def place(item: Item, by: User, **changed: Any) -> Any:
    values = {"authority": "Another inquiry", "reason": "Up", "review_at": None, **changed}
    return holds.place(item, **values, by=by)


def test_hold_names_who_asks_and_when_it_is_looked_at_again(officer: User) -> None:
    item, review_at = approve(make_item()), timezone.now() + timedelta(days=7)

    held = place(item, officer, review_at=review_at)

    assert (item.status, item.review_at, held.authority) == (ItemStatus.ON_HOLD, review_at, "Another inquiry")
    assert item.events.get(kind="item.held").details == {"authority": "Another inquiry"}
    with pytest.raises(ValidationError, match="who asks"):
        place(make_item(), officer, authority=" ")


def test_passed_review_date_releases_nothing(officer: User) -> None:
    item = approve(make_item())

    place(item, officer, review_at=timezone.now() - timedelta(days=1))

    assert item.holds.in_force(timezone.now()).count() == 1


@pytest.mark.parametrize("status", [ItemStatus.NOTIFIED, ItemStatus.WATCHING])
def test_hold_on_what_was_noticed_keeps_its_status(status: ItemStatus, officer: User) -> None:
    item = item_at(status)

    held = place(item, officer)
    assert item.status == status
    holds.release(held, reason="Done", by=officer)

    assert item.status == status
    kinds = item.events.filter(kind__startswith="hold.").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["hold.placed", "hold.released"]


def test_item_is_held_once_at_a_time(officer: User) -> None:
    item = item_at(ItemStatus.NOTIFIED)
    place(item, officer)

    with pytest.raises(TransitionNotAllowed, match="on hold already"):
        place(item, officer)
    with pytest.raises(TransitionNotAllowed, match="on hold already"):
        place(item, officer, at=timezone.now() - timedelta(days=30))


def test_nothing_is_released_that_is_not_held(officer: User) -> None:
    with pytest.raises(TransitionNotAllowed, match="is not on hold"):
        holds.release(approve(make_item()), reason="Done", by=officer)


# -- Duplicates ------------------------------------------------------------------------------------


def test_duplicate_points_at_the_survivor_and_can_be_undone(officer: User) -> None:
    item, survivor = item_at(ItemStatus.NOTIFIED), make_item()

    duplicates.mark_duplicate(item, of=survivor, by=officer)
    assert (item.status, item.duplicate_of) == (ItemStatus.DUPLICATE, survivor)
    duplicates.undo_duplicate(item, by=officer)

    assert (item.status, item.duplicate_of, item.status_before) == (ItemStatus.NOTIFIED, None, "")


def test_chains_and_circles_of_duplicates_are_refused(officer: User) -> None:
    survivor, item = make_item(), make_item()
    duplicates.mark_duplicate(item, of=survivor, by=officer)

    with pytest.raises(ValidationError, match="of itself"):
        duplicates.mark_duplicate(survivor, of=survivor, by=officer)
    with pytest.raises(ValidationError, match="itself a duplicate"):
        duplicates.mark_duplicate(make_item(), of=item, by=officer)
    with pytest.raises(ValidationError, match="Other items are duplicates"):
        duplicates.mark_duplicate(survivor, of=make_item(), by=officer)


def test_undoing_is_refused_while_the_case_has_the_address_open(officer: User) -> None:
    item = item_at(ItemStatus.DUPLICATE)
    rival = make_item(case=item.case, address=item.address)

    with pytest.raises(ValidationError, match=f"{rival} in the same case"):
        duplicates.undo_duplicate(item, by=officer)


# -- What the database itself refuses --------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "broken"),
    [
        (ItemStatus.REPORTED, {"status": "lost"}),
        (ItemStatus.REPORTED, {"status": "approved"}),
        (ItemStatus.REPORTED, {"status": "watching"}),
        (ItemStatus.REPORTED, {"status": "closed"}),
        (ItemStatus.REPORTED, {"status": "duplicate"}),
        (ItemStatus.REPORTED, {"status": "not_actionable"}),
        (ItemStatus.REPORTED, {"kind": "poem"}),
        (ItemStatus.REPORTED, {"presence": "perhaps"}),
        (ItemStatus.REPORTED, {"severity": "dire"}),
        (ItemStatus.REPORTED, {"claim": "done"}),
        (ItemStatus.REPORTED, {"priority": 0}),
        (ItemStatus.REPORTED, {"priority": 6}),
        (ItemStatus.REPORTED, {"claimed_at": timezone.now()}),
        (ItemStatus.IN_ASSESSMENT, {"claimed_at": None}),
        (ItemStatus.APPROVED, {"approved_by": None}),
        (ItemStatus.WATCHING, {"gone_at": None}),
        (ItemStatus.CLOSED, {"closed_as": ""}),
        (ItemStatus.CLOSED, {"closed_at": None}),
        (ItemStatus.CLOSED, {"status": "approved"}),
        (ItemStatus.DUPLICATE, {"duplicate_of": None}),
        (ItemStatus.DUPLICATE, {"status": "reported"}),
    ],
)
def test_item_in_an_impossible_state_is_refused(status: ItemStatus, broken: dict[str, Any]) -> None:
    item = item_at(status)

    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(**broken)


def test_second_open_item_with_the_address_in_a_case_is_refused() -> None:
    first, second = make_item(), make_item()

    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=second.pk).update(case=first.case, key=first.key)


def test_item_is_no_duplicate_of_itself() -> None:
    item = make_item()

    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(status="duplicate", duplicate_of=item)


@pytest.mark.parametrize("broken", [{"kind": "approved"}, {"actor_name": ""}])
def test_event_without_a_proper_kind_or_actor_is_refused(broken: dict[str, str]) -> None:
    values = {"kind": "item.approved", "actor_name": "Somebody", "at": timezone.now(), **broken}

    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.create(**values)


def test_items_are_never_deleted(officer: User) -> None:
    item = assess(make_item())

    with pytest.raises(ProtectedError):
        item.delete()
