"""What an edition is asked about, and the row that has editions prepared by the clock."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can
from casework.models import Kind
from casework.models.constraints import one_of, paired
from platforms.models import ChannelKind, Severity

FILTERS = ("platform", "category", "kind", "channel", "language", "severity")


class Threshold(models.IntegerChoices):
    """Below which counts are left out of what is made public."""

    THREE = 3, "Below 3"
    FIVE = 5, "Below 5"
    EIGHT = 8, "Below 8"
    TEN = 10, "Below 10"


class Rounding(models.IntegerChoices):
    NONE = 1, "Not rounded"
    FIVE = 5, "To the nearest 5"


class Asked(models.Model):
    """The filters, the groupings and the disclosure settings of an edition; empty text means all."""

    platform = models.SlugField(max_length=60, blank=True)
    category = models.SlugField(max_length=60, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, blank=True)
    channel = models.CharField(max_length=10, choices=ChannelKind.choices, blank=True)
    language = models.CharField(max_length=10, blank=True, help_text="ISO 639 code, as items have it.")
    severity = models.CharField(max_length=10, choices=Severity.choices, blank=True)
    grouped_by = models.CharField(max_length=100, blank=True, help_text="Groupings in order, with commas.")
    threshold = models.PositiveSmallIntegerField(choices=Threshold.choices, default=Threshold.FIVE)
    rounding = models.PositiveSmallIntegerField(choices=Rounding.choices, default=Rounding.NONE)

    SCOPE = (*FILTERS, "grouped_by")
    constraints: ClassVar = [
        one_of("kind", Kind, blank=True),
        one_of("channel", ChannelKind, blank=True),
        one_of("severity", Severity, blank=True),
        one_of("threshold", Threshold),
        one_of("rounding", Rounding),
    ]

    class Meta:
        abstract = True

    @property
    def by(self) -> list[str]:
        """The groupings' names."""
        return [name for name in self.grouped_by.split(",") if name]

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        named = {name: getattr(self, name) for name in FILTERS}
        return {name: value for name, value in named.items() if value}


class Frequency(models.TextChoices):
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def visible_to(self, user: User) -> Self:
        return self if can(user, Permission.SEE_UNRELEASED) else self.none()


class Schedule(Asked):
    """Editions of every month or quarter from `since` on, each at the default publication."""

    title = models.CharField(max_length=150)
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    since = models.DateField(help_text="First day of the first month or quarter.")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            *Asked.constraints,
            one_of("frequency", Frequency),
            paired("stopped"),
            models.CheckConstraint(
                condition=Q(since__day=1),
                name="%(app_label)s_%(class)s_since",
                violation_error_message="A schedule begins with the first day of a month.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
