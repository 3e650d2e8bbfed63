"""What runs by itself, of all platforms at one glance."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from casework import checkers, visits
from notices import chasers, hook_secrets
from notices.views.automatic import Automatic
from platforms.models import Platform

ADDRESS = reverse("notices:automatic_list")


@pytest.fixture
def administrator(person: Callable[..., User]) -> User:
    return person(Role.ADMINISTRATOR)


def shown(context: Any) -> dict[str, tuple[bool, bool, bool, list[bool]]]:
    rows: list[Automatic] = context["rows"]
    return {
        row.platform.slug: (
            bool(row.steps and row.steps.chases), bool(row.steps and row.steps.escalates), row.takes_webhooks,
            [switch.is_on for _, switch in row.visits],
        )
        for row in rows
    }  # fmt: skip


def test_everything_is_off_to_begin_with(administrator: User, client: Client) -> None:
    client.force_login(administrator)

    page = client.get(ADDRESS)

    assert shown(page.context) == {}
    assert len(page.context["others"]) == Platform.objects.active().count()
    assert "Nothing runs by itself" in page.content.decode()


def test_each_switch_that_is_on_is_shown(administrator: User, manager: User, client: Client) -> None:
    facebook, telegram, x = (Platform.objects.get(slug=slug) for slug in ("facebook", "telegram", "x"))
    chasers.set_steps(x, chases=True, every_hours=48, escalates=False, after_chasers=1, by=manager)
    chasers.set_steps(telegram, chases=False, every_hours=48, escalates=False, after_chasers=1, by=manager)
    hook_secrets.open_hook(facebook, by=administrator)
    checkers.add_checker("London", country="GB", by=administrator)
    checkers.add_checker("Paris", country="FR", by=administrator)
    visits.decide(
        x, country="GB", logged_in=False, allowed=True, note_sha256=visits.NOTE_SHA256, by=administrator
    )
    client.force_login(manager)

    page = client.get(ADDRESS)

    assert shown(page.context) == {
        "facebook": (False, False, True, [False, False]), "x": (True, False, False, [False, True]),
    }  # fmt: skip
    assert page.context["columns"] == (
        "Platform|Chasers|Escalation|Answers by webhook|Looks from FR|Looks from GB"
    )
    assert "every 2 days" in page.content.decode()


def test_the_page_takes_as_many_queries_for_one_platform_as_for_all(
    administrator: User, client: Client, django_assert_num_queries: Any
) -> None:
    client.force_login(administrator)
    client.get(ADDRESS)

    with django_assert_num_queries(7):
        client.get(ADDRESS)
