"""What letters are written from: to read, and the verbs of those who write and approve them."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved
from accounts.roles import Permission as P
from accounts.serializers import Reason
from notices import versions
from notices.inputs import LetterApproval, NewLetterVersion
from notices.models import LetterVersion
from notices.serializers import LetterVersionSerializer


class Letters(Listed, Retrieved, Endpoint):
    """Every version of every letter, the newest first."""

    queryset = LetterVersion.objects.order_by("-pk")
    serializer_class = LetterVersionSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("platform", "written_by", "approved_by", "retired_by")
    needs = (P.SEE_CASEWORK, P.WRITE_LETTERS)
    needs_to: ClassVar = dict.fromkeys(("create", "approve", "retire"), (P.WRITE_LETTERS,))

    @extend_schema(request=NewLetterVersion, responses={201: LetterVersionSerializer})
    def create(self, request: Any) -> Response:
        """Write the next version of a letter, or a letter that there is not yet; somebody else approves it."""
        made = versions.write(**self.given(NewLetterVersion), by=request.user)
        return self.shown(made, code=status.HTTP_201_CREATED)

    @extend_schema(request=LetterApproval, responses=LetterVersionSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Any, pk: int) -> Response:
        """Put a version of somebody else's into force."""
        return self.shown(versions.approve(self.get_object(), **self.given(LetterApproval), by=request.user))

    @extend_schema(request=Reason, responses=LetterVersionSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Any, pk: int) -> Response:
        """Take a letter out of use; the next less specific one is taken in its place."""
        return self.shown(versions.retire(self.get_object(), **self.given(Reason), by=request.user))
