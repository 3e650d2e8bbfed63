"""What a platform is, where notices go, how long it may take; reference data that knows of no case."""

from typing import ClassVar, Self, cast

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.roles import Role


class Severity(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class Language(models.TextChoices):
    """The languages a letter can be written in."""

    ENGLISH = "en", "English"
    FRENCH = "fr", "French"
    GERMAN = "de", "German"
    ARABIC = "ar", "Arabic"


class PlatformQuerySet(models.QuerySet["Platform"]):
    def visible_to(self, user: User) -> Self:
        """A liaison sees the platforms they answer for; everybody else who is signed in sees all."""
        return self.filter(liaisons=user) if user.role == Role.LIAISON else self

    def active(self) -> Self:
        return self.filter(is_active=True)


class Platform(models.Model):
    """One addressee, as named in `platforms/rules/<slug>.toml`."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    confirm_hours = models.PositiveSmallIntegerField(
        default=1, help_text="Hours that must lie between two automatic looks before an item counts as gone."
    )
    watch_days = models.PositiveSmallIntegerField(
        default=180, help_text="Days that a removed item stays watched for reappearance."
    )
    liaisons = models.ManyToManyField(
        User, blank=True, related_name="platforms", limit_choices_to={"role": Role.LIAISON}
    )

    objects = PlatformQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class OfPlatform(models.QuerySet):
    """Records that belong to one platform: seen by whoever sees the platform."""

    def visible_to(self, user: User) -> Self:
        return self.filter(platform__in=Platform.objects.visible_to(user))


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


class Contact(models.Model):
    """A desk or duty at the platform, named by what it does."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="contacts")
    desk = models.CharField(max_length=120, help_text="For example “Trust and safety, legal requests”.")
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    languages = models.CharField(max_length=120, blank=True)
    hours = models.CharField(max_length=120, blank=True, help_text="With the time zone.")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = OfPlatform.as_manager()

    class Meta:
        ordering: ClassVar = ["platform", "desk"]

    def __str__(self) -> str:
        return self.desk


class CommitmentQuerySet(OfPlatform):
    def for_notice(self, platform: Platform, severity: str) -> "Commitment | None":
        """The commitment for this severity, else the one for any severity, else none."""
        fitting = self.filter(Q(severity=severity) | Q(severity=""), platform=platform)
        return cast("Commitment | None", fitting.order_by(F("severity").desc()).first())


class Commitment(models.Model):
    """How many elapsed hours the platform may take to answer, and where it says so."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="commitments")
    severity = models.CharField(
        max_length=10, choices=Severity.choices, blank=True, help_text="Empty: for every severity not named."
    )
    hours = models.PositiveIntegerField()
    source = models.CharField(max_length=300, blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["platform", "hours"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "severity"],
                name="%(app_label)s_%(class)s_one_per_severity",
                violation_error_message="This platform has a commitment for this severity.",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=["", *Severity.values]),
                name="%(app_label)s_%(class)s_severity",
                violation_error_message="The severity is low, medium, high or critical.",
            ),
            models.CheckConstraint(
                condition=Q(hours__gt=0),
                name="%(app_label)s_%(class)s_hours",
                violation_error_message="A commitment is at least one hour.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hours} h"


class PolicyClause(models.Model):
    """A clause of the platform's own rules that a notice can cite."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="policy_clauses")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    wording = models.TextField(blank=True)

    objects = OfPlatform.as_manager()

    class Meta:
        ordering: ClassVar = ["platform", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "code"],
                name="%(app_label)s_%(class)s_code",
                violation_error_message="This platform has a clause with this code.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
