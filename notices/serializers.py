"""How notices read in the API: what we see of them, and the fewer things that a platform's liaison sees."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from casework.models import Verdict
from casework.serializers import RowErrorSerializer
from notices import chasers, ladder, notifications
from notices.conversation import DESK, OBJECTION, PLATFORM, QUESTION, REPLY, messages
from notices.lifecycle import LIFECYCLE
from notices.models import (
    Acknowledgement,
    Answer,
    AnswerLink,
    AnswerSource,
    Attempt,
    AutomaticSteps,
    ClockState,
    DeliveryRecord,
    Dispatch,
    LetterVersion,
    Line,
    LinkOpening,
    Notice,
)
from platforms.models import Platform

# What the letter itself says, and the conversation about it: nothing of our own work.
SHARED = (
    "reference", "kind", "platform", "status", "language", "severity", "subject", "sender_organisation",
    "sender_name", "sender_email", "sent_at", "received_at", "due_at", "acknowledged_at", "expected_at",
    "answered_at", "closed_at", "platform_reference", "clock", "line_count", "answered_count",
)  # fmt: skip


class TheirNoticeSerializer(serializers.ModelSerializer):
    """A notice as its addressee sees it."""

    platform = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    clock = serializers.ChoiceField(
        choices=ClockState.choices,
        read_only=True,
        allow_null=True,
        help_text="Whether the answer is owed, came in time, or is late; null before the notice has left.",
    )
    line_count = serializers.IntegerField(read_only=True)
    answered_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Notice
        fields: tuple[str, ...] = SHARED
        read_only_fields = SHARED


class NoticeSerializer(TheirNoticeSerializer):
    """A notice as we see it."""

    follows = serializers.SlugRelatedField(slug_field="reference", read_only=True, allow_null=True)
    drafted_by = serializers.StringRelatedField()
    submitted_by = serializers.StringRelatedField()
    approved_by = serializers.StringRelatedField()

    class Meta(TheirNoticeSerializer.Meta):
        fields = (
            *SHARED, "follows", "channel_kind", "threat_to_life", "letter",
            "letter_version", "explanation", "marking", "handling", "good_faith",
            "body_sha256", "pdf_sha256", "items_csv_sha256", "items_json_sha256",
            "t0_basis", "drafted_at", "drafted_by", "submitted_at", "submitted_by", "approved_at",
            "approved_by", "queued_at",
        )  # fmt: skip
        read_only_fields = fields


class LetterVersionSerializer(serializers.ModelSerializer):
    """One wording of a letter; in force from `in_force_from`, until a newer one is or it is retired."""

    platform = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    written_by = serializers.StringRelatedField()
    approved_by = serializers.StringRelatedField()
    retired_by = serializers.StringRelatedField()

    class Meta:
        model = LetterVersion
        fields = (
            "id", "kind", "letter", "platform", "language", "number", "subject", "body", "note", "shipped",
            "written_at", "written_by", "approved_at", "approved_by", "in_force_from", "retired_at", "retired_by",
        )  # fmt: skip
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer):
    class Meta:
        model = Attempt
        fields = ("number", "outcome", "status", "said", "duration_ms", "at")
        read_only_fields = fields


class DispatchSerializer(serializers.ModelSerializer):
    """One way of the letter out: `resolve` those whose state is unknown, or that are delivered by hand."""

    channel = serializers.StringRelatedField()
    log = AttemptSerializer(many=True, read_only=True)

    class Meta:
        model = Dispatch
        fields = (
            "id", "channel", "state", "due_at", "attempts", "is_replay", "last_result", "created_at",
            "resolved_at", "log",
        )  # fmt: skip
        read_only_fields = fields


class DeliveryRecordSerializer(serializers.ModelSerializer):
    by = serializers.StringRelatedField()

    class Meta:
        model = DeliveryRecord
        fields = ("kind", "at", "reason", "reference", "by", "recorded_at")
        read_only_fields = fields


class TheirAcknowledgementSerializer(serializers.ModelSerializer):
    class Meta:
        model = Acknowledgement
        fields: tuple[str, ...] = ("at", "automatic", "expected_at")
        read_only_fields = fields


class AcknowledgementSerializer(TheirAcknowledgementSerializer):
    class Meta(TheirAcknowledgementSerializer.Meta):
        fields = (*TheirAcknowledgementSerializer.Meta.fields, "by_name", "recorded_at")
        read_only_fields = fields


class MessageSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    side = serializers.ChoiceField(choices=[PLATFORM, DESK], help_text="Who wrote it.")
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=[QUESTION, OBJECTION, REPLY])


class LinkSerializer(serializers.ModelSerializer):
    """A link to one notice; its address is known to whoever made it, and to nobody else."""

    notice = serializers.SlugRelatedField(slug_field="reference", read_only=True)
    created_by = serializers.StringRelatedField()
    revoked_by = serializers.StringRelatedField()
    opened = serializers.IntegerField(read_only=True, help_text="How often a page of it was opened.")

    class Meta:
        model = AnswerLink
        fields = (
            "id", "notice", "addressee", "in_letter", "created_at", "created_by", "expires_at", "revoked_at",
            "revoked_by", "opened",
        )  # fmt: skip


class OpeningSerializer(serializers.ModelSerializer):
    class Meta:
        model = LinkOpening
        fields = ("at", "address", "page", "sent")


class MadeLinkSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    address = serializers.CharField(help_text="Shown this once.")
    expires_at = serializers.DateTimeField()


class WithActions(serializers.Serializer):
    """With the letter, the questions about it, and the verbs that this person could use now."""

    body = serializers.CharField(read_only=True)
    messages = serializers.SerializerMethodField(help_text="Questions and replies, oldest first.")
    actions = serializers.SerializerMethodField(help_text="The verbs that this person could use now.")

    @extend_schema_field(MessageSerializer(many=True))
    def get_messages(self, notice: Notice) -> Any:
        return MessageSerializer(messages(notice), many=True).data

    def get_actions(self, notice: Notice) -> list[str]:
        return [row.verb for row in LIFECYCLE.available(notice, self.context["request"].user)]


WITH_ACTIONS = ("body", "messages", "actions", "acknowledgements")


class TheirNoticeDetailSerializer(WithActions, TheirNoticeSerializer):
    acknowledgements = TheirAcknowledgementSerializer(many=True, read_only=True)

    class Meta(TheirNoticeSerializer.Meta):
        fields = (*SHARED, *WITH_ACTIONS)
        read_only_fields = fields


class NoticeDetailSerializer(WithActions, NoticeSerializer):
    """Also what became of it on its way."""

    acknowledgements = AcknowledgementSerializer(many=True, read_only=True)
    dispatches = DispatchSerializer(many=True, read_only=True)
    delivery_records = DeliveryRecordSerializer(many=True, read_only=True)

    class Meta(NoticeSerializer.Meta):
        fields = (*NoticeSerializer.Meta.fields, *WITH_ACTIONS, "dispatches", "delivery_records")
        read_only_fields = fields


class TheirAnswerSerializer(serializers.ModelSerializer):
    """An answer as the platform sees it: what one of us entered on its behalf comes without our note."""

    line = serializers.IntegerField(source="line.position", read_only=True)
    note = serializers.SerializerMethodField()

    class Meta:
        model = Answer
        fields: tuple[str, ...] = (
            "line", "answer", "refusal_code", "at", "effective_at", "territories", "note",
            "platform_reference", "source",
        )  # fmt: skip
        read_only_fields = fields

    def get_note(self, answer: Answer) -> str:
        return "" if answer.source in {AnswerSource.ON_BEHALF, AnswerSource.MAIL} else answer.note


class AnswerSerializer(TheirAnswerSerializer):
    """With who entered it."""

    note = serializers.CharField(read_only=True)  # type: ignore[assignment]

    class Meta(TheirAnswerSerializer.Meta):
        fields = (*TheirAnswerSerializer.Meta.fields, "by_name", "recorded_at")
        read_only_fields = fields


class DisputeSerializer(serializers.Serializer):
    """What a letter of ours says against an answer: its line, and what we saw when and from where."""

    notice = serializers.CharField(source="line.notice.reference", help_text="The letter.")
    line = serializers.IntegerField(source="line.position")
    verdict = serializers.ChoiceField(source="look.verdict", choices=Verdict.choices)
    seen_at = serializers.DateTimeField(source="look.at")
    vantage = serializers.CharField(source="look.vantage", help_text="ISO 3166 code of the country.")
    sha256 = serializers.CharField(
        source="exhibit.sha256", default="", help_text="Of the capture, where it is told."
    )


class TheirLineSerializer(serializers.ModelSerializer):
    """One item in a notice, as its letter states it, with the answers; read with `contested.standing_of`."""

    disputed = serializers.SerializerMethodField(help_text="What disputes the last answer, or null.")
    item = serializers.SlugRelatedField(slug_field="reference", read_only=True)
    kind = serializers.CharField(source="item.kind", read_only=True)
    identifier = serializers.CharField(source="item.identifier", read_only=True)
    answers = TheirAnswerSerializer(many=True, read_only=True)

    class Meta:
        model = Line
        fields = (
            "position", "item", "address", "kind", "identifier", "answer", "refusal_code", "answered_at",
            "answers", "disputed",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(DisputeSerializer(allow_null=True))
    def get_disputed(self, line: Line) -> Any:
        found = [each for answer in line.answers.all() for each in answer.standing]
        return DisputeSerializer(found[-1]).data if found else None


class LineSerializer(TheirLineSerializer):
    answers = AnswerSerializer(many=True, read_only=True)


class GroupSerializer(serializers.Serializer):
    """What would become one notice."""

    platform = serializers.CharField(source="platform.slug")
    channel = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    letter = serializers.CharField()
    severity = serializers.CharField()
    threat_to_life = serializers.BooleanField()
    items = serializers.ListField(child=serializers.CharField(), help_text="References.")
    problems = serializers.ListField(child=serializers.CharField(), help_text="Why it cannot be drafted.")
    warnings = serializers.ListField(child=serializers.CharField())


class FilledSerializer(serializers.Serializer):
    """One row of a filled-in table."""

    row = serializers.IntegerField()
    line = serializers.IntegerField(source="line.position")
    answer = serializers.CharField(source="given.answer")
    refusal_code = serializers.CharField(source="given.refusal_code")


class FileReadingSerializer(serializers.Serializer):
    """What a filled-in table says: its new answers, and what is wrong, row by row."""

    rows = serializers.IntegerField()
    answers = FilledSerializer(source="filled", many=True)
    unchanged = serializers.IntegerField()
    empty = serializers.IntegerField()
    refused = serializers.IntegerField()
    errors = RowErrorSerializer(many=True)


class StepSerializer(serializers.Serializer):
    """One channel on the ladder of its platform."""

    channel = serializers.IntegerField(source="channel.pk")
    kind = serializers.CharField(source="channel.kind")
    address = serializers.CharField(source="channel.address")
    language = serializers.CharField(source="channel.language")
    rung = serializers.IntegerField()
    addressee = serializers.CharField()
    after_hours = serializers.IntegerField()
    per_hour = serializers.IntegerField(allow_null=True)


class LadderSerializer(serializers.ModelSerializer):
    """The steps of one platform, from the first; channels on the same step are alternatives."""

    platform = serializers.SlugField(source="slug")
    steps = serializers.SerializerMethodField()

    class Meta:
        model = Platform
        fields = ("platform", "steps")
        read_only_fields = fields

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, platform: Platform) -> Any:
        current = [channel for channel in platform.channels.all() if channel.is_current]
        return StepSerializer(ladder.steps(current), many=True).data


class StepsSerializer(serializers.ModelSerializer):
    """What the desk does by itself about a platform's silence."""

    class Meta:
        model = AutomaticSteps
        fields = ("chases", "every_hours", "escalates", "after_chasers")
        read_only_fields = fields


