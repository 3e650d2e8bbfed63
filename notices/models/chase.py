from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from notices.models.notice import Notice, OfNotice
from platforms.models import OfPlatform, Platform


class Chase(models.Model):
    """That one chaser asks again about one notice; `left_out_at` when something came in before it left."""

    chaser = models.ForeignKey(Notice, models.PROTECT, related_name="chases")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="chased_by")
    number = models.PositiveSmallIntegerField(help_text="The how manyth chaser of this notice it is.")
    created_at = models.DateTimeField(default=timezone.now)
    left_out_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True, help_text="Why it was left out.")

    objects = OfNotice.as_manager()

    class Meta:
        ordering: ClassVar = ["chaser", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["chaser", "notice"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="This chaser asks about this notice already.",
            ),
            models.CheckConstraint(
                condition=Q(left_out_at__isnull=True, why="") | (Q(left_out_at__isnull=False) & ~Q(why="")),
                name="%(app_label)s_%(class)s_why",
                violation_error_message="What is left out says why.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chaser} about {self.notice}"


class AutomaticSteps(models.Model):
    """What the desk does by itself about one platform's silence; without a row it does nothing."""

    platform = models.OneToOneField(Platform, models.PROTECT, related_name="+")
    chases = models.BooleanField(default=False, help_text="Chasers leave without anybody pressing a button.")
    every_hours = models.PositiveSmallIntegerField(default=72, help_text="Hours from one chaser to the next.")
    escalates = models.BooleanField(
        default=False, help_text="The escalation is drafted; a reviewer approves it as every notice."
    )
    after_chasers = models.PositiveSmallIntegerField(
        default=2, help_text="After how many chasers without an answer it is drafted."
    )
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = OfPlatform.as_manager()

    class Meta:
        verbose_name_plural = "automatic steps"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    every_hours__gte=1, every_hours__lte=8784, after_chasers__gte=1, after_chasers__lte=20
                ),
                name="%(app_label)s_%(class)s_bounds",
                violation_error_message="Chasers lie 1 to 8,784 hours apart; 1 to 20 come before the next step.",
            ),
        ]

    def __str__(self) -> str:
        return f"Automatic steps of {self.platform}"
