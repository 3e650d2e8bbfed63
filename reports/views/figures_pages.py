"""The manager's pages: one view for all of them, and their charts as picture and as table."""

from dataclasses import replace
from typing import Any

from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.roles import Permission
from reports import breaks, tallies
from reports.charts import Chart
from reports.columns import Columns
from reports.comparison_sections import beside
from reports.facts import DEFINITION_VERSION, Scope
from reports.figures_pages import PAGES
from reports.forms import ComparisonForm, ScopeForm
from reports.measures import NUMERATOR, s04, s05
from reports.sections import Section
from reports.showing import Rows, query
from reports.views.shown import downloads, kinds, places

FORMS: dict[str, type[ScopeForm]] = {"comparison": ComparisonForm}


@allow(Permission.SEE_FIGURES)
@require_safe
def figures_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of that name, counted from no more columns than it shows."""
    form, page = FORMS.get(slug, ScopeForm)(request.GET), PAGES[slug]
    context: dict[str, Any] = {
        "page": page,
        "form": form,
        "active": form.active(),
        "clear_url": reverse(f"reports:{slug}"),
        "places": places(request),
    }
    if not form.is_valid():
        return render(request, "reports/figures_page.html", context, status=form.status)
    scope = form.scope()
    second = form.second(scope) if isinstance(form, ComparisonForm) else None
    columns, rows = Columns.read(scope, page.needs), Rows(reverse("reports:episodes"), scope, form.names)
    context |= {
        "scope": scope,
        "filters": form.told(),
        "definition_version": DEFINITION_VERSION,
        "kept_url": f"{request.path}?{query(scope, **form.more())}",
        "downloads": downloads(request, scope),
        "breaks": breaks.warnings(breaks.spanned(scope, *([second] if second else []))),
        "count": len(columns),
        "kinds": kinds(slug, query(scope)),
        "sections": page.sections(columns, rows) if len(columns) else [],
        "beside": _beside(second, columns, rows) if second and len(columns) else [],
        **(_headline(columns, rows) if slug == "overview" else {}),
    }
    return render(request, "reports/figures_page.html", context)


def _beside(second: Scope, columns: Columns, rows: Rows) -> list[Section]:
    other = replace(rows, scope=second)
    return beside(columns, Columns.read(other.scope, PAGES["comparison"].needs), rows, other)


def _headline(columns: Columns, rows: Rows) -> dict[str, Any]:
    (tally,) = tallies.of_columns(columns, rows.scope)
    return {
        "to_date": s04(tally),
        "within": s05(tally)["7d"],
        "down_url": rows.of(outcome=",".join(NUMERATOR)),
        "within_url": rows.of(window="7d", within="yes"),
    }


@allow(Permission.SEE_FIGURES)
@require_safe
@cache_control(private=True, max_age=86400)
def chart(request: HttpRequest, token: str) -> HttpResponse:
    """The chart that its address holds, signed: needs no database."""
    return HttpResponse(_chart(token).svg(), content_type="image/svg+xml")


@allow(Permission.SEE_FIGURES)
@require_safe
@cache_control(private=True, max_age=86400)
def chart_csv(request: HttpRequest, token: str) -> HttpResponse:
    """The same chart's table."""
    return HttpResponse(
        "".join(_chart(token).csv_lines()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="chart.csv"'},
    )


def _chart(token: str) -> Chart:
    try:
        return Chart.read(token)
    except BadSignature as error:
        raise Http404("There is no such chart.") from error
