"""The annual table of notices (S20): its page, and its files."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission, can
from notices.typesetting import PrintingNotPossible
from reports.article_22 import independence, of_scope
from reports.article_22_printing import print_annual_table
from reports.facts import Scope
from reports.figure_files import FORMS
from reports.forms import ScopeForm
from reports.showing import query
from reports.transparency import of_providers
from reports.views.rates import span, valid
from reports.views.shown import places

UNAVAILABLE = 503


@allow(Permission.SEE_FIGURES)
@require_safe
def annual_table(request: HttpRequest) -> HttpResponse:
    """Notices by provider, type of content and action taken."""
    form = ScopeForm(request.GET)
    context: dict[str, Any] = {
        "form": form,
        "active": form.active(),
        "clear_url": reverse("reports:article_22"),
        "places": places(request),
    }
    if not form.is_valid():
        return render(request, "reports/article_22.html", context, status=form.status)
    scope = form.scope()
    context |= {
        "scope": scope,
        "tables": of_providers(of_scope(scope)),
        "independence": independence(),
    }
    if can(person(request), Permission.EXPORT_FIGURES):
        asked = query(scope)
        context["downloads"] = [
            (each.upper(), f"{reverse(f'reports:article_22_{each}')}?{asked}") for each in (*FORMS, "pdf")
        ]
    return render(request, "reports/article_22.html", context)


@allow(Permission.EXPORT_FIGURES)
@require_safe
def annual_file(request: HttpRequest, form: str) -> HttpResponse:
    """The table of the address's scope as a file."""
    scope = valid(request, ScopeForm).scope()
    return _attached(of_scope(scope).written(form), scope, form, FORMS[form])


@allow(Permission.EXPORT_FIGURES)
@require_safe
def annual_pdf(request: HttpRequest) -> HttpResponse:
    """The table of the address's scope on paper."""
    scope = valid(request, ScopeForm).scope()
    try:
        printed = print_annual_table(of_scope(scope))
    except PrintingNotPossible as problem:
        return HttpResponse(str(problem), status=UNAVAILABLE, content_type="text/plain; charset=utf-8")
    return _attached(printed, scope, "pdf", "application/pdf")


def _attached(content: bytes, scope: Scope, form: str, kind: str) -> HttpResponse:
    disposition = f'attachment; filename="annual-table-{span(scope)}.{form}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})
