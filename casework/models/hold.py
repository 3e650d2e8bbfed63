from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from casework.models.case import Casework
from casework.models.item import Item


class HoldQuerySet(Casework):
    def in_force(self, at: datetime) -> Self:
        return self.filter(Q(released_at__isnull=True) | Q(released_at__gt=at), placed_at__lte=at)


class Hold(models.Model):
    """A request to leave an item up: from `placed_at` until just before `released_at` (open when empty)."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="holds")
    authority = models.CharField(max_length=200, help_text="Who asks for it.")
    reason = models.TextField(blank=True)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    placed_recorded_at = models.DateTimeField(default=timezone.now)
    review_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    released_recorded_at = models.DateTimeField(null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-placed_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=models.F("placed_at")),
                name="%(app_label)s_%(class)s_order",
                violation_error_message="A hold cannot end before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_recorded_at__isnull=True)
                | Q(released_at__isnull=False, released_recorded_at__isnull=False),
                name="%(app_label)s_%(class)s_release_recorded",
                violation_error_message="A release says when it was recorded.",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["item", "placed_at"], name="hold_item")]

    def __str__(self) -> str:
        return f"{self.authority} since {self.placed_at:%d %B %Y}"
