from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can
from casework.models.constraints import one_of, paired


class Casework(models.QuerySet):
    """Records of our own work: seen by everybody who may see casework, never by a liaison."""

    def visible_to(self, user: User) -> Self:
        return self if can(user, Permission.SEE_CASEWORK) else self.none()


class CaseStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class Case(models.Model):
    """A set of items handled together: an operation, a theme, a network."""

    reference = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="Nobody where a history was brought in."
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["-opened_at", "-pk"]
        constraints: ClassVar = [
            one_of("status", CaseStatus),
            paired("closed"),
            models.CheckConstraint(
                condition=models.Q(status="closed", closed_at__isnull=False)
                | models.Q(status="open", closed_at__isnull=True),
                name="%(app_label)s_%(class)s_closed_stamped",
                violation_error_message="A closed case says when it was closed; an open one does not.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"
