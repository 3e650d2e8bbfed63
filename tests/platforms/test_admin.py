"""The directory in the admin site: what was promised is added to, never rewritten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from platforms.admin import VersionForm
from platforms.models import Platform


def test_the_page_of_a_platform_opens(administrator: User, signed_in: Callable[[User], Client]) -> None:
    platform = Platform.objects.get(slug="x")

    page = signed_in(administrator).get(f"/admin/platforms/platform/{platform.pk}/change/")

    assert page.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "wrong"), [(0, []), (30, []), (-1, ["valid_from"])])
def test_a_version_begins_today_or_later(days: int, wrong: list[str]) -> None:
    begins = timezone.localdate() + timedelta(days=days)

    form = VersionForm(
        {
            "amount": 5,
            "unit": "working_days",
            "calendar": "scotland",
            "zone": "Europe/London",
            "valid_from": begins,
        }
    )

    assert list(form.errors) == wrong
