"""How long a platform may take."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from platforms.deadlines import Allowed, Unit
from platforms.models.platform import ZONES, OfPlatform, Platform, Severity
from platforms.working_days import Calendar

ALWAYS = date(2000, 1, 1)


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
