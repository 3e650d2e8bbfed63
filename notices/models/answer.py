from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from casework.models import Claim
from casework.models.constraints import one_of
from casework.models.history import append_only
from notices.models.incoming import IncomingMail
from notices.models.notice import Line, Notice, OfNotice


class RefusalCode(models.TextChoices):
    NO_POLICY_BREACH = "no_policy_breach", "No breach of policy"
    NO_ILLEGALITY_SEEN = "no_illegality_seen", "No illegality seen"
    INSUFFICIENT_INFORMATION = "insufficient_information", "Not enough information"
    JURISDICTION = "jurisdiction", "Jurisdiction"
    WRONG_CHANNEL = "wrong_channel", "Wrong channel"
    PUBLIC_INTEREST = "public_interest", "Public interest"
    TECHNICAL_IMPOSSIBLE = "technical_impossible", "Technically impossible"
    ERROR_IN_NOTICE = "error_in_notice", "Error in the notice"
    UNDER_REVIEW = "under_review", "Under review"
    OTHER = "other", "Other"


class AnswerSource(models.TextChoices):
    PORTAL = "portal", "Portal"
    API = "api", "API"
    SPREADSHEET = "sheet", "Spreadsheet"
    MAIL = "mail", "E-mail"
    LINK = "link", "Link"
    WEBHOOK = "webhook", "Webhook"
    ON_BEHALF = "on_behalf", "Entered on behalf"
    IMPORTED = "imported", "Imported"


# Answers that decide nothing (statistics.md, 1.4)
UNDECIDED_REFUSALS = (RefusalCode.WRONG_CHANNEL, RefusalCode.ERROR_IN_NOTICE, RefusalCode.UNDER_REVIEW)
UNDECIDED = (Claim.MORE_INFORMATION, Claim.PRESERVED_ONLY)


class AnswerQuerySet(models.QuerySet["Answer"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(line__notice__in=Notice.objects.visible_to(user))


class Answer(models.Model):
    """What the platform claims about one line, at one time; the latest counts."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=30, choices=Claim.choices)
    refusal_code = models.CharField(max_length=30, choices=RefusalCode.choices, blank=True)
    at = models.DateTimeField(help_text="When the platform answered.")
    effective_at = models.DateTimeField(null=True, blank=True, help_text="When the measure took effect.")
    territories = ArrayField(
        models.CharField(max_length=2),
        default=list,
        blank=True,
        help_text="ISO 3166 codes; empty means everywhere.",
    )
    note = models.TextField(blank=True)
    platform_reference = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=10, choices=AnswerSource.choices)
    mail = models.ForeignKey(
        IncomingMail,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The message it was read in.",
    )
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = AnswerQuerySet.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            one_of("answer", Claim),
            one_of("source", AnswerSource),
            one_of("refusal_code", RefusalCode, blank=True),
            models.CheckConstraint(
                condition=Q(answer="refused") & ~Q(refusal_code="")
                | ~Q(answer="refused") & Q(refusal_code=""),
                name="%(app_label)s_%(class)s_refusal_coded",
                violation_error_message="A refusal, and only a refusal, has a reason code.",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["line", "at"], name="answer_line")]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_answer_display()}"


class Acknowledgement(models.Model):
    """That the platform has a notice; an automatic one does not count as a person's."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="acknowledgements")
    at = models.DateTimeField()
    automatic = models.BooleanField(default=False)
    expected_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = OfNotice.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.notice} acknowledged"
