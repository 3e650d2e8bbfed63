from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from platforms.models import ZONES


class Inbox(models.Model):
    """How far one person has read what changed in their work, and when they want it by mail."""

    user = models.OneToOneField(User, models.PROTECT, related_name="+")
    read_to = models.BigIntegerField(default=0, help_text="Every event up to this number is read.")
    read = models.JSONField(
        default=dict, help_text="What was read by itself: its key, and up to which event."
    )
    by_mail = models.BooleanField(default=True)
    hour = models.PositiveSmallIntegerField(
        default=8, help_text="At which hour of their day the mail leaves."
    )
    zone = models.CharField(max_length=40, choices=[(name, name) for name in ZONES], default="Europe/London")
    told_on = models.DateField(null=True, help_text="The last of their days that a mail was decided on.")
    told_to = models.BigIntegerField(default=0, help_text="Up to which event mails have told.")
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "inboxes"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(hour__lte=23),
                name="%(app_label)s_%(class)s_hour",
                violation_error_message="An hour lies between 0 and 23.",
            ),
            models.CheckConstraint(
                condition=Q(zone__in=ZONES),
                name="%(app_label)s_%(class)s_zone",
                violation_error_message="The time zone is not one of the known ones.",
            ),
        ]

    def __str__(self) -> str:
        return f"Inbox of {self.user}"
