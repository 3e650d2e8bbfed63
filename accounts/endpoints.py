"""What every endpoint of the API is built on: who may use it, where it starts, and keys for repetition."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts import idempotency
from accounts.models import IdempotencyKey
from accounts.paging import CreatedCursor
from accounts.roles import Permission, may_use
from accounts.serializers import refuse_unknown

Needs = tuple[Permission, ...]
KEPT_HEADERS = ("Location", "Retry-After")


class KeyConflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "A request with this Idempotency-Key is being carried out. Send it again in a moment."


class KeyOfAnother(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used for another request. Use a new key for a new request."


class KeyUnusable(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = "The Idempotency-Key is 1 to 255 visible ASCII characters, for example a UUID."


REFUSALS: dict[type[Exception], type[exceptions.APIException]] = {
    idempotency.KeyInUse: KeyConflict,
    idempotency.KeyReused: KeyOfAnother,
    idempotency.KeyMalformed: KeyUnusable,
}


class Allowed(BasePermission):
    """At least one of the permissions that the endpoint names; none named: every person signed in."""

    message = "Your role, or the scopes of your token, do not include this."

    def has_permission(self, request: Request, view: Any) -> bool:
        return may_use(request.user, view.needed())


class Repeatable(APIView):
    """POST honours `Idempotency-Key`: same key and same request, the same answer, and done once."""

    unkept: ClassVar[tuple[str, ...]] = ()  # what is shown once and never kept

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key is not None and hasattr(self, "post"):
            self.post = partial(self._once, self.post, key)

    def _once(
        self, act: Callable[..., Response], key: str, request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        fingerprint = idempotency.fingerprint_of("POST", request.get_full_path(), _body(request))
        try:
            with idempotency.once(request.user, key, fingerprint) as row:
                if row.status is not None:
                    return Response(row.body, status=row.status, **_headers(row))
                response = self._attempt(act, request, *args, **kwargs)
                self._keep(row, response)
                return response
        except tuple(REFUSALS) as refusal:
            raise REFUSALS[type(refusal)] from refusal

    def _attempt(self, act: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
        """The answer, or the refusal, of which nothing stays behind; a bug is raised and frees the key."""
        try:
            with transaction.atomic():
                return act(request, *args, **kwargs)
        except Exception as error:
            return self.handle_exception(error)

    def _keep(self, row: IdempotencyKey, response: Response) -> None:
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        if response.content_type:
            headers["Content-Type"] = response.content_type
        body = response.data
        if self.unkept and isinstance(body, dict):
            body = {name: None if name in self.unkept else value for name, value in body.items()}
        idempotency.keep(row, status=response.status_code, headers=headers, body=body)


def _body(request: Request) -> Any:
    sent: Any = request.data
    return sorted((name, sent.getlist(name)) for name in sent) if hasattr(sent, "getlist") else sent


def _headers(row: IdempotencyKey) -> dict[str, Any]:
    headers = {**row.headers, "Idempotency-Replayed": "true"}
    return {"content_type": headers.pop("Content-Type", None), "headers": headers}


class Endpoint(Repeatable, GenericViewSet):
    """A resource: every row comes from `visible_to`, every change is made by a verb, none by a serializer.

    `needs` names who may read (any of them); `needs_to` who may do what else, by the name of the action.
    """

    permission_classes = (IsAuthenticated, Allowed)
    lookup_value_converter = "str"
    needs: ClassVar[Needs] = ()
    needs_to: ClassVar[dict[str, Needs]] = {}
    related: ClassVar[tuple[str, ...]] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS:
            refuse_unknown(request.query_params, self.known_in_address())

    def known_in_address(self) -> list[str]:
        """What may be asked for behind the “?”: a misspelt filter must not answer as if there were none."""
        filters = getattr(self, "filterset_class", None)
        known = list(filters.base_filters) if filters and self.action == "list" else []
        if isinstance(self.paginator, CreatedCursor) and self.action != "retrieve":
            known += [self.paginator.cursor_query_param, self.paginator.page_size_query_param]
        return [*known, str(api_settings.URL_FORMAT_OVERRIDE)]

    def needed(self) -> Needs:
        return self.needs_to.get(self.action or "", self.needs)

    def get_queryset(self) -> QuerySet:
        assert self.queryset is not None
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return self.queryset.all().visible_to(self.request.user).select_related(*self.related)

    def get_object(self) -> Any:
        """The one that the address names; not theirs to see is the same as not there."""
        return found(self.get_queryset(), **{self.lookup_field: self.kwargs[self.lookup_field]})

    def given(self, form: type[BaseSerializer], **context: Any) -> dict[str, Any]:
        """What was sent, checked; the names are those of the verb's arguments."""
        serializer = form(data=self.request.data, context={**self.get_serializer_context(), **context})
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def shown(
        self, obj: Any, form: type[BaseSerializer] | None = None, code: int = status.HTTP_200_OK
    ) -> Response:
        serializer = (form or self.get_serializer_class())(obj, context=self.get_serializer_context())
        return Response(serializer.data, status=code)

    def listed(self, rows: QuerySet, form: type[BaseSerializer]) -> Response:
        """One page of rows that hang on a record."""
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(form(page, many=True, context=self.get_serializer_context()).data)


class Listed:
    """GET of the list: filtered by the set that the pages use too, a page at a time."""

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.listed(self.filter_queryset(self.get_queryset()), self.get_serializer_class())


class Retrieved:
    """GET of one."""

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.get_object())


def found(rows: QuerySet, **named: Any) -> Model:
    """The row with these values, or `Http404`; text that no row can hold is not asked for."""
    if any(isinstance(value, str) and "\x00" in value for value in named.values()):
        raise Http404
    row = rows.filter(**named).first()
    if row is None:
        raise Http404
    return row
