"""How editions and jobs read in the API, and what is sent to prepare one."""

from typing import Any

from rest_framework import serializers

from accounts.roles import Permission, can
from accounts.serializers import Input
from reports.lifecycle import LIFECYCLE
from reports.models import FILTERS, Edition, EditionEvent, FrozenFigures, Job, PublicCopy, Revision, Schedule


class FrozenSerializer(serializers.ModelSerializer):
    """What the figures were frozen as; the document itself has an address of its own."""

    class Meta:
        model = FrozenFigures
        fields = (
            "document_sha256", "rows", "rows_sha256", "definition_version", "code_version", "seed", "computed_at",
        )  # fmt: skip
        read_only_fields = fields


class EditionSerializer(serializers.ModelSerializer):
    """An edition without its figures; `from` and `to` are days in Europe/London, both included."""

    to = serializers.DateField(source="last")
    supersedes = serializers.SlugRelatedField(slug_field="reference", read_only=True, allow_null=True)
    prepared_by = serializers.StringRelatedField()
    approved_by = serializers.StringRelatedField()
    published_by = serializers.StringRelatedField()
    ended_by = serializers.StringRelatedField()

    class Meta:
        model = Edition
        fields: tuple[str, ...] = (
            "reference", "title", "status", "to", "as_at", "known_by", "platform", "category", "kind", "channel",
            "language", "severity", "grouped_by", "threshold", "rounding", "provisional", "supersedes", "revision",
            "revision_reason", "substantial", "prepared_at", "prepared_by", "approved_at", "approved_by",
            "published_at", "published_by", "ended_at", "ended_by",
        )  # fmt: skip
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(source="first", read_only=True), **super().get_fields()}


class EditionDetailSerializer(EditionSerializer):
    """With what it was frozen as (null until then), and the verbs that this person could use now."""

    frozen = FrozenSerializer(read_only=True, allow_null=True)
    actions = serializers.SerializerMethodField()

    class Meta(EditionSerializer.Meta):
        fields = (*EditionSerializer.Meta.fields, "frozen", "actions")
        read_only_fields = fields

    def get_actions(self, edition: Edition) -> list[str]:
        return [row.verb for row in LIFECYCLE.available(edition, self.context["request"].user)]


class DifferenceSerializer(serializers.Serializer):
    """One figure that is not the same; `old` and `new` are what the documents hold, or “absent”."""

    group = serializers.CharField()
    figure = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)


class RerunSerializer(serializers.Serializer):
    """Whether the figures, computed again from the records of now, are the same byte for byte."""

    equal = serializers.BooleanField()
    document_sha256 = serializers.CharField()
    code_version = serializers.CharField()
    differences = DifferenceSerializer(many=True)


class EditionEventSerializer(serializers.ModelSerializer):
    actor = serializers.CharField(source="actor_name")

    class Meta:
        model = EditionEvent
        fields = ("id", "kind", "old", "new", "actor", "reason", "details", "at", "recorded_at")
        read_only_fields = fields


class ScheduleSerializer(serializers.ModelSerializer):
    """What the clock prepares, with the number of editions that it has prepared."""

    created_by = serializers.StringRelatedField()
    stopped_by = serializers.StringRelatedField()
    editions = serializers.IntegerField(source="edition_count", read_only=True, default=0)
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = (
            "id", "title", "frequency", "since", *FILTERS, "grouped_by", "threshold", "rounding",
            "editions", "created_at", "created_by", "stopped_at", "stopped_by", "actions",
        )  # fmt: skip
        read_only_fields = fields

    def get_actions(self, schedule: Schedule) -> list[str]:
        may_stop = can(self.context["request"].user, Permission.PREPARE_EDITION)
        return ["stop"] if may_stop and schedule.stopped_at is None else []


class JobSerializer(serializers.ModelSerializer):
    edition = serializers.SlugRelatedField(slug_field="reference", read_only=True, allow_null=True)
    created_by = serializers.StringRelatedField()

    class Meta:
        model = Job
        fields = (
            "id", "kind", "edition", "question", "status", "stage", "rows", "rows_done", "problem", "sha256",
            "created_at", "created_by", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class NewRevision(Input):
    as_at = serializers.DateTimeField()
    known_by = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=Revision.choices)
    reason = serializers.CharField()
    substantial = serializers.BooleanField(default=False)


class NewPublicCopy(Input):
    """Whether single platforms are named, and when and how they had the table for a factual check."""

    names_platforms = serializers.BooleanField(default=False)
    shared = serializers.CharField(required=False, default="", allow_blank=True)


class PublicCopySerializer(serializers.ModelSerializer):
    """What was made public; `withheld_beside` are the counts left out because of earlier public editions."""

    edition = serializers.SlugRelatedField(slug_field="reference", read_only=True)
    made_by = serializers.StringRelatedField()

    class Meta:
        model = PublicCopy
        fields = (
            "edition", "document_sha256", "names_platforms", "shared", "withheld_beside", "made_at", "made_by",
        )  # fmt: skip
        read_only_fields = fields


class VerbOfEdition(Input):
    """`reason`, for the verbs that need one."""

    reason = serializers.CharField(required=False)

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        needed = self.context["transition"].needs_reason
        if needed and "reason" not in sent:
            raise serializers.ValidationError({"reason": "Give a reason."})
        if sent and not needed:
            raise serializers.ValidationError({"reason": "This verb takes none."})
        return sent
