"""How platforms read in the API: to us with everything, to their own liaison without our notes about them."""

from rest_framework import serializers

from platforms.models import Channel, Commitment, Contact, Platform, PolicyClause


class PlatformSerializer(serializers.ModelSerializer):
    class Meta:
        model = Platform
        fields = ("slug", "name", "is_active", "confirm_hours", "watch_days")
        read_only_fields = fields


class ChannelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Channel
        fields = ("id", "kind", "address", "language", "rung", "proves_receipt", "is_current")
        read_only_fields = fields


class ContactSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = ("desk", "email", "telephone", "languages", "hours", "confirmed_at")
        read_only_fields = fields


class CommitmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Commitment
        fields = (
            "severity", "item_kind", "category", "amount", "unit", "calendar", "zone", "opens", "closes", "source",
            "valid_from",
        )  # fmt: skip
        read_only_fields = fields


class PolicyClauseSerializer(serializers.ModelSerializer):
    class Meta:
        model = PolicyClause
        fields = ("code", "title", "url", "language", "valid_from", "wording")
        read_only_fields = fields


class PlatformDetailSerializer(PlatformSerializer):
    """With the ways to it, its commitments and the clauses that a notice can cite."""

    channels = ChannelSerializer(many=True, read_only=True)
    contacts = ContactSerializer(many=True, read_only=True)
    commitments = CommitmentSerializer(many=True, read_only=True)
    policy_clauses = PolicyClauseSerializer(many=True, read_only=True)

    class Meta(PlatformSerializer.Meta):
        fields = (*PlatformSerializer.Meta.fields, "channels", "contacts", "commitments", "policy_clauses")
        read_only_fields = fields
