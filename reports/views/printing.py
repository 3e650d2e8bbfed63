"""The report as a PDF: of a scope and of an edition, each to be read (PDF/UA-1) or to be kept (PDF/A-3a)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.roles import Permission
from notices.typesetting import PrintingNotPossible, Variant
from reports.printing import print_edition, print_rates
from reports.views.editions import frozen_edition
from reports.views.figure_files import platform_names
from reports.views.rates import span, valid

UNAVAILABLE = 503
ENDINGS = {Variant.ACCESSIBLE: "", Variant.ARCHIVE: "-archive"}


@allow(Permission.EXPORT_FIGURES)
@require_safe
def rates_pdf(request: HttpRequest, variant: Variant) -> HttpResponse:
    """The figures of the address's scope."""
    asked = valid(request)
    scope = asked.scope()
    name = f"takedown-rate-{span(scope)}{ENDINGS[variant]}"
    return _given(lambda: print_rates(scope, asked.names["platform"], variant), name)


@allow(Permission.EXPORT_FIGURES)
@require_safe
def edition_pdf(request: HttpRequest, reference: str, variant: Variant) -> HttpResponse:
    """An edition's figures as they were frozen."""
    edition = frozen_edition(request, reference)
    return _given(lambda: print_edition(edition, platform_names(), variant), f"{edition}{ENDINGS[variant]}")


def _given(printed: Callable[[], bytes], name: str) -> HttpResponse:
    try:
        content = printed()
    except PrintingNotPossible as problem:
        return HttpResponse(str(problem), status=UNAVAILABLE, content_type="text/plain; charset=utf-8")
    disposition = f'attachment; filename="{name}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})
