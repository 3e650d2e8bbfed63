"""Schedules of editions: what the clock prepares, adding one, and stopping one."""

from typing import Any, ClassVar

from django.db.models import Count, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved
from accounts.roles import Permission as P
from accounts.serializers import Nothing
from reports import schedules
from reports.api.figures import DAYS, GROUPED, Filters, groupings_of
from reports.models import Frequency, Rounding, Schedule, Threshold
from reports.serializers import ScheduleSerializer


class NewSchedule(Filters):
    """The scope of its editions; `since` is a day of the first month or quarter."""

    title = serializers.CharField(max_length=150, help_text="The month or quarter is added to it.")
    frequency = serializers.ChoiceField(choices=Frequency.choices)
    since = serializers.DateField(input_formats=DAYS)
    by = serializers.CharField(required=False, help_text=GROUPED)
    threshold = serializers.ChoiceField(choices=Threshold.choices, default=Threshold.FIVE)
    rounding = serializers.ChoiceField(choices=Rounding.choices, default=Rounding.NONE)

    def validate_by(self, text: str) -> list[str]:
        return groupings_of(text)


class Schedules(Listed, Retrieved, Endpoint):
    """Editions of every month or quarter; what one has prepared stays when it is stopped."""

    queryset = Schedule.objects.order_by("-pk")
    serializer_class = ScheduleSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("created_by", "stopped_by")
    needs = (P.SEE_UNRELEASED,)
    needs_to: ClassVar = {"create": (P.PREPARE_EDITION,), "stop": (P.PREPARE_EDITION,)}

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().annotate(edition_count=Count("editions"))

    @extend_schema(request=NewSchedule, responses={201: ScheduleSerializer}, filters=False)
    def create(self, request: Request) -> Response:
        """Add a schedule; each edition is prepared when its default publication has come."""
        sent: dict[str, Any] = self.given(NewSchedule)
        grouped_by = ",".join(sent.pop("by", []))
        added = schedules.add(**sent, grouped_by=grouped_by, by=request.user)
        return self.shown(added, code=status.HTTP_201_CREATED)

    @extend_schema(request=Nothing, responses=ScheduleSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        """Prepare nothing more."""
        self.given(Nothing)
        return self.shown(schedules.stop(self.get_object(), by=request.user))
