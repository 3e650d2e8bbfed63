"""The report as a PDF: of a scope and of an edition, each to be read (PDF/UA-1) or to be kept (PDF/A-3a)."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from notices.typesetting import PrintingNotPossible, Variant
from reports import report_files
from reports.forms import PrintForm, ScopeForm
from reports.printing import print_edition, print_rates
from reports.showing import query
from reports.views.editions import frozen_edition
from reports.views.figure_files import platform_names
from reports.views.rates import span, valid

UNAVAILABLE = 503
ENDINGS = {Variant.ACCESSIBLE: "", Variant.ARCHIVE: "-archive"}


@allow(Permission.EXPORT_FIGURES)
@require_safe
def rates_pdf(request: HttpRequest, variant: Variant) -> HttpResponse:
    """The figures of the address's scope; where they take long, the offer to write them by a job."""
    asked = valid(request, ScopeForm)
    scope = asked.scope()
    if report_files.is_long(scope):
        return _offered(request, f"{reverse('reports:rates_print')}?{query(scope, variant=variant)}")
    name = f"takedown-rate-{span(scope)}{ENDINGS[variant]}"
    return _given(lambda: print_rates(scope, asked.names["platform"], variant), name)


@allow(Permission.EXPORT_FIGURES)
@require_safe
def edition_pdf(request: HttpRequest, reference: str, variant: Variant) -> HttpResponse:
    """An edition's figures as they were frozen; where there are many, the offer to print them by a job."""
    edition = frozen_edition(request, reference)
    if report_files.is_long(edition):
        start_url = reverse("reports:edition_print", args=[edition.reference])
        return _offered(request, f"{start_url}?{urlencode({'variant': variant})}")
    return _given(lambda: print_edition(edition, platform_names(), variant), f"{edition}{ENDINGS[variant]}")


def _given(printed: Callable[[], bytes], name: str) -> HttpResponse:
    try:
        content = printed()
    except PrintingNotPossible as problem:
        return HttpResponse(str(problem), status=UNAVAILABLE, content_type="text/plain; charset=utf-8")
    disposition = f'attachment; filename="{name}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


def _offered(request: HttpRequest, start_url: str) -> HttpResponse:
    return render(request, "reports/report_large.html", {"start_url": start_url})


@allow(Permission.EXPORT_FIGURES)
@require_POST
def rates_print(request: HttpRequest) -> HttpResponse:
    """Have a scope's report written by a job, which is shown from then on."""
    job = report_files.begin(valid(request, PrintForm).scope(), _variant(request), by=person(request))
    return redirect("reports:job_detail", pk=job.pk)


@allow(Permission.EXPORT_FIGURES)
@require_POST
def edition_print(request: HttpRequest, reference: str) -> HttpResponse:
    """Have an edition's report written by a job, which is shown from then on."""
    job = report_files.begin(frozen_edition(request, reference), _variant(request), by=person(request))
    return redirect("reports:job_detail", pk=job.pk)


def _variant(request: HttpRequest) -> Variant:
    try:
        return Variant(request.GET.get("variant", Variant.ACCESSIBLE))
    except ValueError:
        raise BadRequest(f"The variant is {' or '.join(Variant)}.") from None
