"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from config import views


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the web server answers; needs no sign-in and touches no database."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("", include("accounts.urls")),
    path("", include("casework.urls")),
    path("", include("notices.urls")),
    path("platforms/", include("platforms.urls")),
    path("reports/", include("reports.urls")),
    path("transparency/", include("reports.public_urls")),
    path("api/", include("config.api")),
    path("admin/", admin.site.urls),
]

handler400 = "config.problems.bad_request"
handler500 = "config.problems.server_error"
