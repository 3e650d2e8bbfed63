"""An edition: a set of figures that was frozen once, and what was decided about it."""

import json
from functools import cached_property
from typing import Any, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can
from casework.models.constraints import one_of, paired
from casework.models.history import append_only
from reports.models.schedule import Asked, Schedule


class EditionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"
    DISCARDED = "discarded", "Discarded"


S = EditionStatus
RELEASED = (S.PUBLISHED, S.SUPERSEDED, S.WITHDRAWN)
CHANGEABLE = (
    "status", "approved_at", "approved_by", "published_at", "published_by", "ended_at", "ended_by",
)  # fmt: skip


class Revision(models.TextChoices):
    """Why an edition takes another's place."""

    SCHEDULED = "scheduled", "Scheduled revision"
    CORRECTION = "correction", "Correction of an error"


class EditionQuerySet(models.QuerySet["Edition"]):
    def visible_to(self, user: User) -> Self:
        """What has been released, to all who see figures; the rest to those who prepare, release or audit it."""
        if can(user, Permission.SEE_UNRELEASED):
            return self
        return self.filter(status__in=RELEASED) if can(user, Permission.SEE_FIGURES) else self.none()


class Edition(Asked):
    """Its scope never changes; its figures are `FrozenFigures`, which are written once; what moves is the status.

    `as_at` and `known_by` are moments; `first` and `last` are days in Europe/London, both included.
    """

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=EditionStatus.choices, default=EditionStatus.DRAFT)
    first = models.DateField()
    last = models.DateField()
    as_at = models.DateTimeField()
    known_by = models.DateTimeField()
    provisional = models.BooleanField(help_text="Earlier than the default publication: marked [p].")

    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="successors")
    revision = models.CharField(max_length=10, choices=Revision.choices, blank=True)
    revision_reason = models.TextField(blank=True)
    substantial = models.BooleanField(default=False, help_text="It would change a conclusion.")
    schedule = models.ForeignKey(Schedule, models.PROTECT, null=True, blank=True, related_name="editions")

    prepared_at = models.DateTimeField(default=timezone.now)
    prepared_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="Nobody where a schedule prepared it."
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Who superseded, withdrew or discarded it.",
    )  # fmt: skip

    objects = EditionQuerySet.as_manager()
    changeable = CHANGEABLE

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            one_of("status", EditionStatus),
            one_of("revision", Revision, blank=True),
            *Asked.constraints,
            paired("approved"),
            paired("published"),
            paired("ended"),
            models.CheckConstraint(
                condition=Q(first__lte=F("last")),
                name="%(app_label)s_%(class)s_period",
                violation_error_message="The period ends before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(status=S.DRAFT, approved_at=None, published_at=None, ended_at=None)
                | Q(status=S.APPROVED, approved_at__isnull=False, published_at=None, ended_at=None)
                | Q(status=S.PUBLISHED, approved_at__isnull=False, published_at__isnull=False, ended_at=None)
                | Q(
                    status__in=[S.SUPERSEDED, S.WITHDRAWN],
                    published_at__isnull=False,
                    ended_at__isnull=False,
                )
                | Q(status=S.DISCARDED, published_at=None, ended_at__isnull=False),
                name="%(app_label)s_%(class)s_stamped",
                violation_error_message="The status and the stamps of an edition belong together.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(prepared_by=None) | ~Q(approved_by=F("prepared_by")),
                name="%(app_label)s_%(class)s_two_people",
                violation_error_message="Whoever prepared an edition does not approve it.",
            ),
            models.CheckConstraint(
                condition=Q(supersedes=None, revision="", revision_reason="")
                | Q(supersedes__isnull=False) & ~Q(revision="") & ~Q(revision_reason=""),
                name="%(app_label)s_%(class)s_revision_explained",
                violation_error_message="A revision says what it revises, of what kind it is, and why.",
            ),
            models.UniqueConstraint(
                fields=["first", "last", *Asked.SCOPE],
                condition=Q(status=S.PUBLISHED),
                name="%(app_label)s_%(class)s_current",
                violation_error_message="There is a published edition of this scope: supersede that one.",
            ),
            models.UniqueConstraint(
                fields=["supersedes"],
                condition=~Q(status=S.DISCARDED),
                name="%(app_label)s_%(class)s_successor",
                violation_error_message="This edition is being revised already.",
            ),
            models.UniqueConstraint(
                fields=["schedule", "first"],
                condition=Q(supersedes=None) & ~Q(status=S.DISCARDED),
                name="%(app_label)s_%(class)s_scheduled_once",
                violation_error_message="The schedule has prepared this period already.",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="scope_kept", exclude=list(CHANGEABLE)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def frozen(self) -> "FrozenFigures | None":
        """What was frozen; None until the figures are computed."""
        return FrozenFigures.objects.filter(edition=self).first()

    @property
    def figures(self) -> dict[str, Any] | None:
        """The document as it was frozen; None until then."""
        frozen = self.frozen
        return frozen.figures if frozen else None

    @property
    def is_released(self) -> bool:
        return self.status in RELEASED


class FrozenFigures(models.Model):
    """The figures of one edition, to the letter, with all that is needed to compute them again."""

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="+")
    document = models.TextField(help_text="The JSON of takedown_statistics, byte for byte.")
    document_sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    rows_sha256 = models.CharField(max_length=64, help_text="Of the item rows used.")
    definition_version = models.CharField(max_length=20)
    code_version = models.CharField(max_length=40)
    seed = models.BigIntegerField(help_text="What random draws start from.")
    computed_at = models.DateTimeField(default=timezone.now)

    append_only = True

    class Meta:
        verbose_name_plural = "frozen figures"
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return self.document_sha256

    @cached_property
    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = json.loads(self.document)
        return figures


class EditionEventQuerySet(models.QuerySet["EditionEvent"]):
    def visible_to(self, user: User) -> Self:
        return self if can(user, Permission.SEE_UNRELEASED) else self.none()


class EditionEvent(models.Model):
    """One change of an edition, or that somebody opened it before its release."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=60)
    old = models.CharField(max_length=40, blank=True)
    new = models.CharField(max_length=40, blank=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = EditionEventQuerySet.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__regex=r"^edition\.[a-z_]+$"),
                name="%(app_label)s_%(class)s_kind",
                violation_error_message="The kind of an edition's event is edition.done.",
            ),
            models.CheckConstraint(
                condition=~Q(actor_name=""),
                name="%(app_label)s_%(class)s_actor",
                violation_error_message="Every event names who did it.",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["edition", "at"], name="edition_event")]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return self.kind
