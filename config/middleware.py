"""What holds for every request: readable addresses, answers that nobody keeps, refusals that lead back."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from casework.transitions import TransitionNotAllowed
from config.problems import UNUSABLE, bad_request

Answer = Callable[[HttpRequest], HttpResponse]


class KeptNowhere:
    """No browser and no proxy keeps an answer, unless the view says for how long it may."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response


class StorableText:
    """Text that the database cannot hold is refused with 400: in an address at once, elsewhere when it is met."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META["QUERY_STRING"]:
            raise BadRequest(UNUSABLE)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return bad_request(request, BadRequest(UNUSABLE)) if isinstance(exception, DataError) else None


class RefusedTransitions:
    """A refused transition on a page: a message, and back to where the person was."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TransitionNotAllowed):
            return None
        messages.error(request, exception.message)
        back = request.POST.get("next") or request.headers.get("referer", "")
        safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        return HttpResponseRedirect(back if safe else "/")
