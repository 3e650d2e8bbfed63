"""What a platform is, where notices go, how long it may take; reference data that knows of no case."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core import validators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from platforms.deadlines import Allowed, Unit
from platforms.working_days import Calendar

ALWAYS = date(2000, 1, 1)
ZONES = (
    "Europe/London", "Europe/Dublin", "Europe/Paris", "Europe/Berlin", "Europe/Moscow", "Asia/Dubai", "Asia/Singapore",
    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "America/New_York", "America/Chicago", "America/Los_Angeles",
    "UTC",
)  # fmt: skip


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
    hours = models.CharField(max_length=120, blank=True)
    zone = models.CharField(max_length=40, choices=[(name, name) for name in ZONES], blank=True)
    policy_link = models.URLField(
        max_length=300, blank=True, validators=[validators.URLValidator(["https", "http"])],
        help_text="Where the platform's own rules stand.",
    )  # fmt: skip
    is_current = models.BooleanField(default=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfPlatform.as_manager()

    class Meta:
        ordering: ClassVar = ["platform", "desk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(zone__in=["", *ZONES]),
                name="%(app_label)s_%(class)s_zone",
                violation_error_message="The time zone is not one of the known ones.",
            ),
        ]

    def __str__(self) -> str:
        return self.desk


class CommitmentQuerySet(OfPlatform):
    def current(self) -> Self:
        """Without what a later version has taken the place of."""
        later = Commitment.objects.filter(
            platform=OuterRef("platform"),
            severity=OuterRef("severity"),
            item_kind=OuterRef("item_kind"),
            category=OuterRef("category"),
            valid_from__lte=timezone.localdate(),
        ).filter(
            Q(valid_from__gt=OuterRef("valid_from"))
            | Q(pk__gt=OuterRef("pk"), valid_from=OuterRef("valid_from"))
        )
        return self.filter(~Exists(later))


class Commitment(models.Model):
    """How long the platform may take to answer, and where it says so: a version, kept, until a later one holds."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="commitments")
    severity = models.CharField(
        max_length=10, choices=Severity.choices, blank=True, help_text="Empty: for every severity not named."
    )
    item_kind = models.SlugField(
        max_length=20, blank=True, help_text="Only for notices all of whose items are of this kind: “advert”."
    )
    category = models.SlugField(
        max_length=60,
        blank=True,
        help_text="Only for notices all of whose items are of this category: “fraud”.",
    )
    amount = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: from then on the platform promises nothing."
    )
    unit = models.CharField(max_length=15, choices=Unit.choices, default=Unit.HOURS)
    calendar = models.CharField(
        max_length=20,
        choices=Calendar.choices,
        default=Calendar.ENGLAND_AND_WALES,
        help_text="For working time: whose bank holidays do not count.",
    )
    zone = models.CharField(
        max_length=40,
        choices=[(name, name) for name in ZONES],
        default="Europe/London",
        help_text="For working time: where the office is.",
    )
    opens = models.TimeField(
        null=True, blank=True, help_text="Office hours, if working time is counted in them."
    )
    closes = models.TimeField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)
    valid_from = models.DateField(
        default=ALWAYS, help_text="Holds for notices received from this day on, until a later one does."
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CommitmentQuerySet.as_manager()
    changeable = ("source",)

    class Meta:
        ordering: ClassVar = ["platform", "-valid_from", "amount", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "severity", "item_kind", "category", "valid_from"],
                name="%(app_label)s_%(class)s_one_a_day",
                violation_error_message="A commitment for the same notices begins on this day already.",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=["", *Severity.values]),
                name="%(app_label)s_%(class)s_severity",
                violation_error_message="The severity is low, medium, high or critical.",
            ),
            models.CheckConstraint(
                condition=Q(unit__in=Unit.values),
                name="%(app_label)s_%(class)s_unit",
                violation_error_message="A commitment counts hours, working hours or working days.",
            ),
            models.CheckConstraint(
                condition=Q(calendar__in=Calendar.values),
                name="%(app_label)s_%(class)s_calendar",
                violation_error_message="The calendar is that of a part of the United Kingdom.",
            ),
            models.CheckConstraint(
                condition=Q(zone__in=ZONES),
                name="%(app_label)s_%(class)s_zone",
                violation_error_message="The time zone is not one of the known ones.",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0, amount__lt=10_000),
                name="%(app_label)s_%(class)s_amount",
                violation_error_message="A commitment is at least one hour or day, and less than ten thousand.",
            ),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False, opens__lt=F("closes")),
                name="%(app_label)s_%(class)s_office_hours",
                violation_error_message="Office hours have a beginning and a later end.",
            ),
        ]

    def __str__(self) -> str:
        if self.amount is None:
            return "nothing promised"
        unit = str(self.get_unit_display()).lower()
        return f"{self.amount} {unit.removesuffix('s') if self.amount == 1 else unit}"

    def counted(self) -> str:
        """By which calendar, hours and zone working time is counted; "" for elapsed hours."""
        if self.unit == Unit.HOURS or self.amount is None:
            return ""
        hours = f"{self.opens:%H:%M} to {self.closes:%H:%M}, " if self.opens and self.closes else ""
        return f"{hours}{self.zone}; bank holidays of {self.get_calendar_display()}"

    def allowed(self) -> Allowed | None:
        """What `deadlines` counts with; None where nothing is promised any more."""
        if self.amount is None:
            return None
        return Allowed(self.amount, self.unit, self.calendar, ZoneInfo(self.zone), self.opens, self.closes)

    def begins(self) -> datetime:
        return datetime.combine(self.valid_from, time.min, tzinfo=ZoneInfo(self.zone))


def binding(
    commitments: Iterable[Commitment], severity: str, kind: str, category: str, at: datetime
) -> Commitment | None:
    """Of one platform's commitments the one that holds for a notice received at `at`, or None.

    `kind` and `category` are those of all its items, "" where they differ. The most particular wins (category before
    kind before severity), and of its versions the last that had begun.
    """
    fitting = [
        each
        for each in commitments
        if each.severity in ("", severity)
        and each.item_kind in ("", kind)
        and each.category in ("", category)
        and each.begins() <= at
    ]
    return max(
        fitting,
        key=lambda each: (each.category, each.item_kind, each.severity, each.valid_from, each.pk),
        default=None,
    )


class ClauseQuerySet(OfPlatform):
    def valid_on(self, day: date) -> Self:
        """Those that hold on a day; one without a beginning always does."""
        return self.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day))


class PolicyClause(models.Model):
    """A clause of the platform's own rules that a notice can cite."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="policy_clauses")
    code = models.CharField(max_length=60, help_text="The platform's own reference, or a short one of ours.")
    title = models.CharField(max_length=200)
    url = models.URLField(
        max_length=500, blank=True, verbose_name="web address", help_text="Where the platform publishes it."
    )
    language = models.CharField(
        max_length=35,
        default="en",
        help_text="The language of title and wording, by its code: “en”, “pt-BR”.",
    )
    valid_from = models.DateField(
        null=True, blank=True, help_text="From when it holds; it cannot be cited earlier. Empty: always."
    )
    wording = models.TextField(blank=True)

    objects = ClauseQuerySet.as_manager()

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
