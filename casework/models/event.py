from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from casework.models.case import Case, Casework
from casework.models.history import append_only
from casework.models.item import Item


class Event(models.Model):
    """One change: what happened, to what, by whom, when it happened (`at`) and when we learned it."""

    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="events")
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="events")
    notice = models.CharField(
        max_length=20, blank=True, help_text="Reference of the notice, if it is about one."
    )
    kind = models.CharField(max_length=60)
    old = models.CharField(max_length=40, blank=True)
    new = models.CharField(max_length=40, blank=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__regex=r"^[a-z_]+\.[a-z_]+$"),
                name="%(app_label)s_%(class)s_kind",
                violation_error_message="An event's kind is noun.done.",
            ),
            models.CheckConstraint(
                condition=~Q(actor_name=""),
                name="%(app_label)s_%(class)s_actor",
                violation_error_message="Every event names who did it.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["item", "at"], name="event_item"),
            models.Index(fields=["case", "at"], name="event_case", condition=Q(item__isnull=True)),
            models.Index(fields=["notice", "at"], name="event_notice", condition=~Q(notice="")),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return self.kind