class LeftOutSerializer(serializers.Serializer):
    notice = serializers.CharField()
    why = serializers.CharField()


class DigestSerializer(serializers.Serializer):
    """What would be one chaser."""

    platform = serializers.CharField(source="platform.slug")
    channel = serializers.IntegerField(source="channel.pk", allow_null=True)
    language = serializers.CharField()
    notices = serializers.ListField(
        source="asked", child=serializers.CharField(), help_text="What can be chased now, by reference."
    )
    left_out = serializers.SerializerMethodField(help_text="What is overdue and is not chased now, and why.")

    @extend_schema_field(LeftOutSerializer(many=True))
    def get_left_out(self, digest: chasers.Digest) -> Any:
        return [{"notice": notice.reference, "why": why} for notice, why in digest.left_out]


class ChaserSerializer(serializers.ModelSerializer):
    """A chaser in the outbox; it reads on as a notice of kind chaser."""

    class Meta:
        model = Notice
        fields = ("reference", "status", "subject", "body")
        read_only_fields = fields


class EntrySerializer(serializers.Serializer):
    """Something new: events of one sort about one notice, item or platform."""

    key = serializers.CharField()
    sort = serializers.ChoiceField(
        choices=[(sort, title) for sort, (title, _) in notifications.SORTS.items()]
    )
    notice = serializers.CharField(help_text="Reference; empty where it is about an item or a platform.")
    item = serializers.CharField()
    platform = serializers.CharField(help_text="Slug, where it is about a platform.")
    count = serializers.IntegerField(help_text="How many events.")
    at = serializers.DateTimeField(help_text="Of the latest.")
