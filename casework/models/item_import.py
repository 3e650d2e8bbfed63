from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import User
from casework.models.case import Case, Casework
from casework.models.constraints import one_of


class ImportStatus(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    CANCELLED = "cancelled", "Cancelled"


class ItemImport(models.Model):
    """One file brought into a case: its progress, and what became of it; `parts` has it all, row by row."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="imports")
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, help_text="Of the file, which the evidence store keeps.")
    dry_run = models.BooleanField(default=True)
    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.QUEUED)
    rows = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    errors = models.JSONField(
        default=list, help_text="Row, column, code and message of the first thousand errors."
    )
    warned = models.PositiveIntegerField(default=0, help_text="Rows taken although something is doubtful.")
    warnings = models.JSONField(
        default=list, help_text="The first thousand warnings, in the form of the errors."
    )
    problem = models.TextField(blank=True, help_text="Why the file was refused as a whole.")
    items = models.JSONField(default=list, help_text="References of the first ten thousand items made.")
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When the file had been read to its end without a fault."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [one_of("status", ImportStatus)]
        indexes: ClassVar = [
            # casework.tasks.resume_imports
            models.Index(
                fields=["id"], name="import_unfinished", condition=models.Q(status__in=["queued", "running"])
            ),
        ]

    def __str__(self) -> str:
        return self.filename


class ImportPart(models.Model):
    """What became of a run of consecutive rows, stored in one transaction with the items they became."""

    item_import = models.ForeignKey(ItemImport, models.PROTECT, related_name="parts")
    rows_before = models.PositiveIntegerField(help_text="How many rows of the file stand before these.")
    rows = models.PositiveIntegerField()
    items = models.JSONField(
        default=list, help_text="First and last reference of each unbroken run of items made."
    )
    errors = models.JSONField(default=list, help_text="Row, column, code and message of each error.")
    warnings = models.JSONField(default=list, help_text="The same of each warning, which refuses no row.")

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["item_import", "rows_before"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item_import", "rows_before"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="These rows have been brought in already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_import} from row {self.rows_before}"
