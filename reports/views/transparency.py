"""The pages that everybody may read: editions that were made public, with no person and no address in them.

Nothing here looks at who asks, so that a cache between may keep the answers.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from notices.typesetting import PrintingNotPossible
from reports.api.figures import attached
from reports.definitions import DEFINITIONS
from reports.facts import DEFINITION_VERSION
from reports.figure_files import FORMS
from reports.measures import EXCLUSIONS, OUTCOMES
from reports.models import PublicCopy
from reports.transparency import annual_table_of, contents, pdf_of, report_of

KEPT = 300  # seconds
UNAVAILABLE = 503
View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """A page without signing in, kept by caches; not there unless the office has switched the public pages on."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.PUBLIC_TRANSPARENCY:
            raise Http404("There are no public pages.")
        return view(request, *args, **kwargs)

    kept: View = cache_control(public=True, max_age=KEPT)(shown)
    return login_not_required(require_safe(kept))


@public
def newest(request: HttpRequest) -> HttpResponse:
    """The newest public edition, and links to the others."""
    return _page(PublicCopy.objects.current().first())


@public
def edition(request: HttpRequest, reference: str) -> HttpResponse:
    """One public edition."""
    return _page(_copy(reference))


@public
def method(request: HttpRequest) -> HttpResponse:
    """How the figures are made."""
    return _rendered(
        "transparency/method.html",
        definitions=DEFINITIONS,
        definition_version=DEFINITION_VERSION,
        outcomes=OUTCOMES,
        exclusions=EXCLUSIONS,
    )


@public
def document(request: HttpRequest, reference: str) -> HttpResponse:
    """The public copy as it is kept, byte for byte."""
    disposition = f'attachment; filename="{reference}.json"'
    return HttpResponse(
        _copy(reference).document,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


@public
def figures(request: HttpRequest, reference: str, form: str) -> HttpResponse:
    """The figures, and the annual table, as a file."""
    return attached(report_of(_copy(reference)), form, reference)


@public
def pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The figures, and the annual table, on paper."""
    copy = _copy(reference)
    try:
        printed = pdf_of(copy)
    except PrintingNotPossible as problem:
        return HttpResponse(str(problem), status=UNAVAILABLE, content_type="text/plain; charset=utf-8")
    disposition = f'attachment; filename="{reference}.pdf"'
    return HttpResponse(printed, content_type="application/pdf", headers={"Content-Disposition": disposition})


@public
def annual_table(request: HttpRequest, reference: str) -> HttpResponse:
    """The annual table in the columns of its format."""
    return HttpResponse(
        "".join(annual_table_of(_copy(reference)).csv_lines()),
        content_type=FORMS["csv"],
        headers={"Content-Disposition": f'attachment; filename="annual-table-{reference}.csv"'},
    )


def _copy(reference: str) -> PublicCopy:
    rows = PublicCopy.objects.current().select_related("edition")
    return get_object_or_404(rows, edition__reference=reference)


def _page(copy: PublicCopy | None) -> HttpResponse:
    others = PublicCopy.objects.current().select_related("edition")
    if copy is None:
        return _rendered("transparency/edition.html", others=[])
    names = {"PDF": "pdf", "JSON": "document", **{form.upper(): form for form in FORMS}}
    reference = copy.edition.reference
    downloads = [(label, reverse(f"transparency:{name}", args=[reference])) for label, name in names.items()]
    return _rendered(
        "transparency/edition.html",
        others=others.exclude(pk=copy.pk),
        downloads=downloads,
        annual_url=reverse("transparency:annual_table", args=[reference]),
        **contents(copy),
    )


def _rendered(template: str, **context: Any) -> HttpResponse:
    """Without the request: a page that knows nobody."""
    office = {"office": settings.SENDER_ORGANISATION, "version": settings.VERSION}
    return HttpResponse(render_to_string(template, {**office, **context}))
