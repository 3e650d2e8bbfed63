"""Where notices go, and in what order."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from platforms.models.platform import Language, OfPlatform, Platform


class ChannelKind(models.TextChoices):
    MAIL = "mail", "E-mail"
    PORTAL = "portal", "Portal"
    WEBHOOK = "webhook", "Webhook"
    BY_HAND = "by_hand", "By hand"


class FormPart(models.TextChoices):
    """What a platform's own form asks for, and a notice can fill in."""

    ADDRESSES = "addresses", "Addresses"
    SUBJECT = "subject", "Subject"
    LETTER = "letter", "Text of the notice"
    ORGANISATION = "organisation", "Organisation"
    NAME = "name", "Name"
    EMAIL = "email", "E-mail address"
    REFERENCE = "reference", "Our reference"
    GOOD_FAITH = "good_faith", "Statement of good faith"
    LINES = "lines", "Each line by itself"


def every_part() -> list[str]:
    return list(FormPart.values)


class ChannelQuerySet(OfPlatform):
    def current(self) -> Self:
        return self.filter(is_current=True)


class Channel(models.Model):
    """A way to a platform; `rung` is its place on the ladder of escalation, 1 first.

    Current channels on the same rung are alternatives: another kind, or another language.
    """

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="channels")
    kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    address = models.CharField(
        max_length=300, blank=True, help_text="An e-mail address or a web address; empty for the portal."
    )
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    rung = models.PositiveSmallIntegerField(default=1)
    addressee = models.CharField(
        max_length=120, blank=True, help_text="Whom it reaches, by function: “Head of trust and safety”."
    )
    after_hours = models.PositiveIntegerField(
        default=0, help_text="Hours after a notice one rung lower arrived until this rung may be used."
    )
    per_hour = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many letters may leave in an hour; empty: no limit."
    )
    form_parts = ArrayField(
        models.CharField(max_length=20, choices=FormPart.choices),
        default=every_part,
        blank=True,
        help_text="By hand: what the platform's form asks for, in its order.",
    )
    secret_number = models.PositiveIntegerField(
        default=1, help_text="Webhook: which of its secrets signs; the one before it may sign too."
    )
    old_secret_until = models.DateTimeField(
        null=True, blank=True, help_text="Webhook: until when the secret before signs as well."
    )
    proves_receipt = models.BooleanField(
        default=False, help_text="Whether this channel tells us when the platform received a notice."
    )
    is_current = models.BooleanField(default=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["platform", "rung", "kind", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=ChannelKind.values),
                name="%(app_label)s_%(class)s_kind",
                violation_error_message="A channel is mail, portal, webhook or by hand.",
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values),
                name="%(app_label)s_%(class)s_language",
                violation_error_message="Letters exist in English and French.",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["mail", "webhook"]) | ~Q(address=""),
                name="%(app_label)s_%(class)s_address",
                violation_error_message="A mail or webhook channel needs its address.",
            ),
            models.CheckConstraint(
                condition=Q(per_hour__isnull=True) | Q(per_hour__gt=0),
                name="%(app_label)s_%(class)s_per_hour",
                violation_error_message="At least one letter an hour must be allowed.",
            ),
            models.UniqueConstraint(
                fields=["platform", "kind", "language", "rung"],
                condition=Q(is_current=True),
                name="%(app_label)s_%(class)s_one_current",
                violation_error_message="This platform has a current channel of this kind, language and rung.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.address}".strip()
