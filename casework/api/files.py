"""Files: imports on their way in, and exhibits to download."""

from typing import ClassVar

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved, found
from accounts.roles import Permission as P
from accounts.serializers import Nothing
from casework import evidence, imports
from casework.inputs import NewImport
from casework.models import Case, Evidence, ItemImport
from casework.serializers import EvidenceSerializer, ImportSerializer


class Imports(Listed, Retrieved, Endpoint):
    """Files of addresses, with their progress and the errors of each row."""

    queryset = ItemImport.objects.order_by("-pk")
    serializer_class = ImportSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("case",)
    needs = (P.SEE_CASEWORK,)
    needs_to: ClassVar = {"create": (P.IDENTIFY_ITEM,), "cancel": (P.IDENTIFY_ITEM,)}

    @extend_schema(request={"multipart/form-data": NewImport}, responses={202: ImportSerializer})
    def create(self, request: Request) -> Response:
        """Begin to read a file in; ask again for its progress."""
        sent = self.given(NewImport)
        case: Case = found(Case.objects.visible_to(request.user), reference=sent["case"])  # type: ignore[assignment]
        begun = imports.start_import(
            sent["file"], sent["file"].name, case=case, dry_run=sent["dry_run"], by=request.user
        )
        return self.shown(begun, code=status.HTTP_202_ACCEPTED)

    @extend_schema(request=Nothing, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Stop; what has been stored stays."""
        self.given(Nothing)
        return self.shown(imports.cancel_import(self.get_object(), by=request.user))


class Exhibits(Retrieved, Endpoint):
    """Exhibits of items (listed and attached at the item)."""

    queryset = Evidence.objects.order_by("-pk")
    serializer_class = EvidenceSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("attached_by",)
    needs = (P.SEE_CASEWORK,)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: int) -> FileResponse:
        """The file byte for byte, as a download."""
        exhibit = self.get_object()
        response = FileResponse(
            evidence.open_exhibit(exhibit),
            as_attachment=True,
            filename=exhibit.filename,
            content_type="application/octet-stream",
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
