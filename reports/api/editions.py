"""Editions: preparing them, their figures, every verb of their lifecycle; and the jobs that compute them."""

from dataclasses import replace
from typing import ClassVar

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Needs, Retrieved
from accounts.roles import Permission as P
from accounts.serializers import Nothing
from platforms.models import Platform
from reports import editions, events, jobs, public_copies
from reports.api.figures import FILES, FORM, AskedFigures, attached, scope_of
from reports.figure_files import of_edition
from reports.filters import EditionFilter, JobFilter
from reports.lifecycle import LIFECYCLE
from reports.models import Edition, Job, Rounding, Threshold
from reports.serializers import (
    DifferenceSerializer,
    EditionDetailSerializer,
    EditionEventSerializer,
    EditionSerializer,
    JobSerializer,
    NewPublicCopy,
    NewRevision,
    PublicCopySerializer,
    RerunSerializer,
    VerbOfEdition,
)
from reports.views.edition_verbs import FUNCTIONS, PLAIN

VERB = OpenApiParameter("verb", str, OpenApiParameter.PATH, enum=[row.verb for row in PLAIN])


class NewEdition(AskedFigures):
    """The scope, as of the figures; a time left out is that of the default publication, or now."""

    title = serializers.CharField(max_length=200)
    threshold = serializers.ChoiceField(choices=Threshold.choices, default=Threshold.FIVE)
    rounding = serializers.ChoiceField(choices=Rounding.choices, default=Rounding.NONE)


class Editions(Listed, Retrieved, Endpoint):
    """Frozen figures. Whoever reads some before their release is noted in the edition's history."""

    queryset = Edition.objects.order_by("-pk")
    serializer_class = EditionSerializer
    filterset_class = EditionFilter
    lookup_field = "reference"
    related = ("supersedes", "prepared_by", "approved_by", "published_by", "ended_by")
    needs = (P.SEE_FIGURES,)
    needs_to: ClassVar = {
        "create": (P.PREPARE_EDITION,),
        "revise": (P.PREPARE_EDITION,),
        "make_public": (P.RELEASE_EDITION,),
        "rerun": (P.SEE_UNRELEASED,),
        "events": (P.SEE_UNRELEASED,),
        "report": (P.EXPORT_FIGURES,),
    }

    def needed(self) -> Needs:
        if self.action != "verb":
            return super().needed()
        permission = LIFECYCLE.find(self.kwargs["verb"]).permission
        return (permission,) if permission else ()

    def get_serializer_class(self) -> type:
        return EditionSerializer if self.action == "list" else EditionDetailSerializer

    def opened(self) -> Edition:
        """The edition whose figures are read."""
        edition: Edition = self.get_object()
        if edition.frozen is None:
            raise Http404
        events.note_opening(edition, by=self.request.user)
        return edition

    @extend_schema(request=NewEdition, responses={202: EditionDetailSerializer}, filters=False)
    def create(self, request: Request) -> Response:
        """Prepare an edition; a job freezes its figures, and `frozen` says when it has."""
        sent = self.given(NewEdition)
        scope = scope_of(sent)
        as_at, known_by = editions.moments(scope.period, sent.get("as_at"), sent.get("known_by"))
        made = editions.prepare(
            replace(scope, as_at=as_at, known_by=known_by),
            title=sent["title"],
            grouped_by=",".join(sent["by"]),
            threshold=sent["threshold"],
            rounding=sent["rounding"],
            by=request.user,
        )
        return self.shown(made, code=status.HTTP_202_ACCEPTED)

    @extend_schema(request=VerbOfEdition, responses=EditionDetailSerializer, parameters=[VERB],
                   operation_id="editions_verb")  # fmt: skip
    @action(detail=True, methods=["post"], url_path="<edition_verb:verb>")
    def verb(self, request: Request, reference: str, verb: str) -> Response:
        """Use a verb of the lifecycle; whoever prepared an edition does not approve it."""
        edition = self.get_object()
        sent = self.given(VerbOfEdition, transition=LIFECYCLE.find(verb))
        return self.shown(FUNCTIONS[verb](edition, **sent, by=request.user))

    @extend_schema(request=NewRevision, responses={202: EditionDetailSerializer})
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, reference: str) -> Response:
        """Prepare the edition that takes this one's place once it is published."""
        made = editions.revise(self.get_object(), **self.given(NewRevision), by=request.user)
        return self.shown(made, code=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=OpenApiTypes.OBJECT, filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def figures(self, request: Request, reference: str) -> HttpResponse:
        """The document of `takedown_statistics` as it was frozen, byte for byte."""
        frozen = self.opened().frozen
        return HttpResponse(frozen.document, content_type="application/json")

    @extend_schema(responses=OpenApiTypes.OBJECT, filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def public(self, request: Request, reference: str) -> Response:
        """What may be made public of it: “c” stands for what is left out."""
        return Response(editions.public_figures(self.opened()))

    @extend_schema(responses=FILES, parameters=[FORM], operation_id="editions_report")
    def report(self, request: Request, reference: str, form: str) -> HttpResponse:
        """The frozen figures as a spreadsheet, or as CSV with one line for each; the same bytes each time."""
        edition = self.opened()
        names = dict(Platform.objects.values_list("slug", "name"))
        return attached(of_edition(edition, names), form, edition.reference)

    @extend_schema(request=NewPublicCopy, responses={201: PublicCopySerializer})
    @action(detail=True, methods=["post"])
    def make_public(self, request: Request, reference: str) -> Response:
        """Release a published edition to everybody, once and for good, small counts left out."""
        sent = self.given(NewPublicCopy)
        copy = public_copies.make_public(self.get_object(), **sent, by=request.user)
        return Response(PublicCopySerializer(copy).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=DifferenceSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def revisions(self, request: Request, reference: str) -> Response:
        """Old and new value of every figure that differs from the edition which this one revises."""
        return Response(DifferenceSerializer(editions.revisions(self.opened()), many=True).data)

    @extend_schema(request=Nothing, responses=RerunSerializer)
    @action(detail=True, methods=["post"])
    def rerun(self, request: Request, reference: str) -> Response:
        """Compute the figures again from the records of now, and compare; stores nothing."""
        edition = self.opened()
        self.given(Nothing)
        return Response(RerunSerializer(editions.rerun(edition)).data)

    @extend_schema(responses=EditionEventSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def events(self, request: Request, reference: str) -> Response:
        """What happened to it, and who opened it before its release."""
        rows = self.get_object().events.visible_to(request.user)
        return self.listed(rows.order_by("-pk"), EditionEventSerializer)


class Jobs(Listed, Retrieved, Endpoint):
    """Long work on figures, with its progress."""

    queryset = Job.objects.order_by("-pk")
    serializer_class = JobSerializer
    filterset_class = JobFilter
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("edition", "created_by")
    needs = (P.EXPORT_FIGURES,)

    @extend_schema(request=Nothing, responses=JobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Stop; nothing of it is kept."""
        self.given(Nothing)
        return self.shown(jobs.cancel(self.get_object(), by=request.user))
