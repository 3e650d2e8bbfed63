"""The records behind numbers that are no episodes: items first seen in the period, looks, chasers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.models import User
from accounts.pages import person
from accounts.roles import Permission
from casework.models import Check, Item
from notices.models import Notice
from reports import flow, looks, pipeline, tallies
from reports.facts import Scope
from reports.forms import RecordsForm
from reports.showing import query
from reports.views.paging import PAGE_ROWS, one_page, page_number

Keys = tuple[list[int], int]


@dataclass(frozen=True)
class Records:
    """One kind of records: the choices that an address may name, how a page is found, and how it is shown."""

    title: str
    about: str  # which of them belong to the period
    parameter: str
    choices: Mapping[str, str]
    page: Callable[..., Keys]
    rows: Callable[[User, list[int]], Iterable[Any]]


def _items(user: User, keys: list[int]) -> Iterable[Item]:
    return Item.objects.visible_to(user).filter(pk__in=keys).select_related("platform").order_by("pk")


def _looks(user: User, keys: list[int]) -> Iterable[Check]:
    return Check.objects.visible_to(user).filter(pk__in=keys).select_related("item__platform").order_by("-pk")


def _chasers(user: User, keys: list[int]) -> Iterable[Notice]:
    return Notice.objects.visible_to(user).filter(pk__in=keys).select_related("platform").order_by("-pk")


def _collateral_page(scope: Scope, choice: str, **part: int) -> Keys:
    return flow.collateral_page(scope, **part)


def _chaser_page(scope: Scope, choice: str, **part: int) -> Keys:
    return tallies.chaser_page(scope, **part)


KINDS = {
    "items": Records(
        "Items first seen in the period", "first seen", "stage", pipeline.STAGES, pipeline.page, _items
    ),
    "looks": Records(
        "Looks since the notice",
        "at items notified",
        "by",
        {name: words for name, (words, _) in looks.CHOICES.items()},
        looks.page,
        _looks,
    ),
    "collateral": Records(
        "Items gone with their account",
        "nobody was notified of, gone",
        "",
        {"": "Gone with their account"},
        _collateral_page,
        _items,
    ),
    "chasers": Records("Chasers", "received", "", {"": "Chasers"}, _chaser_page, _chasers),
}


@allow(Permission.SEE_FIGURES)
@require_safe
def records(request: HttpRequest, kind: str) -> HttpResponse:
    """The records of that kind in the scope, fifty to a page."""
    shown = KINDS[kind]
    form = RecordsForm(shown.parameter, shown.choices, request.GET)
    context: dict[str, Any] = {"form": form, "active": form.active(), "kind": kind, "shown": shown}
    if not form.is_valid():
        return render(request, "reports/records.html", context, status=form.status)
    scope, choice, number = form.scope(), form.choice, page_number(request)
    keys, count = shown.page(scope, choice, offset=(number - 1) * PAGE_ROWS, limit=PAGE_ROWS)
    figures_url = f"{reverse('reports:overview')}?{query(scope)}"
    context |= {
        "scope": scope,
        "filters": form.told(),
        "choice": shown.choices[choice],
        "count": count,
        "page": one_page(list(shown.rows(person(request), keys)), count, number),
        "figures_url": figures_url,
        "crumbs": [("Figures", figures_url)],
    }
    return render(request, "reports/records.html", context)
