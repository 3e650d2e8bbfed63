"""Whom to reach at a platform."""

from typing import ClassVar

from django.core import validators
from django.db import models
from django.db.models import Q

from accounts.models import User
from platforms.models.platform import ZONES, OfPlatform, Platform


class Contact(models.Model):
    """A desk or duty at the platform, named by what it does."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="contacts")
    desk = models.CharField(max_length=120, help_text="For example “Trust and safety, legal requests”.")
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    languages = models.CharField(max_length=120, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    zone = models.CharField(max_length=40, choices=[(name, name) for name in ZONES], blank=True)
    policy_link = models.URLField(
        max_length=300, blank=True, validators=[validators.URLValidator(["https", "http"])],
        help_text="Where the platform's own rules stand.",
    )  # fmt: skip
    is_current = models.BooleanField(default=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfPlatform.as_manager()

    class Meta:
        ordering: ClassVar = ["platform", "desk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(zone__in=["", *ZONES]),
                name="%(app_label)s_%(class)s_zone",
                violation_error_message="The time zone is not one of the known ones.",
            ),
        ]

    def __str__(self) -> str:
        return self.desk
