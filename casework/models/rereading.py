from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from casework.models.case import Casework
from casework.models.constraints import one_of, paired
from casework.models.item import Item


class Effect(models.TextChoices):
    """What taking a new reading would do."""

    MERGE = "merge", "Would meet another item"
    SPLIT = "split", "Would part from another item"
    NEW_KEY = "new_key", "Another identity"
    KIND = "kind", "Another kind"
    UNREADABLE = "unreadable", "No longer recognised"


class ReadingStatus(models.TextChoices):
    OPEN = "open", "To decide"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    OUTDATED = "outdated", "Outdated"


class Rereading(models.Model):
    """An address as later rules read it, where that changes what the item is; a person decides."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="rereadings")
    effect = models.CharField(max_length=20, choices=Effect.choices)
    other = models.ForeignKey(
        Item,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The item that it would meet or part from.",
    )
    old = models.JSONField(help_text="The item's columns as they were read before.")
    new = models.JSONField(help_text="The same as the rules read them now; empty if they cannot.")
    problem = models.TextField(blank=True, help_text="Why the address cannot be read.")
    rules_version = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=ReadingStatus.choices, default=ReadingStatus.OPEN)
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            one_of("effect", Effect),
            one_of("status", ReadingStatus),
            paired("decided"),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(status="open"),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message="One new reading of an item waits for a decision already.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "outdated"], decided_at__isnull=True)
                | Q(status__in=["accepted", "refused"], decided_at__isnull=False),
                name="%(app_label)s_%(class)s_decision",
                violation_error_message="A decision says when and by whom.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_effect_display().lower()}"
