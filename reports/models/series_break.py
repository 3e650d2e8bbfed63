"""The days from which figures mean something else than before."""

from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can
from casework.models.constraints import paired

CHANGEABLE = ("withdrawn_at", "withdrawn_by", "withdrawal_reason")
LONGEST_CHANGE = 200


class SeriesBreakQuerySet(models.QuerySet["SeriesBreak"]):
    def visible_to(self, user: User) -> Self:
        return self if can(user, Permission.SEE_FIGURES) else self.none()


class SeriesBreak(models.Model):
    """A change in what is counted, or how: rates before and after the day cannot be compared. Never edited."""

    day = models.DateField(help_text="The first day of the new series, in Europe/London.")
    what = models.CharField(max_length=LONGEST_CHANGE, help_text="What changed, in one line.")
    platform = models.SlugField(max_length=60, blank=True, help_text="Empty: of all platforms.")
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawal_reason = models.TextField(blank=True)

    objects = SeriesBreakQuerySet.as_manager()
    changeable = CHANGEABLE

    class Meta:
        ordering: ClassVar = ["-day", "-pk"]
        constraints: ClassVar = [
            paired("withdrawn"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawal_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason=""),
                name="%(app_label)s_%(class)s_withdrawal_explained",
                violation_error_message="A series break is withdrawn with a reason.",
            ),
            models.CheckConstraint(
                condition=~Q(what=""),
                name="%(app_label)s_%(class)s_what",
                violation_error_message="A series break says what changed.",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="only_withdrawn", exclude=list(CHANGEABLE)),
        ]

    def __str__(self) -> str:
        """The day and what changed, as in a sentence."""
        of = f" ({self.platform})" if self.platform else ""
        return f"{self.day.day} {self.day:%B %Y}{of}: {self.what.rstrip('. ')}"
