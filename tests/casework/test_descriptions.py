"""The database keeps what each item was taken to be: a row for each change, whatever made it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from casework.correction import correct
from casework.imports import import_file
from casework.models import Category, Description, Item
from platforms.models import Platform
from tests.factories import assess, make_case, make_item

pytestmark = pytest.mark.django_db
FOUND = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)


def columns(described: Description) -> tuple[Any, ...]:
    return (
        described.platform.slug, described.category and described.category.slug, described.kind,
        described.language, described.severity, described.found_at, described.confirm_hours,
    )  # fmt: skip


def test_a_new_item_is_described_from_its_identification() -> None:
    item = make_item(found_at=FOUND, category="fraud", language="en")

    (first,) = item.descriptions.all()

    assert columns(first) == ("x", "fraud", "post", "en", "", FOUND, 1)
    assert first.recorded_at == item.identified_at


def test_imported_items_are_described(officer: User, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(
        "address,language\nhttps://x.com/seller/status/1,fr\nhttps://x.com/seller/status/2,en\n",
        encoding="utf-8",
    )

    import_file(path, case=make_case(), by=officer)

    described = Description.objects.order_by("item__reference").values_list("language", flat=True)
    assert list(described) == ["fr", "en"]


def test_assessment_and_correction_describe_anew_from_when_they_are_recorded(officer: User) -> None:
    item = make_item(found_at=FOUND)
    begun = timezone.now()

    correct(item, reason="It is a video.", by=officer, kind="video", at=begun - timedelta(days=3))
    assess(item)

    first, corrected, assessed = item.descriptions.order_by("pk")
    assert columns(first) == ("x", None, "post", "", "", FOUND, 1)
    assert columns(corrected) == ("x", None, "video", "", "", FOUND, 1)
    assert columns(assessed) == ("x", "small_boat_advert", "video", "", "high", FOUND, 1)
    assert begun < corrected.recorded_at < assessed.recorded_at


def test_what_no_figure_reads_describes_nothing(officer: User) -> None:
    item = make_item()

    correct(item, reason="More is known.", by=officer, note="Same seller as before.", title="An offer")

    assert item.descriptions.count() == 1


def test_a_change_that_passes_by_every_verb_is_described_too() -> None:
    item = make_item()
    begun = timezone.now()

    Item.objects.filter(pk=item.pk).update(category=Category.objects.get(slug="fraud"))

    first, second = item.descriptions.order_by("pk")
    assert (columns(first)[1], columns(second)[1]) == (None, "fraud")
    assert begun - timedelta(minutes=1) < second.recorded_at < timezone.now() + timedelta(minutes=1)


def test_other_hours_of_a_platform_describe_its_items_alone() -> None:
    item, other = make_item(), make_item(address="https://www.facebook.com/seller/posts/1")

    Platform.objects.filter(slug="x").update(confirm_hours=6)

    assert [described.confirm_hours for described in item.descriptions.order_by("pk")] == [1, 6]
    assert other.descriptions.count() == 1
