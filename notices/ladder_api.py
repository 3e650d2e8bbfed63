"""What is done about silence: the ladder of a platform, its automatic steps, chasers; and what is new."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Retrieved
from accounts.roles import Permission as P
from notices import chasers, ladder, notifications
from notices.inputs import NewChaser, NewLadder, NewsRead, NewSteps
from notices.models import Notice
from notices.serializers import (
    ChaserSerializer,
    DigestSerializer,
    EntrySerializer,
    LadderSerializer,
    StepsSerializer,
)
from platforms.models import Platform


class Ladders(Listed, Retrieved, Endpoint):
    """By which steps a platform is written to, one after another."""

    queryset = Platform.objects.order_by("-pk").prefetch_related("channels")
    serializer_class = LadderSerializer
    lookup_field = "slug"
    needs = (P.SEE_CASEWORK,)
    needs_to: ClassVar = {"change": (P.SET_LADDER,), "set_steps": (P.SET_LADDER,)}

    @extend_schema(request=NewLadder, responses=LadderSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, slug: str) -> Response:
        """Set the whole ladder; every current channel is named once."""
        platform = self.get_object()
        ladder.change(platform, self.given(NewLadder)["steps"], by=request.user)
        return self.shown(self.get_object())

    @extend_schema(responses=StepsSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def steps(self, request: Request, slug: str) -> Response:
        """What the desk does by itself when the platform is silent."""
        return self.shown(chasers.steps_of(self.get_object()), StepsSerializer)

    @extend_schema(request=NewSteps, responses=StepsSerializer)
    @steps.mapping.post
    def set_steps(self, request: Request, slug: str) -> Response:
        """Switch the automatic steps."""
        platform = self.get_object()
        return self.shown(
            chasers.set_steps(platform, **self.given(NewSteps), by=request.user), StepsSerializer
        )


class Chasers(Endpoint):
    """Reminders of what is overdue, one for each platform, channel and language."""

    queryset = Notice.objects.order_by("-pk")
    serializer_class = DigestSerializer
    needs = (P.SEE_CASEWORK,)
    needs_to: ClassVar = {"create": (P.SEND_NOTICE,)}
    pagination_class = None

    @extend_schema(responses=DigestSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """What can be chased now, and what cannot, with the reason."""
        return Response(DigestSerializer(chasers.offered(), many=True).data)

    @extend_schema(request=NewChaser, responses={201: ChaserSerializer}, filters=False)
    def create(self, request: Request) -> Response:
        """Send one chaser about these notices; 409 names those that may not be chased now."""
        given = self.given(NewChaser)["notices"]
        chosen = list(self.get_queryset().filter(reference__in=given))
        if len(chosen) != len(set(given)):
            raise ValidationError({"notices": "Name notices that you can see."})
        made = chasers.chase(chosen, by=request.user)
        return self.shown(made, ChaserSerializer, code=status.HTTP_201_CREATED)


class Notifications(Endpoint):
    """What is new in one's own work, from the ledger of events."""

    queryset = Notice.objects.order_by("-pk")
    serializer_class = EntrySerializer
    needs = (P.DRAFT_NOTICE,)
    pagination_class = None

    @extend_schema(responses=EntrySerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """The unread, latest first; at most 200."""
        inbox = notifications.inbox_of(request.user)
        return Response(EntrySerializer(notifications.unread(inbox), many=True).data)

    @extend_schema(request=NewsRead, responses=EntrySerializer(many=True))
    @action(detail=False, methods=["post"])
    def read(self, request: Request) -> Response:
        """Mark one entry as read, by its key, or all; answers with what is still unread."""
        key = self.given(NewsRead)["key"]
        if key:
            notifications.mark_read(request.user, key)
        else:
            notifications.mark_all_read(request.user)
        left = notifications.unread(notifications.inbox_of(request.user))
        return Response(EntrySerializer(left, many=True).data)
