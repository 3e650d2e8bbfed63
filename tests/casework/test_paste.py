"""The paste box: what pasted text would become, and what is known of it already; nothing is saved."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from casework.intake import NewItem, identify, preview
from casework.models import Case, Item, ItemStatus
from tests.factories import item_at, make_case, make_item, reject

pytestmark = pytest.mark.django_db

POST = "https://x.com/seller/status/1600000000000000001"
SAME = "hxxps://mobile[.]twitter[.]com/seller/status/1600000000000000001?s=20"
OTHER = "https://t.me/somechannel/12"


@pytest.fixture
def case() -> Case:
    return make_case(reference="OP-1")


def test_every_line_is_read_and_nothing_is_saved(case: Case, officer: User) -> None:
    text = f"Seen yesterday: {POST} and\n\n{OTHER}\nthis line has none\n"

    found = preview(text, case=case, by=officer)

    assert [(row.row, row.platform, row.kind, bool(row.problem)) for row in found] == [
        (1, "x", "post", False),
        (2, "telegram", "post", False),
        (3, None, "", True),
    ]
    assert (found[0].owner, found[2].address) == ("seller", "this line has none")
    assert Item.objects.count() == 0


def test_same_item_in_another_form_is_known_within_the_paste(case: Case, officer: User) -> None:
    first, second = preview(f"{POST}\n{SAME}", case=case, by=officer)

    assert (first.duplicate_in_paste, second.duplicate_in_paste) == (None, 1)
    assert (first.key, first.canonical) == (second.key, second.canonical)


def test_earlier_items_of_all_cases_are_named_newest_first(case: Case, officer: User) -> None:
    elsewhere = make_item(case=make_case(reference="OP-0"), address=SAME)
    reject(elsewhere)
    here = make_item(case=case, address=POST)

    (row,) = preview(POST, case=case, by=officer)

    assert [(known.reference, known.case_reference, known.outcome_text) for known in row.known] == [
        (here.reference, "OP-1", "Reported"),
        (elsewhere.reference, "OP-0", "Lawful content"),
    ]
    assert row.open_here == row.known[0]


def test_items_of_other_cases_are_not_open_here(case: Case, officer: User) -> None:
    make_item(address=POST)

    (row,) = preview(POST, case=case, by=officer)

    assert (len(row.known), row.open_here) == (1, None)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (ItemStatus.APPROVED, "Approved"),
        (ItemStatus.NOTIFIED, "Notified"),
        (ItemStatus.WATCHING, "Gone"),
        (ItemStatus.CLOSED, "Removed"),
    ],
)
def test_known_item_says_where_it_got_to(status: ItemStatus, text: str, case: Case, officer: User) -> None:
    item = item_at(status, address=POST)

    (row,) = preview(POST, case=case, by=officer)

    assert [(known.reference, known.outcome_text) for known in row.known] == [(item.reference, text)]


def test_duplicates_are_not_named_their_survivor_is(case: Case, officer: User) -> None:
    double = item_at(ItemStatus.DUPLICATE, address=POST)
    survivor = double.duplicate_of
    assert survivor

    (row,) = preview(POST, case=case, by=officer)

    assert [(known.reference, known.by_duplicate) for known in row.known] == [(survivor.reference, True)]
    assert row.open_here is None


@pytest.mark.parametrize("count", [1, 40])
def test_preview_asks_a_fixed_number_of_queries(
    count: int, case: Case, officer: User, django_assert_num_queries: Any
) -> None:
    addresses = [f"https://x.com/a/status/{10**15 + number}" for number in range(count)]
    for address in addresses[:3]:
        reject(make_item(address=address))

    with django_assert_num_queries(3):
        found = preview("\n".join(addresses), case=case, by=officer)

    assert len(found) == count


def test_imitation_of_a_platform_is_pointed_out(case: Case, officer: User) -> None:
    (row,) = preview("https://faceb00k.com/some.page", case=case, by=officer)

    assert (row.platform, [warned.code for warned in row.warnings]) == ("web", ["lookalike"])
    assert row.warnings[0].message == "The host looks like one of Facebook, but is not."


def test_only_who_may_identify_sees_a_preview(case: Case, manager: User) -> None:
    with pytest.raises(PermissionDenied):
        preview(POST, case=case, by=manager)


# -- What saving refuses of a row that was pasted or imported ---------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (NewItem("https://x.com/a\x00b"), "address", "not_an_address"),
        (NewItem(POST, platform="facebook"), "platform", "contradiction"),
        (NewItem(POST, language="Albanian, perhaps"), "language", "too_long"),
        (NewItem(POST, source="s" * 121), "source", "too_long"),
        (NewItem(POST, title="t" * 301), "title", "too_long"),
        (NewItem(POST, found_at=datetime(1, 1, 1, tzinfo=UTC)), "found_at", "out_of_range"),
    ],
)
def test_what_cannot_be_kept_as_given_is_refused_not_cut(
    row: NewItem, column: str, code: str, case: Case, officer: User
) -> None:
    result = identify([row, NewItem(OTHER)], case=case, by=officer)

    assert [(error.row, error.column, error.code) for error in result.refused] == [(1, column, code)]
    assert [item.address for item in result.items] == [OTHER]


@pytest.mark.parametrize("platform", ["x", ""])
def test_platform_may_be_named_where_it_agrees(platform: str, case: Case, officer: User) -> None:
    (item,) = identify([NewItem(POST, platform=platform)], case=case, by=officer).items

    assert Item.objects.get(pk=item.pk).platform.slug == "x"


def test_number_is_of_the_year_in_london(case: Case, officer: User) -> None:
    winter = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    summer = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

    made = [
        identify([NewItem(address)], case=case, by=officer, at=at).items[0].reference
        for address, at in ((POST, winter), (OTHER, summer))
    ]

    assert made == ["2025-000001", "2026-000001"]
