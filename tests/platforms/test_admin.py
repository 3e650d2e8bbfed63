"""The directory in the admin site: what was promised is added to, never rewritten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from platforms.models import Commitment, Platform


@pytest.fixture
def page(administrator: User, signed_in: Callable[[User], Client]) -> tuple[Client, str]:
    platform = Platform.objects.get(slug="x")
    return signed_in(administrator), f"/admin/platforms/platform/{platform.pk}/change/"


def sent(client: Client, path: str, **version: Any) -> Any:
    """The form as it stands, with one more version of a commitment."""
    shown = client.get(path)
    given: dict[str, Any] = {"name": "X", "is_active": "on", "confirm_hours": 1, "watch_days": 180}
    for formset in shown.context["inline_admin_formsets"]:
        management = formset.formset.management_form
        given |= {f"{management.prefix}-{name}": management[name].value() for name in management.fields}
        for form in formset.formset.initial_forms:
            given |= {f"{form.prefix}-{name}": form[name].value() or "" for name in form.fields}
    given |= {f"commitments-0-{name}": value for name, value in version.items()}
    return client.post(path, {**given, "commitments-TOTAL_FORMS": 1})


def test_the_page_of_a_platform_opens(page: tuple[Client, str]) -> None:
    client, path = page

    assert client.get(path).status_code == 200


@pytest.mark.parametrize(("days", "added"), [(0, 1), (30, 1), (-1, 0)])
def test_a_version_begins_today_or_later(days: int, added: int, page: tuple[Client, str]) -> None:
    client, path = page
    before = Commitment.objects.count()
    begins = timezone.localdate() + timedelta(days=days)

    came = sent(
        client, path, amount=5, unit="working_days", calendar="scotland", zone="Europe/London", severity="low",
        valid_from=begins.isoformat(),
    )  # fmt: skip

    assert (came.status_code, Commitment.objects.count() - before) == ((302, 1) if added else (200, 0))
