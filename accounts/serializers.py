"""How people and tokens read in the API, and what may be sent about them."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.models import Token, User
from accounts.roles import Permission, can


class Input(serializers.Serializer):
    """What is sent for one verb; an unknown field is refused, so that no misspelt one is passed over."""

    def to_internal_value(self, sent: Any) -> dict[str, Any]:
        if isinstance(sent, Mapping) and (unknown := sorted(map(str, set(sent) - set(self.fields)))):
            known = ", ".join(self.fields) or "none"
            raise serializers.ValidationError(
                {name: [f"Not known here; known: {known}."] for name in unknown}
            )
        return dict(super().to_internal_value(sent))


class Nothing(Input):
    """No field."""


class Reason(Input):
    reason = serializers.CharField(help_text="It stays in the history.")


class MaybeReason(Input):
    reason = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        help_text="Needed by some verbs; it stays in the history.",
    )


class MeSerializer(serializers.ModelSerializer):
    """Who is signed in, and what this sign-in or token lets them do."""

    permissions = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("name", "email", "role", "permissions")
        read_only_fields = fields

    def get_permissions(self, user: User) -> list[str]:
        return [permission.value for permission in Permission if can(user, permission)]


class TokenSerializer(serializers.ModelSerializer):
    owner = serializers.EmailField(source="user.email")

    class Meta:
        model = Token
        fields = (
            "id", "name", "owner", "hint", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at",
        )  # fmt: skip
        read_only_fields = fields


class IssuedTokenSerializer(TokenSerializer):
    """With the secret, which is shown in this answer only and kept nowhere."""

    secret = serializers.CharField(allow_null=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "secret")
        read_only_fields = fields


class NewToken(Input):
    name = serializers.CharField(max_length=80, help_text="What uses it, for example “intake feed”.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=[permission.value for permission in Permission]),
        allow_empty=False,
    )
    days = serializers.IntegerField(min_value=1, max_value=3650, default=365, help_text="Until it runs out.")
