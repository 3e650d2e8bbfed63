"""What a platform says in its own rules."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from platforms.models.platform import OfPlatform, Platform


class ClauseQuerySet(OfPlatform):
    def valid_on(self, day: date) -> Self:
        """Those that hold on a day; one without a beginning always does."""
        return self.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day))


class PolicyClause(models.Model):
    """A clause of the platform's own rules that a notice can cite."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="policy_clauses")
    code = models.CharField(max_length=60, help_text="The platform's own reference, or a short one of ours.")
    title = models.CharField(max_length=200)
    url = models.URLField(
        max_length=500, blank=True, verbose_name="web address", help_text="Where the platform publishes it."
    )
    language = models.CharField(
        max_length=35,
        default="en",
        help_text="The language of title and wording, by its code: “en”, “pt-BR”.",
    )
    valid_from = models.DateField(
        null=True, blank=True, help_text="From when it holds; it cannot be cited earlier. Empty: always."
    )
    wording = models.TextField(blank=True)

    objects = ClauseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["platform", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["platform", "code"],
                name="%(app_label)s_%(class)s_code",
                violation_error_message="This platform has a clause with this code.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
