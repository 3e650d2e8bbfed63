"""Files: imports on their way in, and exhibits to download."""

from io import BytesIO
from typing import IO, Any, ClassVar

from django.http import FileResponse
from django.urls.converters import StringConverter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved, found
from accounts.roles import Permission as P
from accounts.serializers import Nothing
from casework import bundles, captures, imports, opening
from casework.checking_serializers import ReceivedSerializer
from casework.inputs import NewImport
from casework.models import Case, Evidence, ItemImport
from casework.originals import original
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
        opening.opened(exhibit, by=request.user)
        return original(exhibit)


class Sha256Converter(StringConverter):
    """A SHA-256 in hexadecimal in an address."""

    regex = "[0-9a-f]{64}"


class Octets(BaseParser):
    """A body that is a file and nothing else, read as it comes."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


class Blobs(Endpoint):
    """Files that findings will name, sent before them under their SHA-256. Sent again, they change nothing."""

    queryset = Evidence.objects.none()
    lookup_field = "sha256"
    lookup_value_converter = "sha256"
    needs = (P.CHECKER,)
    parser_classes = (Octets,)

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY}, responses={201: None, 200: None}
    )
    def update(self, request: Request, sha256: str) -> Response:
        """Send a file. Sent again it changes nothing (200); what has another hash is not kept (400)."""
        is_new = captures.receive(content(request), sha256=sha256)
        return Response(status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(request={"application/octet-stream": OpenApiTypes.BINARY}, responses=ReceivedSerializer)
    @action(detail=False, methods=["put"])
    def many(self, request: Request) -> Response:
        """Send files, one after the other: each begins with a line of its SHA-256, a space and its size in bytes."""
        return Response(ReceivedSerializer(bundles.receive_bundle(content(request))).data)


def content(request: Request) -> IO[bytes]:
    """What was sent, as a stream: of an empty request the framework makes something else."""
    sent = request.data
    return sent if hasattr(sent, "read") else BytesIO()
