"""Cases, and the lists that assessments choose from."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved
from accounts.roles import Permission as P
from accounts.serializers import Reason
from casework import cases
from casework.filters import CaseFilter
from casework.inputs import NewCase
from casework.models import Case, Category, Ground
from casework.serializers import CaseSerializer, CategorySerializer, GroundSerializer


class Cases(Listed, Retrieved, Endpoint):
    """Sets of items handled together."""

    queryset = Case.objects.order_by("-pk")
    serializer_class = CaseSerializer
    filterset_class = CaseFilter
    lookup_field = "reference"
    related = ("opened_by", "closed_by")
    needs = (P.SEE_CASEWORK,)
    needs_to: ClassVar = {"create": (P.OPEN_CASE,), "close": (P.CLOSE_CASE,)}

    @extend_schema(request=NewCase, responses={201: CaseSerializer})
    def create(self, request: Request) -> Response:
        """Open a case."""
        case = cases.open_case(**self.given(NewCase), by=request.user)
        return self.shown(case, code=status.HTTP_201_CREATED)

    @extend_schema(request=Reason, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, reference: str) -> Response:
        """Close a case none of whose items is still being worked on."""
        case = self.get_object()
        return self.shown(cases.close_case(case, **self.given(Reason), by=request.user))


class Categories(Listed, Retrieved, Endpoint):
    """The category tree."""

    queryset = Category.objects.order_by("-pk")
    serializer_class = CategorySerializer
    lookup_field = "slug"
    related = ("parent",)
    needs = (P.SEE_CASEWORK,)


class Grounds(Listed, Retrieved, Endpoint):
    """Why content should go: provisions of law, and platforms' own policies."""

    queryset = Ground.objects.order_by("-pk")
    serializer_class = GroundSerializer
    lookup_field = "slug"
    needs = (P.SEE_CASEWORK,)
