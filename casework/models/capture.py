from typing import ClassVar

from django.db import models
from django.utils import timezone

from casework.models.case import Casework
from casework.models.check import Check
from casework.models.constraints import one_of
from casework.models.evidence import Evidence
from casework.models.history import append_only


class CaptureKind(models.TextChoices):
    """What a file shows of a look (checker.captures)."""

    WARC = "warc", "What went over the wire"
    TEXT = "text", "Text"
    FINGERPRINT = "fingerprint", "Fingerprint"
    DOCUMENT = "document", "Page as its scripts left it"
    SCREENSHOT = "screenshot", "Screenshot"


class Capture(models.Model):
    """Which exhibit shows what of which look, and by what clock it was taken."""

    look = models.ForeignKey(Check, models.PROTECT, related_name="captures")
    kind = models.CharField(max_length=12, choices=CaptureKind.choices)
    exhibit = models.OneToOneField(Evidence, models.PROTECT, related_name="capture")
    clock = models.CharField(
        max_length=10, default="unknown", help_text="What sets the checker's clock: ntp, free or unknown."
    )
    clock_error_ms = models.PositiveIntegerField(
        null=True, help_text="What its clock may be wrong by, as its kernel says."
    )
    clock_offset_ms = models.BigIntegerField(null=True, help_text="By how much our clock was ahead of it.")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["look", "pk"]
        constraints: ClassVar = [
            one_of("kind", CaptureKind),
            models.CheckConstraint(
                condition=models.Q(clock__in=["ntp", "free", "unknown"]),
                name="%(app_label)s_%(class)s_clock",
                violation_error_message="A clock is set by ntp, is free, or nobody knows.",
            ),
            models.UniqueConstraint(
                fields=["look", "kind"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="This look has a capture of this kind.",
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.look}"


class Timestamp(models.Model):
    """What a timestamp authority confirmed (RFC 3161): that content with this SHA-256 was there at `stamped_at`."""

    sha256 = models.CharField(max_length=64, unique=True)
    token = models.BinaryField(help_text="The answer as it came, in DER.")
    stamped_at = models.DateTimeField(help_text="By the authority's clock.")
    authority = models.CharField(max_length=300)
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = Casework.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.authority} at {self.stamped_at:%Y-%m-%d %H:%M:%S}"
