"""Addresses that today's rules read in another way, and where short links lead."""

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved
from accounts.roles import Permission as P
from accounts.serializers import Reason
from casework import aliases, decisions
from casework.filters import RereadingFilter
from casework.models import Alias, Rereading
from casework.serializers import AliasSerializer, RereadingSerializer


class Rereadings(Listed, Retrieved, Endpoint):
    """What items would be by today's rules; a person accepts or refuses it."""

    queryset = Rereading.objects.order_by("-pk")
    serializer_class = RereadingSerializer
    filterset_class = RereadingFilter
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("item", "other", "decided_by")
    needs = (P.SEE_CASEWORK,)
    needs_to: ClassVar = {"accept": (P.APPROVE_ITEM,), "refuse": (P.APPROVE_ITEM,)}

    @extend_schema(request=Reason, responses=RereadingSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """Take the new reading; open items that meet by it become duplicates of one another."""
        return self.decide(decisions.accept)

    @extend_schema(request=Reason, responses=RereadingSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: int) -> Response:
        """Leave the item as it was read; the same reading is not proposed again."""
        return self.decide(decisions.refuse)

    def decide(self, verb: Callable[..., Rereading]) -> Response:
        row = self.get_object()
        return self.shown(verb(row, **self.given(Reason), by=self.request.user))


class Aliases(Listed, Retrieved, Endpoint):
    """Where short links lead, with what was withdrawn (recorded at the item)."""

    queryset = Alias.objects.order_by("-pk")
    serializer_class = AliasSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("item", "withdrawal")
    needs = (P.SEE_CASEWORK,)
    needs_to: ClassVar = {"withdraw": (P.CHECK_ITEM,)}

    @extend_schema(request=Reason, responses=AliasSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Let it hold no longer; it stays readable."""
        alias: Any = self.get_object()
        aliases.withdraw_alias(alias, **self.given(Reason), by=request.user)
        return self.shown(self.get_object())
