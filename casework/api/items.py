"""Items: identifying them, reading them, and every verb of their lifecycle."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint, Listed, Needs, Retrieved, found
from accounts.roles import Permission as P
from accounts.serializers import Input
from casework import assessment, checks, correction, duplicates, evidence, holds, intake, pasting
from casework.aliases import record_alias
from casework.filters import ItemFilter
from casework.inputs import (
    Correction,
    DuplicateOf,
    NewAlias,
    NewAssessment,
    NewCheck,
    NewEvidence,
    NewHold,
    NewItems,
    Pasted,
    Rejection,
    VerbOfItem,
)
from casework.lifecycle import LIFECYCLE, move
from casework.models import Alias, Case, Event, Item
from casework.serializers import (
    AliasSerializer,
    CandidateSerializer,
    CheckSerializer,
    EventSerializer,
    EvidenceSerializer,
    IdentifiedSerializer,
    ItemDetailSerializer,
    ItemSerializer,
)
from casework.versions import unchanged
from casework.views.verbs import FUNCTIONS, PLAIN

VERB = OpenApiParameter("verb", str, OpenApiParameter.PATH, enum=[row.verb for row in PLAIN])
PARTS = (
    "assessments__category", "assessments__ground", "assessments__policy_clause", "assessments__assessed_by",
    "holds__placed_by", "holds__released_by",
)  # fmt: skip


@extend_schema_view(retrieve=extend_schema(responses=ItemDetailSerializer))
class Items(Listed, Retrieved, Endpoint):
    """Pieces of content at one address each."""

    queryset = Item.objects.order_by("-pk")
    serializer_class = ItemSerializer
    filterset_class = ItemFilter
    lookup_field = "reference"
    related = ("case", "platform", "category")
    needs = (P.SEE_CASEWORK,)
    needs_to: ClassVar = {
        "create": (P.IDENTIFY_ITEM,),
        "preview": (P.IDENTIFY_ITEM,),
        "assess": (P.ASSESS_ITEM,),
        "correct": (P.IDENTIFY_ITEM, P.ASSESS_ITEM),
        "reject": (P.ASSESS_ITEM,),
        "revoke": (P.APPROVE_ITEM,),
        "hold": (P.HOLD_ITEM,),
        "mark_duplicate": (P.ASSESS_ITEM,),
        "record_check": (P.CHECK_ITEM,),
        "record_alias": (P.CHECK_ITEM,),
        "attach_evidence": (P.ATTACH_EVIDENCE,),
    }

    def needed(self) -> Needs:
        if self.action != "verb":
            return super().needed()
        permission = LIFECYCLE.find(self.kwargs["verb"]).permission
        return (permission,) if permission else ()

    def get_queryset(self) -> QuerySet:
        rows = super().get_queryset()
        return rows if self.action == "list" else rows.select_related(*self.related, "duplicate_of")

    def get_serializer_class(self) -> type:
        return ItemSerializer if self.action == "list" else ItemDetailSerializer

    def shown_anew(self, item: Item) -> Response:
        """The item as it stands after a verb."""
        return self.shown(self.get_queryset().prefetch_related(*PARTS).get(pk=item.pk), ItemDetailSerializer)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown_anew(self.get_object())

    # -- Identifying -----------------------------------------------------------------------------------------

    @extend_schema(request=NewItems, responses={201: IdentifiedSerializer})
    def create(self, request: Request) -> Response:
        """Identify items into a case; rows that cannot be items are named, and stop none of the others."""
        sent = self.given(NewItems)
        rows = [intake.NewItem(**row) for row in sent["items"]]
        identified = intake.identify(
            rows, case=self.case(sent), by=request.user, duplicates=sent["duplicates"]
        )
        return self.shown(identified, IdentifiedSerializer, status.HTTP_201_CREATED)

    @extend_schema(request=Pasted, responses=CandidateSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def preview(self, request: Request) -> Response:
        """Read the addresses in a text, with what is known of each; nothing is saved."""
        sent = self.given(Pasted)
        try:
            candidates = intake.preview(sent["text"], case=self.case(sent), by=request.user)
        except pasting.TooMuch as problem:
            raise ValidationError({"text": [str(problem)]}) from problem
        return Response(CandidateSerializer(candidates, many=True).data)

    def case(self, sent: dict[str, Any]) -> Case:
        return found(Case.objects.visible_to(self.request.user), reference=sent["case"])  # type: ignore[return-value]

    # -- Handling --------------------------------------------------------------------------------------------

    @extend_schema(request=NewAssessment, responses=ItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def assess(self, request: Request, reference: str) -> Response:
        """Say why it should go; a reported item is claimed on the way."""
        item = self.get_object()
        sent = self.given(NewAssessment, item=item)
        with unchanged(item, sent.pop("seen", ""), by=request.user):
            assessment.assess(item, **sent, by=request.user)
        return self.shown_anew(item)

    @extend_schema(request=Correction, responses=ItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, reference: str) -> Response:
        """Correct what is known of it, as far as `correctable` says; the old values stay in the history."""
        return self.act(correction.correct, Correction)

    @extend_schema(request=Rejection, responses=ItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, reference: str) -> Response:
        """Set aside as not actionable."""
        return self.act(assessment.reject, Rejection)

    @extend_schema(request=Rejection, responses=ItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, reference: str) -> Response:
        """Take an approval back."""
        return self.act(assessment.revoke, Rejection)

    @extend_schema(request=NewHold, responses=ItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, reference: str) -> Response:
        """No notice leaves while another inquiry needs it up."""
        return self.act(holds.place, NewHold)

    @extend_schema(request=DuplicateOf, responses=ItemDetailSerializer)
    @action(detail=True, methods=["post"])
    def mark_duplicate(self, request: Request, reference: str) -> Response:
        """Point at the item that stays."""
        return self.act(duplicates.mark_duplicate, DuplicateOf)

    @extend_schema(
        request=VerbOfItem, responses=ItemDetailSerializer, parameters=[VERB], operation_id="items_verb"
    )
    @action(detail=True, methods=["post"], url_path="<item_verb:verb>")
    def verb(self, request: Request, reference: str, verb: str) -> Response:
        """Use a verb of the lifecycle that needs a reason at most."""
        item, sent = self.get_object(), self.given(VerbOfItem)
        with unchanged(item, sent.pop("seen", ""), by=request.user):
            if verb in FUNCTIONS:
                FUNCTIONS[verb](item, sent["reason"], request.user)
            else:
                move(item, verb, by=request.user, reason=sent["reason"])
        return self.shown_anew(item)

    def act(self, verb: Callable[..., Any], form: type[Input]) -> Response:
        item = self.get_object()
        sent = self.given(form)
        with unchanged(item, sent.pop("seen", ""), by=self.request.user):
            verb(item, **sent, by=self.request.user)
        return self.shown_anew(item)

    # -- What hangs on an item -------------------------------------------------------------------------------

    @extend_schema(responses=CheckSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def checks(self, request: Request, reference: str) -> Response:
        """Every look at the item."""
        return self.listed(self.get_object().checks.order_by("-pk"), CheckSerializer)

    @extend_schema(request=NewCheck, responses={201: CheckSerializer})
    @checks.mapping.post
    def record_check(self, request: Request, reference: str) -> Response:
        """Record a look; presence and handling follow from all looks."""
        item = self.get_object()
        check = checks.record(item, **self.given(NewCheck, item=item), by=request.user)
        return self.shown(check, CheckSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=AliasSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def aliases(self, request: Request, reference: str) -> Response:
        """Where the short link leads, with what was withdrawn."""
        rows = Alias.objects.visible_to(request.user).filter(from_key=self.get_object().key)
        return self.listed(rows.select_related("item", "withdrawal").order_by("-pk"), AliasSerializer)

    @extend_schema(request=NewAlias, responses={201: AliasSerializer})
    @aliases.mapping.post
    def record_alias(self, request: Request, reference: str) -> Response:
        """Record where the short link led; keys stay, and items of that address are shown beside this one."""
        alias = record_alias(self.get_object(), **self.given(NewAlias), by=request.user)
        return self.shown(alias, AliasSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=EvidenceSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def evidence(self, request: Request, reference: str) -> Response:
        """The exhibits."""
        rows = self.get_object().exhibits.select_related("attached_by").order_by("-pk")
        return self.listed(rows, EvidenceSerializer)

    @extend_schema(request={"multipart/form-data": NewEvidence}, responses={201: EvidenceSerializer})
    @evidence.mapping.post
    def attach_evidence(self, request: Request, reference: str) -> Response:
        """Keep a file under its SHA-256."""
        item, sent = self.get_object(), self.given(NewEvidence)
        file = sent.pop("file")
        kept = evidence.attach(
            item,
            content=file,
            filename=file.name,
            media_type=file.content_type or "",
            **sent,
            by=request.user,
        )
        return self.shown(kept, EvidenceSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=EventSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def events(self, request: Request, reference: str) -> Response:
        """The timeline."""
        rows = Event.objects.visible_to(request.user).filter(item=self.get_object())
        return self.listed(rows.order_by("-pk"), EventSerializer)
