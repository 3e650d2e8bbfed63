"""Every error of the API as problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from casework.transitions import TransitionNotAllowed

MEDIA_TYPE = "application/problem+json"


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: None for what is a bug (500), otherwise a problem document."""
    if isinstance(error, TransitionNotAllowed):
        extra = {"status_of_record": error.status, "actions": error.allowed}
        return _problem(HTTPStatus.CONFLICT, error.message, extra)
    if isinstance(error, ValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {api_settings.NON_FIELD_ERRORS_KEY: error.messages}
        return _problem(HTTPStatus.BAD_REQUEST, "The input is not valid.", {"errors": fields})
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if not isinstance(error, exceptions.APIException):
        return None
    if isinstance(error, exceptions.ValidationError):
        return _problem(HTTPStatus.BAD_REQUEST, "The input is not valid.", {"errors": error.detail})
    response = _problem(HTTPStatus(error.status_code), str(error.detail), {})
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _problem(status: HTTPStatus, detail: str, extra: dict[str, Any]) -> Response:
    set_rollback()
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **extra}
    return Response(body, status=status.value, content_type=MEDIA_TYPE)
