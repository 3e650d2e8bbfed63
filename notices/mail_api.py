"""The door for mail by which a mail server hands on what it has received; it gives nothing back."""

from collections.abc import Mapping
from typing import IO, Any, ClassVar, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.models import User
from accounts.roles import Permission as P
from notices.incoming import receiving
from notices.inputs import NewMail
from notices.models import Door, IncomingMail

TOO_LARGE = "The message is larger than {most:,} bytes."
KEPT = inline_serializer(
    "KeptMail",
    {
        "sha256": serializers.CharField(help_text="Of the message."),
        "is_new": serializers.BooleanField(help_text="False for bytes that had come before."),
    },
)


class MessageParser(BaseParser):
    """A message as the whole body. Raises `RequestDataTooBig` (413)."""

    media_type = "message/rfc822"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, SimpleUploadedFile]:
        sent = stream.read(settings.INCOMING_MAX_BYTES + 1)
        if len(sent) > settings.INCOMING_MAX_BYTES:
            raise RequestDataTooBig(TOO_LARGE.format(most=settings.INCOMING_MAX_BYTES))
        return {"message": SimpleUploadedFile("message.eml", sent, self.media_type)}


class IncomingMails(Endpoint):
    """Mail that comes in."""

    queryset = IncomingMail.objects.order_by("-pk")
    parser_classes = (MessageParser,)
    needs = (P.DELIVER_MAIL,)
    needs_to: ClassVar = {"create": (P.DELIVER_MAIL,)}

    @extend_schema(
        request={"message/rfc822": OpenApiTypes.BINARY},
        responses={200: KEPT, 201: KEPT},
        parameters=[
            OpenApiParameter("sender", str, description="Of the envelope; empty for a bounce."),
            OpenApiParameter("recipient", str, many=True, description="Of the envelope."),
        ],
        filters=False,
    )
    def create(self, request: Request) -> Response:
        """Keep a message as it came; it is read afterwards. The same bytes again are kept once."""
        sent = self.given(NewMail)
        try:
            received = receiving.receive(
                sent["message"].read(), door=Door.API, sender=request.query_params.get("sender", ""),
                recipients=request.query_params.getlist("recipient"), by=cast(User, request.user),
            )  # fmt: skip
        except receiving.Empty as refused:
            raise ValidationError({"message": "There is no message in the body."}) from refused
        code = status.HTTP_201_CREATED if received.is_new else status.HTTP_200_OK
        return Response({"sha256": received.mail.sha256, "is_new": received.is_new}, status=code)
