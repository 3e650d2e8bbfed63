"""Generated corrections of what items are: as records for the oracle, and as the database keeps them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from hypothesis import strategies as st

from casework.models import Category, Description, Item
from platforms.models import Platform

Record = dict[str, Any]
CORRECTIONS = st.fixed_dictionaries(
    {
        "recorded": st.sampled_from([0, 24, 99, 101, 400, 900]),  # hours after the first moment
        "platform": st.sampled_from(["x", "x", "facebook"]),
        "category": st.sampled_from([None, "fraud", "phishing"]),
        "kind": st.sampled_from(["post", "video"]),
        "language": st.sampled_from([None, "fr", "ku"]),
        "severity": st.sampled_from([None, "high", "critical"]),
        "earlier": st.sampled_from([0, 0, 5, 40]),  # hours that it was found before
        "confirm_hours": st.sampled_from([1, 1, 3, 30]),
    }
)  # fmt: skip


def described(item: Record, corrections: Iterable[Record], begin: datetime) -> list[Record]:
    """Records “described” of one item, in the order in which they were recorded."""
    return [
        {
            **{name: value for name, value in given.items() if name not in {"recorded", "earlier"}},
            "type": "described", "item": item["ref"],
            "recorded_at": (begin + timedelta(hours=given["recorded"], minutes=minute)).isoformat(),
            "found_at": (
                datetime.fromisoformat(item["identified_at"]) - timedelta(hours=given["earlier"])
            ).isoformat(),
        }
        for minute, given in enumerate(sorted(corrections, key=lambda given: given["recorded"]))
    ]  # fmt: skip


def keep(records: Iterable[Record]) -> None:
    """Store records “described” of items brought in before."""
    items = dict(Item.objects.values_list("import_reference", "pk"))
    platforms = dict(Platform.objects.values_list("slug", "pk"))
    categories = dict(Category.objects.values_list("slug", "pk"))
    Description.objects.bulk_create(
        Description(
            item_id=items[record["item"]],
            platform_id=platforms[record["platform"]],
            category_id=categories.get(record["category"]),
            kind=record["kind"],
            language=record["language"] or "",
            severity=record["severity"] or "",
            found_at=parse_datetime(record["found_at"]),
            confirm_hours=record["confirm_hours"],
            recorded_at=parse_datetime(record["recorded_at"]),
        )
        for record in records
    )
