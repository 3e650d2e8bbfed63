from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.roles import Permission, can
from casework.models.constraints import one_of, paired
from notices.kinds import GENERAL, NoticeKind
from platforms.models import Language, Platform

CHANGEABLE = ("in_force_from", "approved_at", "approved_by", "retired_at", "retired_by")


class LetterQuerySet(models.QuerySet["LetterVersion"]):
    def visible_to(self, user: User) -> Self:
        """Whoever writes letters or works with cases; a platform reads the letters it gets."""
        seen = can(user, Permission.WRITE_LETTERS) or can(user, Permission.SEE_CASEWORK)
        return self if seen else self.none()

    def in_force(self, at: datetime) -> Self:
        """The newest of each letter that letters are written from at `at`; none of one that is retired."""
        begun = self.filter(in_force_from__lte=at).order_by(
            "kind", "letter", "language", F("platform_id").asc(nulls_first=True), "-in_force_from", "-number"
        )
        newest = begun.distinct("kind", "letter", "language", "platform_id").values("pk")
        return self.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=at), pk__in=newest)

    def of(self, version: "LetterVersion") -> Self:
        """All versions of the same letter, the newest first."""
        return self.filter(
            kind=version.kind, letter=version.letter, platform=version.platform, language=version.language
        ).order_by("-number")


class LetterVersion(models.Model):
    """One wording of a letter of a kind: for a ground or any, a platform or any, in a language. Its text stays."""

    kind = models.CharField(max_length=12, choices=NoticeKind.choices)
    letter = models.SlugField(
        max_length=60,
        default=GENERAL,
        help_text="A ground, or a name that grounds share; “general” fits any.",
    )
    platform = models.ForeignKey(Platform, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=5, choices=Language.choices)
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=300)
    body = models.TextField()
    note = models.CharField(max_length=300, blank=True, help_text="What is new in it.")
    shipped = models.BooleanField(default=False, help_text="It came with the program.")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    in_force_from = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = LetterQuerySet.as_manager()
    changeable = CHANGEABLE

    class Meta:
        ordering: ClassVar = ["kind", "letter", "platform__name", "language", "-number"]
        constraints: ClassVar = [
            one_of("kind", NoticeKind),
            one_of("language", Language),
            paired("approved"),
            paired("retired"),
            models.UniqueConstraint(
                fields=["kind", "letter", "platform", "language", "number"],
                nulls_distinct=False,
                name="%(app_label)s_%(class)s_number",
                violation_error_message="Somebody else has just saved this version.",
            ),
            models.CheckConstraint(
                condition=Q(shipped=True, in_force_from__isnull=False)
                | Q(shipped=False, approved_at__isnull=True, in_force_from__isnull=True)
                | Q(shipped=False, approved_at__isnull=False, in_force_from__isnull=False),
                name="%(app_label)s_%(class)s_in_force",
                violation_error_message="A version is in force when it is approved, or came with the program.",
            ),
            models.CheckConstraint(
                condition=Q(shipped=True) | Q(written_by__isnull=False),
                name="%(app_label)s_%(class)s_written",
                violation_error_message="A version says who wrote it.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("written_by")),
                name="%(app_label)s_%(class)s_second_person",
                violation_error_message="Whoever wrote a version does not approve it.",
            ),
        ]

    def __str__(self) -> str:
        parts = [
            self.get_kind_display(),
            self.letter,
            self.platform.name if self.platform else "",
            self.language,
        ]
        return f"{', '.join(part for part in parts if part)}, version {self.number}"
