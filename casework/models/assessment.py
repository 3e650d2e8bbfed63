from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import User
from casework.models.case import Casework
from casework.models.constraints import one_of
from casework.models.history import append_only
from casework.models.item import Category, Item
from platforms.models import PolicyClause, Severity


class Ground(models.Model):
    """Why content should go: a provision of law, or the platform's own policy."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code.")
    summary = models.TextField(blank=True, help_text="Printed in the letter.")
    letter = models.SlugField(max_length=40, default="general", help_text="Which letter template states it.")
    is_active = models.BooleanField(default=True)

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class ProtectedSpeech(models.TextChoices):
    """The check for journalism, research and a victim's own account."""

    NONE = "none", "None of these"
    JOURNALISM = "journalism", "Journalism"
    RESEARCH = "research", "Research"
    VICTIM = "victim", "Victim's own account"


class Assessment(models.Model):
    """Why one item should go; a later one of the same item supersedes it."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="assessments")
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    ground = models.ForeignKey(Ground, models.PROTECT, related_name="+")
    policy_clause = models.ForeignKey(PolicyClause, models.PROTECT, null=True, blank=True, related_name="+")
    rationale = models.TextField()
    severity = models.CharField(max_length=10, choices=Severity.choices)
    threat_to_life = models.BooleanField(default=False)
    protected_speech = models.CharField(max_length=12, choices=ProtectedSpeech.choices)
    assessed_at = models.DateTimeField(default=timezone.now)
    assessed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-assessed_at", "-pk"]
        constraints: ClassVar = [
            one_of("severity", Severity),
            one_of("protected_speech", ProtectedSpeech),
            models.CheckConstraint(
                condition=~models.Q(rationale=""),
                name="%(app_label)s_%(class)s_rationale",
                violation_error_message="An assessment states its rationale.",
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.ground} ({self.severity})"
