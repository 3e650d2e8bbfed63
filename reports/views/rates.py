"""The figures' pages: rates, the rows behind each number, their CSV, the PDF, the method."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission, can
from casework.models import Item
from notices.models import Notice
from reports import breaks, row_files, tallies
from reports.choices import chosen, page
from reports.definitions import DEFINITIONS
from reports.exports import csv_lines
from reports.facts import DEFINITION_VERSION, Episode, Scope
from reports.forms import EpisodesForm, RatesForm, ScopeForm
from reports.group_rows import group_rows, headings
from reports.groupings import GROUPING_WORDS
from reports.measures import EXCLUSIONS, OUTCOMES, counted
from reports.showing import Rows, query
from reports.views.paging import PAGE_ROWS, one_page, page_number
from reports.views.shown import downloads, kinds, places, shown

AnyForm = TypeVar("AnyForm", bound=ScopeForm)


@allow(Permission.SEE_FIGURES)
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """The takedown rate, with all that it is made of."""
    form = RatesForm(request.GET)
    frame = {**_frame(form), "places": places(request)}
    if not form.is_valid():
        return render(request, "reports/rates.html", frame, status=form.status)
    scope, by = form.scope(), form.cleaned_data["by"] or "platform"
    counts = tallies.read(scope, [by])
    context = {
        **frame,
        **_exports(request, scope),
        **shown(counted(counts[()]), scope),
        **_groups(scope, counts, by, form),
        "breaks": breaks.warnings(breaks.spanned(scope)),
        "kinds": kinds("rates", query(scope)),
        "filters": form.told(),
        "kept_url": f"{request.path}?{query(scope, by=by, sort=form.cleaned_data['sort'])}",
    }
    return render(request, "reports/rates.html", context)


def _frame(form: ScopeForm) -> dict[str, Any]:
    return {
        "form": form,
        "active": form.active(),
        "clear_url": reverse("reports:rates"),
        "definition_version": DEFINITION_VERSION,
    }


def _exports(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    if not can(person(request), Permission.EXPORT_FIGURES):
        return {}
    may_prepare = can(person(request), Permission.PREPARE_EDITION)
    return {
        "prepare_url": f"{reverse('reports:edition_prepare')}?{query(scope)}" if may_prepare else "",
        "downloads": downloads(request, scope),
        "csv_url": f"{reverse('reports:rates_csv')}?{query(scope)}",
    }


def _groups(
    scope: Scope, counts: dict[tallies.Key, tallies.Tally], by: str, form: RatesForm
) -> dict[str, Any]:
    """The rates by one grouping, and the links to the other groupings and orders."""
    here, order = reverse("reports:rates"), form.cleaned_data["sort"]
    heads = headings(GROUPING_WORDS[by], order)
    return {
        "by": GROUPING_WORDS[by],
        "groupings": [
            (words, f"{here}?{query(scope, by=name)}#by", None, name == by)
            for name, words in GROUPING_WORDS.items()
        ],
        "headings": [
            {**head, "url": f"{here}?{query(scope, by=by, sort=head['asks'])}#by"} for head in heads
        ],
        "groups": group_rows(counts, by, form.names, Rows(reverse("reports:episodes"), scope), order),
    }


@allow(Permission.SEE_FIGURES)
@require_safe
def episodes(request: HttpRequest) -> HttpResponse:
    """The rows behind a number, fifty to a page."""
    form = EpisodesForm(request.GET)
    if not form.is_valid():
        return render(request, "reports/episodes.html", _frame(form), status=form.status)
    scope, choice = form.scope(), form.choice
    number = page_number(request)
    rows, count = page(scope, choice, offset=(number - 1) * PAGE_ROWS, limit=PAGE_ROWS)
    context = {
        "scope": scope,
        "filters": form.told(),
        "chosen": choice.words(form.names),
        "count": count,
        "page": one_page(_shown(request, rows), count, number),
        "rates_url": f"{reverse('reports:rates')}?{query(scope)}",
        "crumbs": [("Figures", f"{reverse('reports:rates')}?{query(scope)}")],
        "outcome_names": OUTCOMES,
    }
    if can(person(request), Permission.EXPORT_FIGURES):
        context["csv_url"] = f"{reverse('reports:rates_csv')}?{query(scope, **form.chosen())}"
    return render(request, "reports/episodes.html", context)


def _shown(request: HttpRequest, rows: Sequence[Episode]) -> list[dict[str, Any]]:
    """Each row with what a person needs to know the item and the notice by."""
    user = person(request)
    items = Item.objects.visible_to(user).in_bulk([row.item for row in rows], field_name="reference")
    notices = Notice.objects.visible_to(user).in_bulk([row.notice_id for row in rows])
    return [
        {
            "row": row,
            "item": items.get(row.item),
            "notice": notices.get(row.notice_id),
            "outcome": OUTCOMES[row.outcome] if row.outcome else "",
            "exclusion": EXCLUSIONS[row.exclusion] if row.exclusion else "",
        }
        for row in rows
    ]


@allow(Permission.EXPORT_FIGURES)
@require_safe
def episodes_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The rows of a scope or of a number in it; of many, the offer to write them by a job."""
    form = valid(request, EpisodesForm)
    scope, choice = form.scope(), form.choice
    _, count = page(scope, choice, offset=0, limit=1)
    if count > row_files.LARGE:
        start_url = f"{reverse('reports:export_start')}?{query(scope, **form.chosen())}"
        context = {"count": count, "start_url": start_url, "scope": scope, "chosen": choice.words(form.names)}
        return render(request, "reports/export_large.html", context)
    return StreamingHttpResponse(
        csv_lines(chosen(scope, choice)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="episodes-{span(scope)}.csv"'},
    )


@allow(Permission.EXPORT_FIGURES)
@require_POST
def export_start(request: HttpRequest) -> HttpResponse:
    """Have the rows written by a job, which is shown from then on."""
    form = valid(request, EpisodesForm)
    job = row_files.begin(form.scope(), form.chosen(), by=person(request))
    return redirect("reports:job_detail", pk=job.pk)


@allow(Permission.SEE_FIGURES)
@require_safe
def methodology(request: HttpRequest) -> HttpResponse:
    """The definitions, as implemented."""
    context = {
        "exclusions": EXCLUSIONS,
        "outcomes": OUTCOMES,
        "definitions": DEFINITIONS,
        "definition_version": DEFINITION_VERSION,
    }
    return render(request, "reports/method.html", context)


def valid(request: HttpRequest, kind: type[AnyForm]) -> AnyForm:
    """The form that the address fills in; raises `BadRequest`, which says what is wrong."""
    form = kind(request.GET)
    if not form.is_valid():
        raise BadRequest(f"The address asks for what there is not. {form.wrong()}")
    return form


def span(scope: Scope) -> str:
    return f"{scope.period.first}-to-{scope.period.last}"
