"""What was made public of an edition."""

import json
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from casework.models.history import append_only
from reports.models.edition import Edition, EditionStatus


class PublicCopyQuerySet(models.QuerySet["PublicCopy"]):
    def current(self) -> "PublicCopyQuerySet":
        """Those of editions that hold: neither superseded nor withdrawn; the newest first."""
        return self.filter(edition__status=EditionStatus.PUBLISHED).order_by("-pk")


class PublicCopy(models.Model):
    """One edition's figures under disclosure control, to the letter, with the annual table (S20) of its scope.

    It stays whatever becomes of the edition: what once was public is what later copies are compared with.
    """

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="public_copy")
    document = models.TextField(help_text="JSON, byte for byte.")
    document_sha256 = models.CharField(max_length=64)
    names_platforms = models.BooleanField(help_text="Signed off: figures of single platforms are in it.")
    shared = models.TextField(
        blank=True, help_text="When and how the platforms named had the table for a factual check."
    )
    withheld_beside = models.JSONField(
        default=list, help_text="What was withheld because an earlier copy would have given it away."
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = PublicCopyQuerySet.as_manager()
    append_only = True

    class Meta:
        verbose_name_plural = "public copies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(names_platforms=False) | ~Q(shared=""),
                name="%(app_label)s_%(class)s_shared_first",
                violation_error_message="Platforms that are named have the table first.",
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"public copy of {self.edition.reference}"

    @cached_property
    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = json.loads(self.document)
        return figures
