"""How cases and items read in the API. Only people who may see casework are ever shown these."""

from typing import Any

from rest_framework import serializers

from casework import correction
from casework.lifecycle import LIFECYCLE
from casework.models import (
    Account,
    Alias,
    Assessment,
    Case,
    Category,
    Check,
    Event,
    Evidence,
    Ground,
    Hold,
    Item,
    ItemImport,
    Rereading,
    Selector,
)
from casework.timeline import sentence
from casework.versions import version


def by_slug(**more: Any) -> serializers.SlugRelatedField:
    return serializers.SlugRelatedField(slug_field="slug", read_only=True, **more)


class CaseSerializer(serializers.ModelSerializer):
    opened_by = serializers.StringRelatedField()
    closed_by = serializers.StringRelatedField()

    class Meta:
        model = Case
        fields = (
            "reference", "title", "description", "status", "opened_at", "opened_by", "closed_at",
            "closed_by",
        )  # fmt: skip
        read_only_fields = fields


class CategorySerializer(serializers.ModelSerializer):
    parent = by_slug()

    class Meta:
        model = Category
        fields = ("slug", "name", "parent", "is_active")
        read_only_fields = fields


class GroundSerializer(serializers.ModelSerializer):
    class Meta:
        model = Ground
        fields = ("slug", "name", "jurisdiction", "summary", "letter", "is_active")
        read_only_fields = fields


class ItemSerializer(serializers.ModelSerializer):
    """One item with its four facts: handling (`status`), notice, claim and presence."""

    case = serializers.SlugRelatedField(slug_field="reference", read_only=True)
    platform = by_slug()
    category = by_slug(allow_null=True)

    class Meta:
        model = Item
        fields = (
            "reference", "case", "address", "canonical", "printed", "platform", "kind", "identifier", "owner", "title",
            "category", "language", "priority", "source", "note", "posted_at", "found_at", "identified_at",
            "identified_by_name", "import_reference", "status", "severity", "threat_to_life", "assessed_at",
            "approved_at", "not_actionable_as", "review_at", "closed_at", "closed_as", "presence",
            "last_verdict", "last_checked_at", "last_live_at", "gone_at", "gone_cause", "reappeared_at",
            "next_check_at", "watch_until", "notified_at", "received_at", "claim", "claims_removal",
            "claim_at",
        )  # fmt: skip
        read_only_fields = fields


class AssessmentSerializer(serializers.ModelSerializer):
    category = by_slug()
    ground = by_slug()
    policy_clause = serializers.SlugRelatedField(slug_field="code", read_only=True, allow_null=True)
    assessed_by = serializers.StringRelatedField()

    class Meta:
        model = Assessment
        fields = (
            "category", "ground", "policy_clause", "rationale", "severity", "threat_to_life",
            "protected_speech", "assessed_at", "assessed_by",
        )  # fmt: skip
        read_only_fields = fields


class HoldSerializer(serializers.ModelSerializer):
    placed_by = serializers.StringRelatedField()
    released_by = serializers.StringRelatedField()

    class Meta:
        model = Hold
        fields = ("authority", "reason", "placed_at", "placed_by", "review_at", "released_at", "released_by")
        read_only_fields = fields


class ItemDetailSerializer(ItemSerializer):
    """With what can be done now, the assessments (the latest counts) and the holds."""

    duplicate_of = serializers.SlugRelatedField(slug_field="reference", read_only=True, allow_null=True)
    actions = serializers.SerializerMethodField(help_text="The verbs that this person could use now.")
    assessments = AssessmentSerializer(many=True, read_only=True)
    holds = HoldSerializer(many=True, read_only=True)
    correctable = serializers.SerializerMethodField(help_text="What `correct/` takes now.")
    version = serializers.SerializerMethodField(
        help_text="Send it with a verb, so that nothing is overwritten unseen."
    )

    class Meta(ItemSerializer.Meta):
        fields = (
            *ItemSerializer.Meta.fields, "duplicate_of", "actions", "assessments", "holds", "correctable",
            "version",
        )  # fmt: skip
        read_only_fields = fields

    def get_actions(self, item: Item) -> list[str]:
        return [row.verb for row in LIFECYCLE.available(item, self.context["request"].user)]

    def get_correctable(self, item: Item) -> list[str]:
        user = self.context["request"].user
        return list(correction.correctable(item)) if correction.may_correct(user) else []

    def get_version(self, item: Item) -> str:
        return version(item)


class CheckSerializer(serializers.ModelSerializer):
    exhibit = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Check
        fields = (
            "id", "at", "verdict", "cause", "method", "vantage", "logged_in", "confidence", "marker", "note",
            "exhibit", "confirms", "by_name", "recorded_at",
        )  # fmt: skip
        read_only_fields = fields


