"""Long work that a person can leave and find again."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can
from casework.models.constraints import one_of
from reports.models.edition import Edition


class JobKind(models.TextChoices):
    EDITION = "edition", "Figures of an edition"
    EPISODES = "episodes", "Rows as CSV"
    REPORT = "report", "Report as PDF"


class JobStatus(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        return self if can(user, Permission.EXPORT_FIGURES) else self.none()

    def unfinished(self) -> Self:
        return self.filter(status__in=UNFINISHED)


class Job(models.Model):
    """Figures to be computed or rows to be written: how far that is, and what became of it."""

    kind = models.CharField(max_length=10, choices=JobKind.choices)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="jobs")
    question = models.JSONField(
        default=dict, help_text="The parameters of the page whose rows or report are written."
    )
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    stage = models.CharField(max_length=60, blank=True)
    rows = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the file that was written.")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="Nobody where a schedule began it."
    )
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            one_of("kind", JobKind),
            one_of("status", JobStatus),
            models.CheckConstraint(
                condition=Q(kind=JobKind.EDITION, edition__isnull=False)
                | Q(kind=JobKind.EPISODES, edition=None)
                | Q(kind=JobKind.REPORT),
                name="%(app_label)s_%(class)s_subject",
                violation_error_message="A job that computes an edition names it; one that writes rows does not.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNFINISHED, finished_at=None)
                | Q(finished_at__isnull=False) & ~Q(status__in=UNFINISHED),
                name="%(app_label)s_%(class)s_finished_stamped",
                violation_error_message="A finished job says when it finished; no other does.",
            ),
            models.UniqueConstraint(
                fields=["edition"],
                condition=Q(kind=JobKind.EDITION, status__in=UNFINISHED),
                name="%(app_label)s_%(class)s_one_at_a_time",
                violation_error_message="The figures of this edition are being computed already.",
            ),
        ]
        indexes: ClassVar = [
            # reports.tasks.resume_jobs
            models.Index(fields=["id"], name="job_unfinished", condition=Q(status__in=UNFINISHED)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, job {self.pk}"

    @property
    def is_running(self) -> bool:
        return self.status in UNFINISHED
