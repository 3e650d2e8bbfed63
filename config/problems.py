"""Every error of the API as problem details (RFC 9457)."""

import json
import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from casework.transitions import TransitionNotAllowed

MEDIA_TYPE = "application/problem+json"
API = "/api/"
INVALID = "The input is not valid."
UNUSABLE = "A value holds a character that cannot be stored (NUL), or is out of range. Check what was sent."

logger = logging.getLogger(__name__)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: None for what is a bug (500), otherwise a problem document."""
    if isinstance(error, TransitionNotAllowed):
        extra = {"status_of_record": error.status, "actions": error.allowed}
        return _problem(HTTPStatus.CONFLICT, error.message, extra)
    if isinstance(error, ValidationError):
        return _problem(HTTPStatus.BAD_REQUEST, INVALID, {"errors": _by_field(error)})
    if isinstance(error, exceptions.ValidationError):
        return _problem(HTTPStatus.BAD_REQUEST, INVALID, {"errors": error.detail})
    if isinstance(error, IntegrityError):
        logger.warning("A constraint stopped a request.", exc_info=error)
        return _problem(
            HTTPStatus.CONFLICT, "This was changed at the same moment. Read it again, then repeat."
        )
    if isinstance(error, DataError):
        return _problem(HTTPStatus.BAD_REQUEST, UNUSABLE)
    if isinstance(error, SuspiciousOperation):
        too_big = isinstance(error, RequestDataTooBig)
        return _problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_big else HTTPStatus.BAD_REQUEST, str(error)
        )
    known = _as_api_exception(error)
    return None if known is None else _stated(known)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`: what is wrong, if we have said it, as a problem document or a page."""
    said = str(exception) if isinstance(exception, BadRequest) else ""
    status = HTTPStatus.BAD_REQUEST
    if not request.path.startswith(API):
        return render(request, "400.html", {"said": said}, status=status.value)
    body = _document(status, said or "The request cannot be read.")
    return HttpResponse(json.dumps(body), status=status.value, content_type=MEDIA_TYPE)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: a problem document under the API's address, the page elsewhere."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    body = _document(
        status, "Something is wrong on our side. Nothing was stored; try again, or tell us the time."
    )
    return HttpResponse(json.dumps(body), status=status.value, content_type=MEDIA_TYPE)


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    if not hasattr(error, "error_dict"):
        return {api_settings.NON_FIELD_ERRORS_KEY: error.messages}
    found = error.message_dict
    return {
        api_settings.NON_FIELD_ERRORS_KEY if name == "__all__" else name: said for name, said in found.items()
    }


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound("There is nothing at this address that you may see.")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    return error if isinstance(error, exceptions.APIException) else None


def _stated(error: exceptions.APIException) -> Response:
    response = _problem(HTTPStatus(error.status_code), str(error.detail))
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _problem(status: HTTPStatus, detail: str, extra: dict[str, Any] | None = None) -> Response:
    set_rollback()
    return Response(
        {**_document(status, detail), **(extra or {})}, status=status.value, content_type=MEDIA_TYPE
    )


def _document(status: HTTPStatus, detail: str) -> dict[str, Any]:
    return {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
