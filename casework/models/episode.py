from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from casework.models.case import Casework
from casework.models.constraints import one_of
from casework.models.history import append_only
from casework.models.item import Item


class T0Basis(models.TextChoices):
    RECEIVED = "received", "Receipt by the platform"
    SENT = "sent", "Time of sending"


class Episode(models.Model):
    """One item, from the first delivered notice on which it was live, until it is confirmed gone or closed.

    A projection of the append-only records, kept for pages; figures are computed from the records themselves
    (reports.facts). T0 is when the platform received the notice (statistics.md, 1.1).
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="episodes")
    number = models.PositiveSmallIntegerField()
    t0 = models.DateTimeField()
    t0_basis = models.CharField(max_length=10, choices=T0Basis.choices)
    channel = models.CharField(max_length=10)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["item", "number"]
        constraints: ClassVar = [
            one_of("t0_basis", T0Basis),
            models.UniqueConstraint(
                fields=["item", "number"],
                name="%(app_label)s_%(class)s_number",
                violation_error_message="This item has an episode with this number.",
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(closed_at__isnull=True),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message="This item has an open episode.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} episode {self.number}"


class SetAsideKind(models.TextChoices):
    WITHDRAWN = "withdrawn", "Withdrawn by us"
    INVALID = "invalid", "Invalid: our error"


class SetAside(models.Model):
    """That an item was withdrawn (exclusion X1) or found invalid, confirmed by a reviewer (X3)."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="set_asides")
    kind = models.CharField(max_length=10, choices=SetAsideKind.choices)
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    confirmed_by = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            one_of("kind", SetAsideKind),
            models.CheckConstraint(
                condition=~Q(kind="invalid") | ~Q(confirmed_by=""),
                name="%(app_label)s_%(class)s_confirmed",
                violation_error_message="That an item is invalid needs somebody who confirms it.",
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.item} {self.kind}"


class Copy(models.Model):
    """That one item is a copy of another, which had been removed: a reappearance elsewhere."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="copy_of")
    of = models.ForeignKey(Item, models.PROTECT, related_name="copies")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        verbose_name_plural = "copies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item", "of"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="These two items are linked as copies.",
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.item} copies {self.of}"
