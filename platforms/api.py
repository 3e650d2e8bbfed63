"""The platform directory."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts.endpoints import Endpoint, Listed, Retrieved
from platforms.models import Platform
from platforms.serializers import PlatformDetailSerializer, PlatformSerializer

PARTS = ("channels", "contacts", "commitments", "policy_clauses")


@extend_schema_view(retrieve=extend_schema(responses=PlatformDetailSerializer))
class Platforms(Listed, Retrieved, Endpoint):
    """All platforms; a liaison sees their own."""

    queryset = Platform.objects.order_by("-pk")
    serializer_class = PlatformSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        return rows.prefetch_related(*PARTS) if self.action == "retrieve" else rows

    def get_serializer_class(self) -> type:
        return PlatformDetailSerializer if self.action == "retrieve" else PlatformSerializer
