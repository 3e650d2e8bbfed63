from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import opening, store, thumbnails
from casework.models import Evidence
from casework.originals import original


def _visible_exhibit(request: HttpRequest, pk: int) -> Evidence:
    exhibits = Evidence.objects.visible_to(person(request)).select_related("item")
    return get_object_or_404(exhibits, pk=pk)  # type: ignore[no-any-return]


@allow(Permission.SEE_CASEWORK)
@require_safe
@cache_control(private=True, no_store=True)
def evidence_file(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The original, from the second origin where there is one. That it was opened is kept."""
    exhibit = _visible_exhibit(request, pk)
    if request.method == "GET":
        opening.opened(exhibit, by=person(request))
    if not settings.EVIDENCE_ORIGIN:
        return original(exhibit)
    path = reverse("casework:evidence_original", args=[opening.link(exhibit, by=person(request))])
    return HttpResponseRedirect(f"{settings.EVIDENCE_ORIGIN}{path}")


@login_not_required
@require_safe
def evidence_original(request: HttpRequest, link: str) -> FileResponse:
    """What a link leads to that `evidence_file` made a moment ago; nobody is signed in here."""
    try:
        return original(opening.followed(link))
    except opening.NoLink as problem:
        raise Http404("This link has run out.") from problem


@allow(Permission.SEE_CASEWORK)
@require_safe
@cache_control(private=True, no_store=True)
def evidence_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy to look at, made by us. That it was opened is kept. 404 when it is no picture."""
    exhibit = _visible_exhibit(request, pk)
    response = _png(thumbnails.clear(_content(exhibit)))
    if request.method == "GET":
        opening.opened(exhibit, by=person(request))
    return response


@allow(Permission.SEE_CASEWORK)
@require_safe
@cache_control(private=True, max_age=3600)
def evidence_thumbnail(request: HttpRequest, pk: int) -> HttpResponse:
    """A small, grey, blurred picture of the exhibit; 404 when it is no picture."""
    return _png(thumbnails.blurred(_content(_visible_exhibit(request, pk))))


def _content(exhibit: Evidence) -> bytes:
    try:
        return store.get(exhibit.sha256)
    except FileNotFoundError as missing:
        raise Http404("The file of this exhibit is missing.") from missing


def _png(picture: bytes | None) -> HttpResponse:
    if picture is None:
        raise Http404("This exhibit is no picture that opens.")
    return HttpResponse(picture, content_type="image/png")
