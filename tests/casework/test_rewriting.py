"""Many rows changed by one statement: the same as one by one."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework import rewriting
from casework.models import Category, Claim, Item
from casework.rewriting import rewrite
from tests.factories import make_case, make_item

COLUMNS = ("claim", "claims_removal", "claim_at", "note", "category", "status")
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def items(db: None) -> list[Item]:
    case = make_case()
    return [make_item(case=case) for _ in range(3)]


def stored() -> list[tuple[object, ...]]:
    return list(Item.objects.order_by("pk").values_list(*COLUMNS))


def test_every_row_gets_its_own_values_by_one_statement(items: list[Item]) -> None:
    first, second, third = items
    first.claim, first.claims_removal, first.claim_at = Claim.REMOVED, True, AT
    second.note = 'a "quoted", {braced} \\ text, né\n'
    second.category = fraud = Category.objects.get(slug="fraud")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        rewrite(items, COLUMNS)

    assert len(queries) == 1
    assert stored() == [
        ("removed", True, AT, "", None, "reported"),
        ("", False, None, 'a "quoted", {braced} \\ text, né\n', fraud.pk, "reported"),
        ("", False, None, "", None, "reported"),
    ]
    assert third.claim == ""


def test_columns_that_are_not_named_stay(items: list[Item]) -> None:
    items[0].claim, items[0].note = Claim.REMOVED, "unsaved"

    rewrite(items[:1], ["claim"])

    assert stored()[0][:4] == ("removed", False, None, "")


def test_many_rows_go_in_several_statements_and_none_in_none(
    items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "MOST", 2)
    for item in items:
        item.note = item.reference

    with CaptureQueriesContext(connection) as queries:
        rewrite(items, ["note"])
        rewrite([], ["note"])

    assert len(queries) == 2
    assert list(Item.objects.order_by("pk").values_list("note", flat=True)) == [
        item.reference for item in items
    ]
