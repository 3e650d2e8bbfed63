from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.guards import allow
from accounts.pages import person
from accounts.roles import Permission
from casework import evidence, store, thumbnails
from casework.models import Evidence


def _visible_exhibit(request: HttpRequest, pk: int) -> Evidence:
    return get_object_or_404(Evidence.objects.visible_to(person(request)), pk=pk)  # type: ignore[no-any-return]


@allow(Permission.SEE_CASEWORK)
@require_safe
@cache_control(private=True, no_store=True)
def evidence_file(request: HttpRequest, pk: int) -> FileResponse:
    """The exhibit byte for byte, always as a download: a browser is never asked to show it."""
    exhibit = _visible_exhibit(request, pk)
    response = FileResponse(
        evidence.open_exhibit(exhibit),
        as_attachment=True,
        filename=exhibit.filename,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@allow(Permission.SEE_CASEWORK)
@require_safe
@cache_control(private=True, max_age=3600)
def evidence_thumbnail(request: HttpRequest, pk: int) -> HttpResponse:
    """A small, grey, blurred picture of the exhibit; 404 when it is no picture."""
    picture = thumbnails.blurred(store.get(_visible_exhibit(request, pk).sha256))
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/png")
