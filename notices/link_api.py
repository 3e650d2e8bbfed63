"""Links to answer one notice without an account."""

from typing import ClassVar

from django.db.models import Count, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved, found
from accounts.roles import Permission as P
from accounts.serializers import Nothing
from notices import links
from notices.inputs import NewLink
from notices.models import AnswerLink, LinkOpening, Notice
from notices.serializers import LinkSerializer, MadeLinkSerializer, OpeningSerializer


class AnswerLinks(Listed, Retrieved, Endpoint):
    """Links that were made for somebody without an account."""

    queryset = AnswerLink.objects.order_by("-pk")
    serializer_class = LinkSerializer
    related = ("notice", "created_by", "revoked_by")
    lookup_field = "pk"
    lookup_value_converter = "int"
    needs = (P.SEND_NOTICE,)
    unkept: ClassVar = ("address",)

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().annotate(opened=Count("openings"))

    @extend_schema(request=NewLink, responses={201: MadeLinkSerializer})
    def create(self, request: Request) -> Response:
        """Make a link to a notice that has left. A repetition of the request does not show the address again."""
        wanted = self.given(NewLink)
        notice: Notice = found(Notice.objects.visible_to(request.user), reference=wanted.pop("notice"))
        link, address = links.make(notice, **wanted, by=request.user)
        made = {"id": link.pk, "address": address, "expires_at": link.expires_at}
        return self.shown(made, MadeLinkSerializer, status.HTTP_201_CREATED)

    @extend_schema(request=Nothing, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: int) -> Response:
        """End the link at once."""
        self.given(Nothing)
        links.revoke(self.get_object(), by=request.user)
        return self.shown(self.get_object())

    @extend_schema(responses=OpeningSerializer(many=True))
    @action(detail=True, methods=["get"])
    def openings(self, request: Request, pk: int) -> Response:
        """When, and from which network address, a page of the link was read or its form sent; the latest first."""
        rows = LinkOpening.objects.visible_to(request.user).filter(link=self.get_object())
        return self.listed(rows.order_by("-pk"), OpeningSerializer)
