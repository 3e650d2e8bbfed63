"""The briefing on one platform, as a page and as a PDF."""

from typing import Any, cast

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission, can
from notices.typesetting import PrintingNotPossible
from platforms.models import Platform
from reports.briefing import briefing
from reports.briefing_printing import print_briefing
from reports.briefing_sections import open_url, sections, told
from reports.facts import DEFINITION_VERSION
from reports.forms import BriefingForm
from reports.showing import Rows, query
from reports.views.shown import places

UNAVAILABLE = 503


@allow(Permission.SEE_FIGURES)
@require_safe
def briefing_page(request: HttpRequest, slug: str) -> HttpResponse:
    """All of it, each number with its rows."""
    platform = _platform(request, slug)
    form = BriefingForm(platform, request.GET)
    context: dict[str, Any] = {
        "platform": platform,
        "form": form,
        "active": form.active(),
        "clear_url": request.path,
        "places": places(request),
        "crumbs": [("Figures", reverse("reports:rates"))],
    }
    if not form.is_valid():
        return render(request, "reports/briefing.html", context, status=form.status)
    scope, user = form.scope(), person(request)
    document, rows = (
        briefing(scope, platform, reader=user),
        Rows(reverse("reports:episodes"), scope, form.names),
    )
    context |= {
        "scope": scope,
        "filters": form.told(),
        "definition_version": DEFINITION_VERSION,
        "document": document,
        "sections": sections(document, rows).values() if document["rows"] else [],
        "all_url": rows.of(),
        "open_url": open_url(rows),
        **told(document),
    }
    if can(user, Permission.EXPORT_FIGURES):
        context["pdf_url"] = (
            f"{reverse('reports:briefing_pdf', args=[slug])}?{query(scope.about(platform=''))}"
        )
    return render(request, "reports/briefing.html", context)


@allow(Permission.EXPORT_FIGURES)
@require_safe
def briefing_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """Two pages to take along."""
    platform = _platform(request, slug)
    form = BriefingForm(platform, request.GET)
    if not form.is_valid():
        raise BadRequest(f"The address asks for what there is not. {form.wrong()}")
    scope = form.scope()
    try:
        printed = print_briefing(briefing(scope, platform, reader=person(request)), scope)
    except PrintingNotPossible as problem:
        return HttpResponse(str(problem), status=UNAVAILABLE, content_type="text/plain; charset=utf-8")
    name = f"briefing-{slug}-{scope.period.first}-to-{scope.period.last}.pdf"
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(printed, content_type="application/pdf", headers={"Content-Disposition": disposition})


def _platform(request: HttpRequest, slug: str) -> Platform:
    """The platform, or 404 when there is none that this person may see."""
    return cast(Platform, get_object_or_404(Platform.objects.visible_to(person(request)), slug=slug))
