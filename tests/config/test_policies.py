"""No address without a policy: the system check that says so, on the site as it is and on views that forgot theirs."""

from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.http import HttpRequest, HttpResponse
from django.urls import clear_url_caches, include, path
from rest_framework.permissions import IsAuthenticated
from rest_framework.views import APIView

from accounts.endpoints import Endpoint
from accounts.guards import allow
from config import policies


def open_to_all(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Everything")


@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Everything")


class Bare(APIView):
    """Asks for the sign-in that every endpoint asks for, and for no more."""


class Signed(APIView):
    permission_classes = (IsAuthenticated,)


class Kept(Endpoint):
    pass


@pytest.fixture
def addresses(settings: Any) -> Any:
    """Called with patterns, makes them the addresses of the site."""

    def use(*patterns: Any) -> None:
        site = ModuleType("addresses_of_a_test")
        site.urlpatterns = [path("inner/", include((list(patterns), "inner")))]  # type: ignore[attr-defined]
        settings.ROOT_URLCONF = site
        clear_url_caches()

    yield use
    clear_url_caches()


def test_every_address_of_the_site_has_a_policy() -> None:
    assert policies.every_route_has_a_policy() == []


@pytest.mark.parametrize(
    "view", [open_to_all, LogoutView.as_view(), Bare.as_view(), Signed.as_view()],
    ids=["function", "of Django", "endpoint", "endpoint for everybody signed in"],
)  # fmt: skip
def test_view_that_says_nothing_is_an_error(addresses: Any, view: Any) -> None:
    addresses(path("everything/", view), path("kept/", allow()(open_to_all)))

    found = policies.every_route_has_a_policy()

    assert [(error.id, error.msg) for error in found] == [
        ("config.E001", "Nothing says who may use “/inner/everything/”.")
    ]


def test_check_command_refuses_it(addresses: Any) -> None:
    addresses(path("everything/", open_to_all))

    with pytest.raises(SystemCheckError, match="Nothing says who may use “/inner/everything/”"):
        call_command("check")


def test_declared_views_are_none(addresses: Any) -> None:
    addresses(
        path("allowed/", allow()(open_to_all)),
        path("public/", public),
        path("endpoint/", Kept.as_view({"get": "needed"})),
    )

    assert policies.every_route_has_a_policy() == []
