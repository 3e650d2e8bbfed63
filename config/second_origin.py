"""The host name that hands out originals, and nothing else: there is no cookie there that a file could reach."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

ORIGINALS = "/evidence/original/"


class SecondOrigin:
    """Originals are answered there alone, everything else here alone; without EVIDENCE_ORIGIN all is here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.EVIDENCE_ORIGIN:
            is_there = request.get_host() == urlsplit(settings.EVIDENCE_ORIGIN).netloc
            if is_there != request.path_info.startswith(ORIGINALS):
                return HttpResponseNotFound("Not here.", content_type="text/plain")
            if is_there:
                request.COOKIES.clear()
        return self.get_response(request)
