"""Where a platform's own program answers by webhook: no token, but a signature (standardwebhooks.com)."""

from http import HTTPStatus

from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notices import hooks, links
from notices.hook_inputs import KINDS, Envelope
from notices.models import NoticeStatus

PROBLEM = "application/problem+json"
TOO_LARGE = f"The message is larger than {hooks.MOST_BYTES // 1024**2} MB. Divide it."
REPEATED = "Webhook-Replayed"


def _envelope(kind: str) -> serializers.Serializer:
    """One kind of message, for the schema."""
    name = "".join(part.capitalize() for part in kind.replace(".", "_").split("_"))
    fields = {"type": serializers.ChoiceField(choices=[kind]), "data": KINDS[kind]()}
    made: serializers.Serializer = type(f"{name}Message", (Envelope,), fields)()
    return made


class HookResult(serializers.Serializer):
    """What was done."""

    id = serializers.CharField(help_text="The message's.")
    type = serializers.CharField()
    notice = serializers.CharField(help_text="Its reference.")
    status = serializers.ChoiceField(choices=NoticeStatus.choices, help_text="Where the notice stands now.")
    answered = serializers.IntegerField(help_text="How many lines.")


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=True, description=description)


class AnswerByWebhook(APIView):
    """A message about one notice; all that it says is done, or nothing."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="answer_by_webhook",
        request=PolymorphicProxySerializer(
            "HookMessage", [_envelope(kind) for kind in KINDS], resource_type_field_name=None
        ),
        responses=HookResult,
        auth=[],
        parameters=[
            OpenApiParameter("platform", str, OpenApiParameter.PATH, description="The platform's slug."),
            _header(hooks.ID, "The same on every attempt: done once, and answered the same."),
            _header(hooks.SIGNED_AT, "When this attempt was made, in seconds since 1970."),
            _header(
                hooks.SIGNATURE,
                "“v1,” and the HMAC-SHA256 of id.timestamp.body; several, with spaces between.",
            ),
        ],
    )
    def post(self, request: Request, platform: str) -> Response:
        """Take one message. Errors name their place in it by JSON pointer (`errors`: `pointer`, `detail`)."""
        body = request.body
        if len(body) > hooks.MOST_BYTES:
            result = hooks.problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE)
        else:
            headers = {name.lower(): value for name, value in request.headers.items()}
            result = hooks.receive(platform, headers, body, address=links.network_address(request.META))
        response = Response(
            result.document, status=result.status, content_type=None if result.accepted else PROBLEM
        )
        if result.repeated:
            response[REPEATED] = "true"
        return response
