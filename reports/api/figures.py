"""Figures and the episodes behind them: the documents that `takedown_statistics` prints."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import replace_query_param
from rest_framework.viewsets import ViewSet

from accounts.endpoints import Allowed, Needs, found
from accounts.roles import Permission
from accounts.serializers import Input, bound
from casework.models import Category, Kind
from platforms.models import ChannelKind, Platform, Severity
from reports import events
from reports.asking import groupings, not_yet
from reports.briefing import briefing
from reports.claim_forms import names_here
from reports.claim_words import LONGEST
from reports.claims import STATISTICS, check
from reports.editions import frozen_document
from reports.facts import GROUPINGS, WINDOWS, Scope, episodes, printed
from reports.figure_files import FORMS, Report, of_scope
from reports.figures import figures, heading
from reports.models import FILTERS, Edition
from reports.parameters import given_twice
from reports.periods import Period
from reports.phrases import PHRASES

MOST = 5_000
DAYS = ["%Y-%m-%d"]
GROUPED = f"Group by, with commas: {', '.join(GROUPINGS)}."


class KnownSlug(serializers.SlugField):
    """The slug of something there is; one that is not is refused, naming those that are."""

    def __init__(self, known: type[Model], **given: Any) -> None:
        super().__init__(**given)
        self.known = known

    def to_internal_value(self, sent: Any) -> str:
        slug: str = super().to_internal_value(sent)
        known = sorted(self.known._default_manager.values_list("slug", flat=True))
        if slug not in known:
            what = self.known._meta.verbose_name
            raise serializers.ValidationError(f"There is no {what} “{slug}”. Known: {', '.join(known)}.")
        return slug


FORM = OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(FORMS))
FILES: dict[tuple[int, str], OpenApiTypes] = {
    (200, media.partition(";")[0]): OpenApiTypes.BINARY for media in FORMS.values()
}


def passed(at: datetime) -> None:
    """Raises `ValidationError` for a time that has not come."""
    if wrong := not_yet(at):
        raise serializers.ValidationError(wrong)


class Filters(Input):
    """The filters of figures."""

    platform = KnownSlug(Platform, required=False)
    category = KnownSlug(Category, required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    channel = serializers.ChoiceField(choices=ChannelKind.choices, required=False)
    language = serializers.CharField(
        required=False, max_length=10, help_text="ISO 639, as the items have it."
    )
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)


class Asked(Filters):
    """The period and its filters; days are Europe/London, the last one included."""

    to = serializers.DateField(input_formats=DAYS, help_text="Last day, included.")
    as_at = serializers.DateTimeField(
        required=False, validators=[passed], help_text="What had happened by then. Default: now."
    )
    known_by = serializers.DateTimeField(
        required=False, validators=[passed], help_text="What was recorded by then. Default: as_at."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        first = serializers.DateField(input_formats=DAYS, help_text="First day.")
        bound(first)
        return {"from": first, **super().get_fields()}


class AskedBriefing(Asked):
    """The platform stands in the path."""

    platform = None


class AskedFigures(Asked):
    by = serializers.CharField(required=False, default="", help_text=GROUPED)

    def validate_by(self, text: str) -> list[str]:
        return groupings_of(text)


def groupings_of(text: str) -> list[str]:
    """The groupings named, with commas; raises the `ValidationError` of a field."""
    try:
        return groupings(text)
    except ValueError as error:
        raise serializers.ValidationError(str(error)) from error


class AskedEpisodes(Asked):
    cursor = serializers.CharField(required=False, help_text="From `next` of the page before.")
    page_size = serializers.IntegerField(required=False, default=500, min_value=1, max_value=MOST)


class AskedClaim(Input):
    """A sentence, or the fields of a claim; against the frozen figures of an edition, if one is named."""

    edition = serializers.CharField(required=False, max_length=20, help_text="Its reference: E2026-000007.")
    sentence = serializers.CharField(required=False, max_length=LONGEST)
    phrase = serializers.ChoiceField(choices=list(PHRASES), required=False)
    value = serializers.CharField(required=False, help_text="90%, 1/3 or 10,700.")
    statistic = serializers.ChoiceField(choices=list(STATISTICS), required=False)
    window = serializers.ChoiceField(choices=list(WINDOWS), required=False)
    platform = KnownSlug(Platform, required=False)
    category = KnownSlug(Category, required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    channel = serializers.ChoiceField(choices=ChannelKind.choices, required=False)
    to = serializers.DateField(input_formats=DAYS, required=False)
    as_at = serializers.CharField(required=False, help_text="A day, or a time with its zone.")
    earlier_from = serializers.DateField(input_formats=DAYS, required=False)
    earlier_to = serializers.DateField(input_formats=DAYS, required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        first = serializers.DateField(input_formats=DAYS, required=False)
        bound(first)
        return {"from": first, **super().get_fields()}


class EpisodePage(serializers.Serializer):
    """One page of episode rows, in the order of T0."""

    next = serializers.URLField(allow_null=True)
    as_at = serializers.DateTimeField()
    known_by = serializers.DateTimeField()
    results = serializers.ListField(child=serializers.DictField())


class Statistics(ViewSet):
    """The takedown figures, and the rows that they are counted from."""

    permission_classes = (*ViewSet.permission_classes, Allowed)

    def needed(self) -> Needs:
        return (Permission.EXPORT_FIGURES if self.action == "report" else Permission.SEE_FIGURES,)

    @extend_schema(operation_id="figures", parameters=[AskedFigures], responses=OpenApiTypes.OBJECT)
    def figures(self, request: Request) -> Response:
        """The document of `takedown_statistics --format json`."""
        sent = _read(AskedFigures, request)
        return Response(figures(scope_of(sent), sent["by"]))

    @extend_schema(operation_id="figures_report", parameters=[FORM, Asked], responses=FILES)
    def report(self, request: Request, form: str) -> HttpResponse:
        """The figures by platform as a spreadsheet, or as CSV with one line for each."""
        scope = scope_of(_read(Asked, request))
        return attached(of_scope(scope, dict(Platform.objects.values_list("slug", "name"))), form, "figures")

    @extend_schema(operation_id="briefing", parameters=[AskedBriefing], responses=OpenApiTypes.OBJECT)
    def briefing(self, request: Request, slug: str) -> Response:
        """What whoever meets the platform's people needs to know: the numbers of the page and the PDF."""
        platform = found(Platform.objects.visible_to(request.user), slug=slug)
        return Response(briefing(scope_of(_read(AskedBriefing, request)), platform, reader=request.user))

    @extend_schema(operation_id="check_claim", parameters=[AskedClaim], responses=OpenApiTypes.OBJECT)
    def check_claim(self, request: Request) -> Response:
        """Whether the figures support a sentence, or the fields of one: the document of `check_claim`."""
        sent = _read(AskedClaim, request)
        document = _frozen(sent.pop("edition", ""), request)
        sentence = sent.pop("sentence", "")
        if bool(sentence) == bool(sent):
            raise serializers.ValidationError({"sentence": ["Send a sentence, or the fields of a claim."]})
        try:
            verdict = check(sentence or sent, document, names=names_here())
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error
        return Response(verdict.as_dict())

    @extend_schema(operation_id="episodes", parameters=[AskedEpisodes], responses=EpisodePage)
    def episodes(self, request: Request) -> Response:
        """The rows of `takedown_statistics --episodes`; `next` pins the as-at, so that pages never shift."""
        sent = _read(AskedEpisodes, request)
        scope, start, size = scope_of(sent), _start(sent.get("cursor")), sent["page_size"]
        rows = [printed(row) for row in islice(episodes(scope), start, start + size + 1)]
        head = heading(scope)
        pinned = {"as_at": head["as_at"], "known_by": head["known_by"]}
        following = _next(request, pinned, start + size) if len(rows) > size else None
        return Response({"next": following, **pinned, "results": rows[:size]})


