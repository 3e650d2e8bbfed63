from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import User
from casework.models.constraints import one_of, paired
from platforms.models import Contact, OfPlatform, Platform


class ChangeState(models.TextChoices):
    """What became of a change to a platform's contacts."""

    OPEN = "open", "Waits for us"
    TAKEN = "taken", "Holds"
    REFUSED = "refused", "Refused"


class ContactChange(models.Model):
    """One change to a platform's contacts, by whom, and who let it hold; together they are the history."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ChangeState.choices)
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    objects = OfPlatform.as_manager()
    changeable = ("contact", "state", "decided_at", "decided_by", "reason")

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [one_of("state", ChangeState), paired("decided"), paired("proposed")]

    def __str__(self) -> str:
        return f"Change to {self.new.get('desk', 'a contact')} of {self.platform}"
