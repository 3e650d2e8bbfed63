from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from casework.models.case import Casework
from casework.models.constraints import one_of
from casework.models.evidence import Evidence
from casework.models.history import append_only
from casework.models.item import Item


class Verdict(models.TextChoices):
    """What one look showed (lifecycles.md, “Check verdict”)."""

    LIVE = "live", "Live"
    GONE = "gone", "Gone"
    ACCOUNT_GONE = "account_gone", "Account gone"
    CHANGED = "changed", "Changed: the offending part is gone"
    RESTRICTED = "restricted", "Visible to some only"
    GEO_BLOCKED = "geo_blocked", "Blocked by territory"
    PRIVATE = "private", "Private"
    LOGIN_REQUIRED = "login_required", "Login required"
    REDIRECTED = "redirected", "Redirected"
    INCONCLUSIVE = "inconclusive", "Inconclusive"


class Cause(models.TextChoices):
    """What the page itself states about why it is gone."""

    PLATFORM_POLICY = "platform_policy", "Removed by the platform"
    ACCOUNT_SUSPENDED = "account_suspended", "Account suspended"
    AUTHOR = "author", "Deleted by its author"
    LEGAL = "legal", "Legal demand"
    UNKNOWN = "unknown", "Not stated"


class Method(models.TextChoices):
    PERSON = "person", "By a person"
    AUTOMATIC = "automatic", "By the checker"


class Confidence(models.TextChoices):
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


GONE = frozenset({Verdict.GONE, Verdict.ACCOUNT_GONE})
OBSERVATIONS = GONE | {Verdict.LIVE, Verdict.CHANGED, Verdict.RESTRICTED, Verdict.GEO_BLOCKED}
SEEN_LIVE = OBSERVATIONS - GONE


class Check(models.Model):
    """One look at an item: `at` is when we looked, `recorded_at` when we learned of it."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="checks")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    cause = models.CharField(max_length=20, choices=Cause.choices, blank=True)
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.PERSON)
    vantage = models.CharField(
        max_length=2, default="GB", help_text="ISO 3166 code of the country looked from."
    )
    logged_in = models.BooleanField(default=False)
    confidence = models.CharField(max_length=8, choices=Confidence.choices, default=Confidence.HIGH)
    marker = models.CharField(max_length=300, blank=True, help_text="What on the page showed it.")
    note = models.TextField(blank=True)
    exhibit = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="checks")
    confirms = models.BooleanField(
        default=False,
        help_text="A person's look that confirms by itself: with an exhibit, or brought in as such.",
    )
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            one_of("verdict", Verdict),
            one_of("cause", Cause, blank=True),
            one_of("method", Method),
            one_of("confidence", Confidence),
        ]
        indexes: ClassVar = [
            models.Index(fields=["item", "at"], name="check_item"),
            # casework.disputes: what persons saw of late
            models.Index(fields=["at"], name="check_by_person", condition=Q(method="person")),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} at {self.at:%Y-%m-%d %H:%M}"