class AliasSerializer(serializers.ModelSerializer):
    """Where a short link leads; `withdrawn_at` where that no longer holds."""

    item = serializers.SlugRelatedField(slug_field="reference", read_only=True)
    withdrawn_at = serializers.DateTimeField(source="withdrawal.at", default=None, read_only=True)

    class Meta:
        model = Alias
        fields = ("id", "item", "to_address", "evidence", "at", "by_name", "recorded_at", "withdrawn_at")
        read_only_fields = fields


class RereadingSerializer(serializers.ModelSerializer):
    """`old` and `new`: what the item's address was read as, and is by today's rules."""

    item = serializers.SlugRelatedField(slug_field="reference", read_only=True)
    other = serializers.SlugRelatedField(slug_field="reference", read_only=True, allow_null=True)
    old = serializers.DictField(read_only=True)
    new = serializers.DictField(read_only=True)
    decided_by = serializers.StringRelatedField()

    class Meta:
        model = Rereading
        fields = (
            "id", "item", "effect", "other", "old", "new", "problem", "rules_version", "status", "proposed_at",
            "decided_at", "decided_by", "reason",
        )  # fmt: skip
        read_only_fields = fields


class EvidenceSerializer(serializers.ModelSerializer):
    attached_by = serializers.StringRelatedField()

    class Meta:
        model = Evidence
        fields = (
            "id", "kind", "sha256", "size", "media_type", "filename", "description", "captured_at",
            "attached_at", "attached_by",
        )  # fmt: skip
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer):
    sentence = serializers.SerializerMethodField(help_text="What happened, for a person to read.")

    class Meta:
        model = Event
        fields = (
            "id", "kind", "old", "new", "notice", "actor_name", "reason", "details", "at", "recorded_at",
            "sentence",
        )  # fmt: skip
        read_only_fields = fields

    def get_sentence(self, event: Event) -> str:
        return sentence(event)


class ImportSerializer(serializers.ModelSerializer):
    """A file on its way in; `rows_done` of `rows` while it runs."""

    case = serializers.SlugRelatedField(slug_field="reference", read_only=True)
    errors = serializers.ListField(child=serializers.DictField(), read_only=True)
    warnings = serializers.ListField(child=serializers.DictField(), read_only=True)
    items = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ItemImport
        fields = (
            "id", "case", "filename", "sha256", "dry_run", "status", "rows", "rows_done", "accepted",
            "duplicates", "refused", "warned", "errors", "warnings", "items", "problem", "created_at",
            "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class KnownSerializer(serializers.Serializer):
    """An earlier item with the same address."""

    reference = serializers.CharField()
    case = serializers.CharField(source="case_reference")
    status = serializers.CharField()
    outcome = serializers.CharField(source="outcome_text")
    at = serializers.DateTimeField()
    same_case = serializers.BooleanField()
    by_alias = serializers.BooleanField(
        help_text="By a short link that is known to lead there, not by its own key."
    )
    by_duplicate = serializers.BooleanField(
        help_text="By an item that was marked as its duplicate, not by its own key."
    )


class WarnedSerializer(serializers.Serializer):
    """Something to know about an address; it is taken all the same."""

    code = serializers.ChoiceField(choices=["lookalike", "mixed_scripts"])
    message = serializers.CharField()


class CandidateSerializer(serializers.Serializer):
    """One address as it would become an item; nothing is saved."""

    row = serializers.IntegerField(help_text="Its number among what was found, from 1.")
    line = serializers.IntegerField(help_text="Of the text, from 1.")
    column = serializers.IntegerField(help_text="Of its first character in the line, from 1.")
    raw = serializers.CharField(help_text="As it stands in the text.")
    address = serializers.CharField(help_text="As it was read: send this to identify it.")
    platform = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    identifier = serializers.CharField()
    canonical = serializers.CharField()
    owner = serializers.CharField()
    needs_network = serializers.BooleanField()
    warnings = WarnedSerializer(many=True)
    problem = serializers.CharField(help_text="Why it cannot become an item, if it cannot.")
    duplicate_in_paste = serializers.IntegerField(
        allow_null=True, help_text="The earlier row that names the same item."
    )
    duplicate_of = KnownSerializer(
        allow_null=True,
        help_text="The item that it names again: the open one of this case, otherwise the newest of any case.",
    )
    known = KnownSerializer(many=True, help_text="All earlier items that it names, newest first.")


class RowErrorSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class IdentifiedSerializer(serializers.Serializer):
    """What became of the rows, which are numbered from 1."""

    items = ItemSerializer(many=True)
    duplicates = serializers.ListField(
        child=serializers.IntegerField(), help_text="Rows open in this case already."
    )
    refused = RowErrorSerializer(many=True)


class AccountSerializer(serializers.ModelSerializer):
    platform = by_slug()
    seen = serializers.IntegerField(read_only=True)

    class Meta:
        model = Account
        fields = ("id", "platform", "namespace", "identifier", "seen")
        read_only_fields = fields


class SelectorSerializer(serializers.ModelSerializer):
    seen = serializers.IntegerField(read_only=True)

    class Meta:
        model = Selector
        fields = ("id", "kind", "scope", "value", "seen")
        read_only_fields = fields
