"""Identification: what becomes of each row, in the order given, and how many statements it takes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from casework import intake
from casework.cases import close_case
from casework.intake import NewItem, RowError
from casework.lifecycle import move
from casework.models import Category, Event, Item
from casework.transitions import TransitionNotAllowed
from tests.factories import close_removed, make_case, make_item

pytestmark = pytest.mark.django_db
POST = "https://x.com/somebody/status/170000000000000000{}"


def test_items_are_stored_as_they_are_returned(officer: User) -> None:
    case, at = make_case(), timezone.now()
    found_at = at - timedelta(days=2)
    row = NewItem(
        address="hxxps://x[.]com/somebody/status/1700000000000000001?s=20", category="small_boat_advert",
        language="fa", note='Tab\there, back\\slash, "quotes"\nand \\N',
        source="Hotline", priority=1, found_at=found_at,
    )  # fmt: skip

    [made] = intake.identify([row], case=case, by=officer, at=at).items

    stored = Item.objects.get(pk=made.pk)
    names = [field.attname for field in Item._meta.concrete_fields]
    assert [getattr(made, name) for name in names] == [getattr(stored, name) for name in names]
    assert (stored.address, stored.canonical) == (row.address, "https://x.com/i/status/1700000000000000001")
    assert (stored.note, stored.source, stored.language, stored.priority) == (row.note, "Hotline", "fa", 1)
    assert (stored.platform.slug, stored.kind, stored.case) == ("x", "post", case)
    assert (stored.found_at, stored.last_live_at, stored.presence) == (found_at, found_at, "live")
    assert made.category == Category.objects.get(slug="small_boat_advert")


def test_every_item_has_its_event(officer: User) -> None:
    case, at = make_case(), timezone.now()

    items = intake.identify([NewItem(POST.format(n)) for n in range(3)], case=case, by=officer, at=at).items

    kept = Event.objects.filter(kind="item.identified").order_by("item").values_list(
        "item", "case", "actor", "actor_name", "old", "new", "at", "recorded_at", "details"
    )  # fmt: skip
    assert list(kept) == [
        (item.pk, case.pk, officer.pk, officer.name, "", "reported", at, at, {}) for item in items
    ]


def test_statements_do_not_grow_with_the_rows(officer: User) -> None:
    case = make_case()
    intake.identify([NewItem(POST.format(0))], case=case, by=officer)  # their account is known
    counts = []
    for rows in ([NewItem(POST.format(1))], [NewItem(POST.format(n)) for n in range(2, 9)]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            intake.identify(rows, case=case, by=officer)
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (NewItem("not an address"), "address", "not_an_address"),
        (NewItem(POST.format(1), category="nothing"), "category", "unknown_value"),
        (NewItem(POST.format(1), platform="nothing"), "platform", "unknown_value"),
        (NewItem(POST.format(1), kind="nothing"), "kind", "unknown_value"),
        (NewItem(POST.format(1), priority=0), "priority", "out_of_range"),
        (NewItem(POST.format(1), priority=6), "priority", "out_of_range"),
        (NewItem(POST.format(1), found_at=timezone.now() + timedelta(days=1)), "found_at", "in_future"),
    ],
)
def test_bad_value_refuses_its_row_alone(row: NewItem, column: str, code: str, officer: User) -> None:
    result = intake.identify([NewItem(POST.format(2)), row], case=make_case(), by=officer)

    assert [(error.row, error.column, error.code) for error in result.refused] == [(2, column, code)]
    assert len(result.items) == 1


def test_message_names_the_known_values(officer: User) -> None:
    result = intake.identify([NewItem(POST.format(1), kind="tweet")], case=make_case(), by=officer)

    assert isinstance(result.refused[0], RowError)
    assert "account, advert, app" in result.refused[0].message


def test_address_open_in_the_case_or_earlier_in_the_rows_is_a_duplicate(officer: User) -> None:
    case = make_case()
    make_item(case=case, address=POST.format(1))
    same = "https://twitter.com/another/status/1700000000000000001"

    rows = [NewItem(same), NewItem(POST.format(2)), NewItem(POST.format(2) + "?s=20")]
    result = intake.identify(rows, case=case, by=officer)

    assert (result.duplicates, len(result.items)) == ([1, 3], 1)


@pytest.mark.parametrize(("duplicates", "made"), [("skip", 0), ("keep", 1)])
def test_address_that_the_case_has_closed_is_made_anew_only_when_asked(
    duplicates: str, made: int, officer: User
) -> None:
    item = make_item(address=POST.format(1))
    close_removed(item)

    again = intake.identify([NewItem(item.address)], case=item.case, by=officer, duplicates=duplicates)

    assert len(again.items) == made


def test_another_case_may_have_the_same_address(officer: User) -> None:
    make_item(address=POST.format(1))

    assert len(intake.identify([NewItem(POST.format(1))], case=make_case(), by=officer).items) == 1


def test_references_follow_each_other_without_gaps(officer: User) -> None:
    case, at = make_case(), timezone.now()
    rows = [NewItem(POST.format(1)), NewItem("bad"), NewItem(POST.format(2))]

    first, second = intake.identify(rows, case=case, by=officer, at=at).items

    assert int(second.reference[5:]) == int(first.reference[5:]) + 1


def test_closed_case_takes_no_items(officer: User, reviewer: User) -> None:
    case = make_case()
    close_case(case, reason="Done", by=reviewer)

    with pytest.raises(TransitionNotAllowed, match="is closed"):
        intake.identify([NewItem(POST.format(1))], case=case, by=officer)


def test_only_who_may_identify_does(auditor: User) -> None:
    with pytest.raises(PermissionDenied):
        intake.identify([NewItem(POST.format(1))], case=make_case(), by=auditor)
    with pytest.raises(PermissionDenied):
        intake.preview(POST.format(1), case=make_case(), by=auditor)


def test_preview_tells_what_is_known_and_saves_nothing(officer: User) -> None:
    case = make_case()
    here, elsewhere = make_item(case=case, address=POST.format(1)), make_item(address=POST.format(1))
    before = Item.objects.count()
    text = f"See {POST.format(1)} and\n{POST.format(1)}?s=20\nnothing here\nhttps://faceb00k.com/login"

    found = intake.preview(text, case=case, by=officer)

    assert [known.reference for known in found[0].known] == [elsewhere.reference, here.reference]
    assert found[0].open_here == found[0].known[1]
    assert [candidate.duplicate_in_paste for candidate in found] == [None, 1, None, None]
    assert (found[2].address, bool(found[2].problem)) == ("nothing here", True)
    assert [warned.code for warned in found[3].warnings] == ["lookalike"]
    assert Item.objects.count() == before


def test_intake_of_a_claimed_address_again_is_a_duplicate(officer: User) -> None:
    item = make_item(address=POST.format(1))
    move(item, "claim", by=officer)

    assert intake.identify([NewItem(POST.format(1))], case=item.case, by=officer).duplicates == [1]
