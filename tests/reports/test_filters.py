"""A figure that is narrowed by a filter is the one of the group that the filter names."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from casework.models import Item
from reports.figures import figures
from reports.models import FILTERS
from tests.reports.conftest import scope
from tests.reports.histories import day, twelve_items

VALUES = {
    "platform": "x", "category": "fraud", "kind": "post", "channel": "portal", "language": "ar", "severity": "high",
}  # fmt: skip


@pytest.fixture
def described(bring_in: Callable[..., None]) -> None:
    """The twelve, of which the odd ones are in Arabic and i6 to i10 severe; i13, nobody notified of, is both."""
    told = {"i6", "i7", "i8", "i9", "i10", "i13"}
    bring_in(
        [
            {**record, **({"language": "ar"} if record["ref"][-1] in "13579" else {})}
            if record["type"] == "item"
            else record
            for record in twelve_items()
        ]
    )
    Item.objects.filter(import_reference__in=told).update(severity="high", described_at=day(6))


@pytest.mark.parametrize("name", FILTERS)
def test_filtered_figures_are_those_of_the_group(name: str, described: None) -> None:
    known_by = timezone.now()
    narrowed = figures(scope(known_by=known_by, **{name: VALUES[name]}))["groups"][0]

    groups = figures(scope(known_by=known_by), [name])["groups"]

    (own,) = [group for group in groups[1:] if group["group"] == {name: VALUES[name]}]
    assert _counts(narrowed) == _counts(own)
    assert (own["S01"]["notified_items"] < groups[0]["S01"]["notified_items"]) == (
        name not in {"platform", "kind"}
    )


def _counts(group: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "group"}
