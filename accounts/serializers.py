"""How people and tokens read in the API, and what may be sent about them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.core.validators import MaxLengthValidator
from rest_framework import serializers

from accounts import limits
from accounts.models import Token, User
from accounts.roles import Permission, can

NO_SUCH_TIME = (
    "There is no such time in {zone}, where the clocks go forward then: give the time with its offset."
)


class Input(serializers.Serializer):
    """What is sent for one verb; an unknown field is refused, so that no misspelt one is passed over.

    No time lies outside the years 2000 to 2100, and no text is longer than `limits.LONGEST_TEXT` unless its
    field says how long.
    """

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for field in fields.values():
            bound(field)
        return fields

    def to_internal_value(self, sent: Any) -> dict[str, Any]:
        if isinstance(sent, Mapping):
            refuse_unknown(sent, self.fields)
        return dict(super().to_internal_value(sent))


def refuse_unknown(sent: Iterable[Any], known: Iterable[str]) -> None:
    """Raises `ValidationError` for each name that is not known, naming those that are."""
    names = list(known)
    if unknown := sorted(map(str, set(sent) - set(names))):
        said = f"Not known here; known: {', '.join(names) or 'none'}."
        raise serializers.ValidationError({name: [said] for name in unknown})


def bound(field: serializers.Field) -> None:
    """Hold a field, or each of a list, to the limits of every input."""
    if isinstance(field, serializers.ListField):
        bound(field.child)
    elif isinstance(field, serializers.DateField | serializers.DateTimeField):
        field.validators.append(possible)
    elif isinstance(field, serializers.CharField) and field.max_length is None:
        field.max_length = limits.LONGEST_TEXT
        field.validators.append(
            MaxLengthValidator(field.max_length, message=limits.too_long(field.max_length))
        )


def possible(when: date | datetime) -> None:
    """Raises `ValidationError` for a day or time outside the years 2000 to 2100, or left out by the clocks."""
    if wrong := limits.far_off(when):
        raise serializers.ValidationError(wrong)
    if isinstance(when, datetime) and when.astimezone(UTC).astimezone(when.tzinfo) != when:
        raise serializers.ValidationError(NO_SUCH_TIME.format(zone=when.tzinfo))


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
