from typing import ClassVar, Self
from uuid import uuid4

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can
from casework.models.case import Casework
from casework.models.check import Check
from casework.models.constraints import one_of
from casework.models.history import append_only
from casework.models.item import Item
from platforms.models import Platform

COUNTRY = RegexValidator(r"^[A-Z]{2}\Z", "Use the two letters of the country, like GB.")


class OfCheckers(models.QuerySet):
    """What is known of the programs: for those who read casework, and for whoever runs the site."""

    def visible_to(self, user: User) -> Self:
        sees = can(user, Permission.SEE_CASEWORK) or can(user, Permission.MANAGE_PLATFORMS)
        return self if sees else self.none()


class Checker(models.Model):
    """A program that looks at addresses from one vantage: a country, signed in to platforms or not.

    Its tokens are those of its `user`, a user of the role checker who cannot sign in.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80, unique=True, help_text="For example “London 1”.")
    country = models.CharField(
        max_length=2, validators=[COUNTRY], help_text="ISO 3166 code of the country that it looks from."
    )
    logged_in = models.BooleanField(
        default=False, help_text="Whether it is signed in to the platforms that it visits."
    )
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    version = models.CharField(max_length=40, blank=True)
    clock_skew = models.FloatField(
        null=True, blank=True, help_text="Seconds that its clock was ahead of ours when last heard."
    )
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects = OfCheckers.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def vantage(self) -> str:
        return f"{self.country}, signed in" if self.logged_in else self.country


class VisitDecision(models.Model):
    """That checkers of one vantage may visit one platform, or no longer may; the latest counts, none is no.

    Keeps the legal note as the administrator was shown it.
    """

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="visit_decisions")
    country = models.CharField(max_length=2, validators=[COUNTRY])
    logged_in = models.BooleanField(default=False)
    allowed = models.BooleanField()
    note = models.TextField(help_text="The legal note that was shown.")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=120)

    objects = OfCheckers.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            # casework.visits.OPEN: the latest of each platform and vantage
            models.Index(fields=["country", "logged_in", "platform", "-id"], name="visit_decision_latest"),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.platform} from {self.country}: {'on' if self.allowed else 'off'}"


class JobState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    LEASED = "leased", "Leased"
    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"


class JobReason(models.TextChoices):
    """Why a look is due."""

    BEFORE_SENDING = "before_sending", "Before a notice leaves"
    CLAIM = "claim", "The platform claims something"
    CONFIRM = "confirm", "A second look confirms the first"
    SCHEDULED = "scheduled", "By the schedule"
    WATCH = "watch", "Watched for reappearance"


class CheckJob(models.Model):
    """One look that a checker is to make at one item from one vantage.

    `key` follows from item, due time and vantage: whoever computes the same due look, be it a restored database,
    names it the same. `attempt` counts the leases and tells one from the next.
    """

    key = models.UUIDField(unique=True, default=uuid4)
    item = models.ForeignKey(Item, models.PROTECT, related_name="check_jobs")
    country = models.CharField(max_length=2)
    logged_in = models.BooleanField(default=False)
    reason = models.CharField(max_length=20, choices=JobReason.choices)
    urgency = models.PositiveSmallIntegerField(default=3, help_text="1 is leased first.")
    host = models.CharField(max_length=255, help_text="Of the address, for the spread over hosts.")
    due_at = models.DateTimeField()
    not_before = models.DateTimeField(help_text="Due, and a little later so that not all come at once.")
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    checker = models.ForeignKey(Checker, models.PROTECT, null=True, blank=True, related_name="jobs")
    leased_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = OfCheckers.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            one_of("state", JobState),
            one_of("reason", JobReason),
            models.CheckConstraint(
                condition=Q(state="leased", leased_until__isnull=False, checker__isnull=False)
                | (~Q(state="leased") & Q(leased_until__isnull=True)),
                name="%(app_label)s_%(class)s_leased_stamped",
                violation_error_message="A leased job says by whom and until when; no other does.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "dropped"], finished_at__isnull=False)
                | Q(state__in=["waiting", "leased"], finished_at__isnull=True),
                name="%(app_label)s_%(class)s_finished_stamped",
                violation_error_message="A job that is over says when; an open one does not.",
            ),
            models.UniqueConstraint(
                fields=["item", "country", "logged_in"],
                condition=Q(state__in=["waiting", "leased"]),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message="This look is under way already.",
            ),
        ]
        indexes: ClassVar = [
            # casework.leasing: what may be leased
            models.Index(
                fields=["country", "logged_in", "urgency", "not_before"],
                name="check_job_open",
                condition=Q(state__in=["waiting", "leased"]),
            ),
            # casework.leasing: how often a host was asked in the last minute
            models.Index(fields=["leased_at"], name="check_job_leased", condition=Q(leased_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.item} from {self.country}, due {self.due_at:%Y-%m-%d %H:%M}"


class Visit(models.Model):
    """How a checker made one look: the lease that it was made for, and what came back. Never changed.

    `seen_at` is the time by the checker's own clock; the check has it by ours.
    """

    look = models.OneToOneField(Check, models.PROTECT, related_name="visit")
    job = models.ForeignKey(CheckJob, models.PROTECT, related_name="visits")
    attempt = models.PositiveSmallIntegerField()
    checker = models.ForeignKey(Checker, models.PROTECT, related_name="visits")
    version = models.CharField(max_length=40)
    clock_skew = models.FloatField(help_text="Seconds that the checker's clock was ahead of ours.")
    seen_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=0, help_text="Of the answer; 0 if there was none.")
    final_url = models.TextField(blank=True)
    capture_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the page as it was judged.")
    fingerprint = models.JSONField(null=True, blank=True, help_text="What a live page showed, in numbers.")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["job", "attempt"],
                name="%(app_label)s_%(class)s_once_per_lease",
                violation_error_message="The finding of this lease is recorded.",
            ),
            models.UniqueConstraint(
                fields=["job", "seen_at"],
                name="%(app_label)s_%(class)s_once_per_moment",
                violation_error_message="This very look is recorded.",
            ),
        ]
        indexes: ClassVar = [
            # casework.checkers.summaries: a checker's looks of the last days
            models.Index(fields=["checker", "recorded_at"], name="visit_checker"),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.checker} at {self.seen_at:%Y-%m-%d %H:%M}"
