from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import User
from casework.models.case import Casework
from casework.models.constraints import one_of
from casework.models.history import append_only
from casework.models.item import Item


class EvidenceKind(models.TextChoices):
    SCREENSHOT = "screenshot", "Screenshot"
    CAPTURE = "capture", "Capture"
    DOCUMENT = "document", "Document"


class Evidence(models.Model):
    """An exhibit: the record of one file that the store keeps under its SHA-256, written once."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="exhibits")
    kind = models.CharField(max_length=12, choices=EvidenceKind.choices, default=EvidenceKind.SCREENSHOT)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    media_type = models.CharField(max_length=100)
    filename = models.CharField(max_length=200)
    description = models.CharField(max_length=300, blank=True)
    captured_at = models.DateTimeField(default=timezone.now)
    attached_at = models.DateTimeField(default=timezone.now)
    attached_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-attached_at", "-pk"]
        verbose_name_plural = "evidence"
        constraints: ClassVar = [one_of("kind", EvidenceKind)]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return self.filename