def _read(form: type[Asked], request: Request) -> dict[str, Any]:
    """What the address asks for; a known name without a value asks for nothing."""
    known = form().fields
    if twice := given_twice(request.query_params):
        raise serializers.ValidationError({name: ["Given twice: give it once."] for name in twice})
    sent = {name: value for name, value in request.query_params.items() if value != "" or name not in known}
    sent.pop(api_settings.URL_FORMAT_OVERRIDE, None)
    asked = form(data=sent)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _frozen(reference: str, request: Request) -> dict[str, Any] | None:
    """The frozen figures of the edition named, if one is; who reads some before their release is noted."""
    if not reference:
        return None
    try:
        edition, document = frozen_document(reference, Edition.objects.visible_to(request.user))
    except ValueError as error:
        raise serializers.ValidationError({"edition": [str(error)]}) from error
    events.note_opening(edition, by=request.user)
    return document


def attached(report: Report, form: str, name: str) -> HttpResponse:
    """The report as a file to be saved."""
    disposition = f'attachment; filename="{name}.{form}"'
    return HttpResponse(
        report.written(form), content_type=FORMS[form], headers={"Content-Disposition": disposition}
    )


def scope_of(sent: Mapping[str, Any]) -> Scope:
    as_at = sent.get("as_at") or datetime.now(UTC)
    try:
        period = Period(sent["from"], sent["to"])
    except ValueError as error:
        raise serializers.ValidationError({"to": [str(error)]}) from error
    return Scope(
        period=period,
        as_at=as_at,
        known_by=sent.get("known_by") or as_at,
        **{name: sent.get(name, "") for name in FILTERS},
    )


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return max(0, int(urlsafe_b64decode(cursor.encode())))
    except ValueError as error:
        raise NotFound("Invalid cursor") from error


def _next(request: Request, pinned: Mapping[str, str], start: int) -> str:
    address = request.build_absolute_uri()
    cursor = urlsafe_b64encode(str(start).encode()).decode()
    for name, value in {**pinned, "cursor": cursor}.items():
        address = replace_query_param(address, name, value)
    return address
