"""Every address of the site."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the web server answers; needs no sign-in and touches no database."""
    return HttpResponse("ok", content_type="text/plain")


healthz.login_required = False  # type: ignore[attr-defined]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
]
