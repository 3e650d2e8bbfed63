"""Notices: drafting, approving, sending, and the answers."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_view,
)
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.endpoints import Endpoint, Listed, Needs, Retrieved, found
from accounts.paging import PositionCursor
from accounts.roles import Permission as P
from accounts.roles import Role, can
from accounts.serializers import Nothing
from casework import store
from casework.models import Event
from casework.serializers import EventSerializer
from casework.spreadsheets import FileRefused
from notices import (
    answer_files,
    answers,
    contested,
    dispatch,
    disputing,
    drafting,
    escalation,
    side_letters,
    telling,
)
from notices.filters import NoticeFilter
from notices.inputs import (
    AnswerTable,
    Bounce,
    NewAcknowledgement,
    NewAnswer,
    NewCorrection,
    NewDisputes,
    NewDrafts,
    NewObjection,
    NewPreservation,
    NewWithdrawal,
    Receipt,
    Resolution,
    Sender,
    Telling,
    VerbOfNotice,
)
from notices.lifecycle import LIFECYCLE
from notices.line_table import XLSX, line_sheet, line_table
from notices.models import Answer, AnswerSource, Dispatch, Line, Notice
from notices.serializers import (
    AnswerSerializer,
    DispatchSerializer,
    FileReadingSerializer,
    GroupSerializer,
    LineSerializer,
    NoticeDetailSerializer,
    NoticeSerializer,
    TheirAnswerSerializer,
    TheirLineSerializer,
    TheirNoticeDetailSerializer,
    TheirNoticeSerializer,
)
from notices.views.verbs import FUNCTIONS, PLAIN

READERS = (P.SEE_CASEWORK, P.ANSWER_NOTICE)
ANSWERERS = (P.ANSWER_NOTICE, P.ANSWER_ON_BEHALF)
VERB = OpenApiParameter("verb", str, OpenApiParameter.PATH, enum=[row.verb for row in PLAIN])
PARTS = ("acknowledgements", "delivery_records__by", "dispatches__channel", "dispatches__log")
POSITION = OpenApiParameter("position", int, OpenApiParameter.PATH)


Pair = tuple[type[BaseSerializer], type[BaseSerializer]]
ROW: Pair = (NoticeSerializer, TheirNoticeSerializer)  # what we see, what the platform sees
WHOLE: Pair = (NoticeDetailSerializer, TheirNoticeDetailSerializer)
LINE: Pair = (LineSerializer, TheirLineSerializer)
ANSWER: Pair = (AnswerSerializer, TheirAnswerSerializer)


def seen(pair: Pair, *, many: bool = False) -> PolymorphicProxySerializer:
    """Both, for the schema."""
    name = pair[0].__name__.removesuffix("Serializer")
    return PolymorphicProxySerializer(f"{name}AsSeen", list(pair), resource_type_field_name=None, many=many)


@extend_schema_view(
    list=extend_schema(responses=seen(ROW, many=True)),
    retrieve=extend_schema(responses=seen(WHOLE)),
)
class Notices(Listed, Retrieved, Endpoint):
    """Letters to platforms; a liaison sees those that have reached theirs, and what the letter says."""

    queryset = Notice.objects.order_by("-pk")
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter
    lookup_field = "reference"
    needs = READERS
    needs_to: ClassVar = {
        "create": (P.DRAFT_NOTICE,),
        "preview": (P.DRAFT_NOTICE,),
        "sender": (P.DRAFT_NOTICE,),
        "remove_line": (P.DRAFT_NOTICE,),
        "acknowledge": ANSWERERS,
        "object_to": ANSWERERS,
        "give_answers": ANSWERERS,
        "answer_file": ANSWERERS,
        "bounce": (P.SEND_NOTICE,),
        "received": (P.SEND_NOTICE,),
        "tell": (P.SEND_NOTICE,),
        "escalate": (P.DRAFT_NOTICE,),
        "withdrawal": (P.DRAFT_NOTICE,),
        "correction": (P.DRAFT_NOTICE,),
        "preservation": (P.DRAFT_NOTICE,),
        "dispute": (P.DRAFT_NOTICE,),
    }

    def needed(self) -> Needs:
        if self.action != "verb":
            return super().needed()
        permission = LIFECYCLE.find(self.kwargs["verb"]).permission
        return (permission,) if permission else ()

    def get_queryset(self) -> QuerySet:
        people = ("drafted_by", "submitted_by", "approved_by")
        answered = Count("lines", filter=~Q(lines__answer=""))
        rows = super().get_queryset().select_related("platform", "follows", *people)
        rows = rows.annotate(line_count=Count("lines"), answered_count=answered)
        return rows.with_clock(timezone.now())

    def get_serializer_class(self) -> type:
        return self.fitting(ROW if self.action == "list" else WHOLE)

    def fitting(self, pair: Pair) -> type[BaseSerializer]:
        ours, theirs = pair
        return theirs if getattr(self.request.user, "role", None) == Role.LIAISON else ours

    def shown_anew(self, notice: Notice) -> Response:
        """The notice as it stands after a verb."""
        return self.shown(self.get_queryset().prefetch_related(*PARTS).get(pk=notice.pk))

    def made(self, notice: Notice) -> Response:
        """A notice that has just been drafted."""
        shown = self.get_queryset().prefetch_related(*PARTS).get(pk=notice.pk)
        return self.shown(shown, code=status.HTTP_201_CREATED)

    def all_made(self, made: list[Notice]) -> Response:
        rows = self.get_queryset().filter(pk__in=[notice.pk for notice in made]).order_by("pk")
        return Response(NoticeSerializer(rows, many=True).data, status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown_anew(self.get_object())

    # -- Drafting --------------------------------------------------------------------------------------------

    @extend_schema(request=NewDrafts, responses={201: NoticeSerializer(many=True)}, filters=False)
    def create(self, request: Request) -> Response:
        """Draft the approved items, all or none: a notice for each platform, channel, language and severity."""
        return self.all_made(drafting.draft(**self.given(NewDrafts), by=request.user))

    @extend_schema(request=NewDrafts, responses=GroupSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def preview(self, request: Request) -> Response:
        """How the items would fall into notices, with what stands in the way; nothing is saved."""
        groups = drafting.draft_preview(**self.given(NewDrafts), by=request.user)
        return Response(GroupSerializer(groups, many=True).data)

    @extend_schema(request=Sender, responses=NoticeDetailSerializer)
    @action(detail=True, methods=["post"])
    def sender(self, request: Request, reference: str) -> Response:
        """Say who sends a draft, and that it is in good faith."""
        notice = self.get_object()
        return self.shown_anew(drafting.set_sender(notice, **self.given(Sender), by=request.user))

    @extend_schema(request=Nothing, responses=NoticeDetailSerializer, parameters=[POSITION])
    @action(detail=True, methods=["post"], url_path="lines/<int:position>/remove")
    def remove_line(self, request: Request, reference: str, position: int) -> Response:
        """Take one line out of a draft; the rest are numbered anew."""
        self.given(Nothing)
        notice = self.get_object()
        line: Line = found(Line.objects.select_related("item", "notice"), notice=notice, position=position)  # type: ignore[assignment]
        drafting.remove_line(line, by=request.user)
        return self.shown_anew(notice)

    @extend_schema(request=Nothing, responses={201: NoticeDetailSerializer})
    @action(detail=True, methods=["post"])
    def escalate(self, request: Request, reference: str) -> Response:
        """Draft a notice to the next step of the platform's ladder, about the items that are still up."""
        notice = self.get_object()
        self.given(Nothing)
        return self.made(escalation.escalate(notice, by=request.user))

    @extend_schema(request=NewWithdrawal, responses={201: NoticeDetailSerializer})
    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, reference: str) -> Response:
        """Draft the letter which tells the platform that a notice is withdrawn."""
        notice = self.get_object()
        return self.made(side_letters.draft_withdrawal(notice, **self.given(NewWithdrawal), by=request.user))

    @extend_schema(request=NewCorrection, responses={201: NoticeDetailSerializer})
    @action(detail=True, methods=["post"])
    def correction(self, request: Request, reference: str) -> Response:
        """Draft the letter which puts lines of a notice right."""
        notice = self.get_object()
        return self.made(side_letters.draft_correction(notice, **self.given(NewCorrection), by=request.user))

    @extend_schema(request=NewPreservation, responses={201: NoticeSerializer(many=True)}, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def preservation(self, request: Request) -> Response:
        """Draft a request to preserve for each platform of the items; all or none."""
        return self.all_made(side_letters.draft_preservation(**self.given(NewPreservation), by=request.user))

    @extend_schema(request=NewDisputes, responses={201: NoticeSerializer(many=True)}, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def dispute(self, request: Request) -> Response:
        """Draft letters about answers that our looks do not agree with; all or none."""
        return self.all_made(disputing.draft(**self.given(NewDisputes), by=request.user))

    # -- The conversation ------------------------------------------------------------------------------------

    @extend_schema(
        request=VerbOfNotice, responses=seen(WHOLE), parameters=[VERB], operation_id="notices_verb"
    )
    @action(detail=True, methods=["post"], url_path="<notice_verb:verb>")
    def verb(self, request: Request, reference: str, verb: str) -> Response:
        """Use a verb of the lifecycle that needs a reason at most; `queue` sends."""
        notice = self.get_object()
        sent = self.given(VerbOfNotice, transition=LIFECYCLE.find(verb))
        FUNCTIONS[verb](notice, **sent, by=request.user)
        return self.shown_anew(notice)

    @extend_schema(request=NewAcknowledgement, responses=seen(WHOLE))
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, reference: str) -> Response:
        """Say that the platform has the notice."""
        notice = self.get_object()
        return self.shown_anew(answers.acknowledge(notice, **self.given(NewAcknowledgement), by=request.user))

    @extend_schema(request=NewObjection, responses=seen(WHOLE))
    @action(detail=True, methods=["post"], url_path="object")
    def object_to(self, request: Request, reference: str) -> Response:
        """The platform objects to the notice as a whole; it moves nothing."""
        notice = self.get_object()
        return self.shown_anew(answers.object_to(notice, **self.given(NewObjection), by=request.user))

    @extend_schema(request=Bounce, responses=NoticeDetailSerializer)
    @action(detail=True, methods=["post"])
    def bounce(self, request: Request, reference: str) -> Response:
        """Say that the letter came back: the clock stops, and its items can be notified another way."""
        notice = self.get_object()
        return self.shown_anew(dispatch.delivery_failed(notice, **self.given(Bounce), by=request.user))

    @extend_schema(request=Receipt, responses=NoticeDetailSerializer)
    @action(detail=True, methods=["post"])
    def received(self, request: Request, reference: str) -> Response:
        """Say when the platform received a letter of which only the sending was known: the clock runs from then."""
        notice = self.get_object()
        return self.shown_anew(dispatch.received(notice, **self.given(Receipt), by=request.user))

    @extend_schema(request=Telling, responses=NoticeDetailSerializer)
    @action(detail=True, methods=["post"])
    def tell(self, request: Request, reference: str) -> Response:
        """Note that the platform was told of the notice by telephone or in a meeting."""
        notice = self.get_object()
        return self.shown_anew(telling.tell(notice, **self.given(Telling), by=request.user))

    @extend_schema(responses=seen(LINE, many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=PositionCursor, filterset_class=None)
    def lines(self, request: Request, reference: str) -> Response:
        """The items in the notice, each with its answers."""
        rows = Line.objects.visible_to(request.user).filter(notice=self.get_object())
        rows = rows.select_related("item").prefetch_related(
            "answers", contested.standing_of("answers", request.user)
        )
        return self.listed(rows, self.fitting(LINE))

    @extend_schema(responses=seen(ANSWER, many=True), filters=False, operation_id="notices_answers")
    @action(detail=True, methods=["get"], filterset_class=None)
    def answers(self, request: Request, reference: str) -> Response:
        """Every answer that was given, the latest recorded first."""
        rows = Answer.objects.visible_to(request.user).filter(line__notice=self.get_object())
        return self.listed(rows.select_related("line").order_by("-pk"), self.fitting(ANSWER))

    @extend_schema(request=NewAnswer, responses={201: seen(ANSWER, many=True)}, filters=False)
    @answers.mapping.post
    def give_answers(self, request: Request, reference: str) -> Response:
        """Give the same answer to one line or many, all or none."""
        notice, on_behalf = self.get_object(), not can(request.user, P.ANSWER_NOTICE)
        sent = self.given(NewAnswer, notice=notice, on_behalf=on_behalf)
        source = AnswerSource.ON_BEHALF if on_behalf else AnswerSource.API
        made = answers.answer_lines(**sent, source=source, by=request.user)
        return Response(self.fitting(ANSWER)(made, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request={"multipart/form-data": AnswerTable}, responses=FileReadingSerializer, filters=False
    )
    @action(detail=True, methods=["post"], url_path="answers/file", filterset_class=None)
    def answer_file(self, request: Request, reference: str) -> Response:
        """Read the table of lines as it was filled in, and give its answers unless it is a trial."""
        notice, sent = self.get_object(), self.given(AnswerTable)
        content, filename = sent["file"].read(), sent["file"].name
        try:
            if sent["dry_run"]:
                reading = answer_files.read(content, filename, notice, by=request.user)
            else:
                reading = answer_files.answer_by_file(
                    notice, content, filename, by=request.user, leave_out=sent["leave_out"]
                )
        except FileRefused as refused:
            raise ValidationError({"file": refused.message}) from refused
        return self.shown(reading, FileReadingSerializer)

    @extend_schema(responses=EventSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filterset_class=None)
    def events(self, request: Request, reference: str) -> Response:
        """The timeline; empty for a liaison."""
        rows = Event.objects.visible_to(request.user).filter(notice=self.get_object().reference)
        return self.listed(rows.order_by("-pk"), EventSerializer)

    # -- Files -----------------------------------------------------------------------------------------------

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY}, operation_id="notices_letter")
    def letter(self, request: Request, reference: str) -> HttpResponse:
        """The frozen letter; a draft has none yet."""
        notice = self.get_object()
        if not notice.pdf_sha256:
            raise Http404
        return _download(store.get(notice.pdf_sha256), "application/pdf", f"{notice.reference}.pdf")

    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY}, operation_id="notices_lines_xlsx")
    def line_sheet(self, request: Request, reference: str) -> HttpResponse:
        """The lines as a workbook with lists to choose the answers from."""
        notice = self.get_object()
        return _download(line_sheet(notice), XLSX, f"{notice.reference}.xlsx")

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY}, operation_id="notices_lines_csv")
    def line_table(self, request: Request, reference: str) -> HttpResponse:
        """The lines as a table that a platform can fill in."""
        notice = self.get_object()
        return _download(line_table(notice), "text/csv; charset=utf-8", f"{notice.reference}.csv")


class Dispatches(Listed, Retrieved, Endpoint):
    """Letters on their way out."""

    queryset = Dispatch.objects.order_by("-pk").prefetch_related("log")
    serializer_class = DispatchSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("channel",)
    needs = (P.SEE_CASEWORK,)
    needs_to: ClassVar = {"resolve": (P.SEND_NOTICE,), "replay": (P.SEND_NOTICE,)}

    @extend_schema(request=Resolution, responses=DispatchSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: int) -> Response:
        """Say what became of a letter of which nobody knew, or which was delivered by hand."""
        dispatched = self.get_object()
        return self.shown(dispatch.resolve_unknown(dispatched, **self.given(Resolution), by=request.user))

    @extend_schema(request=Nothing, responses={201: DispatchSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: int) -> Response:
        """Hand a message by webhook over again, with the same id; the notice stays as it is."""
        dispatched = self.get_object()
        self.given(Nothing)
        made = dispatch.replay(dispatched, by=request.user)
        return self.shown(made, code=status.HTTP_201_CREATED)


def _download(content: bytes, media_type: str, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
