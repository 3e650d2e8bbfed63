from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from casework.models.constraints import one_of, paired
from casework.models.history import append_only
from notices.models.notice import UNSENT, Notice, NoticeStatus, OfNotice

LONGEST_ADDRESSEE = 90  # with what stands around it, a name in the history


class LinkQuerySet(OfNotice):
    def usable(self, at: datetime) -> "LinkQuerySet":
        """Not run out, not revoked, and of a notice that has left and was not withdrawn."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at).exclude(
            notice__status__in=[*UNSENT, NoticeStatus.WITHDRAWN]
        )


class AnswerLink(models.Model):
    """A way to answer one notice without an account: whoever holds the address sees that notice and no other."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="links")
    addressee = models.CharField(max_length=LONGEST_ADDRESSEE, help_text="Whom it was made for.")
    salt = models.CharField(
        max_length=32, editable=False, help_text="With the site's key it gives the secret."
    )
    digest = models.CharField(
        max_length=64, unique=True, editable=False, help_text="SHA-256 of the secret, which is kept nowhere."
    )
    in_letter = models.BooleanField(default=False, help_text="The letter itself carries it.")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = LinkQuerySet.as_manager()
    changeable = ("revoked_at", "revoked_by")

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            paired("revoked"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="%(app_label)s_%(class)s_lasting",
                violation_error_message="A link runs out after it was made.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} for {self.addressee}"


class OfLink(models.QuerySet):
    """Openings are seen by whoever sees the notice."""

    def visible_to(self, user: User) -> "OfLink":
        return self.filter(link__in=AnswerLink.objects.visible_to(user))


class Page(models.TextChoices):
    """What of a link was opened, or sent by one of its forms."""

    NOTICE = "link", "The notice"
    ANSWER = "link_answer", "Answering"
    ACKNOWLEDGE = "link_acknowledge", "Acknowledging"
    ASK = "link_ask", "Asking a question"
    OBJECT = "link_object", "Objecting"
    FILE = "link_file", "Answering by spreadsheet"
    FILE_SAVE = "link_file_save", "Saving a spreadsheet"
    LETTER = "link_letter", "The letter as PDF"
    CSV = "link_csv", "The lines as CSV"
    XLSX = "link_xlsx", "The lines as XLSX"


class LinkOpening(models.Model):
    """That somebody opened a page of a link: when, from where, and which."""

    link = models.ForeignKey(AnswerLink, models.PROTECT, related_name="openings")
    at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True, help_text="The network address, where it is known.")
    page = models.CharField(max_length=20, choices=Page.choices)
    sent = models.BooleanField(default=False, help_text="A form was sent; else it was only read.")

    objects = OfLink.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [one_of("page", Page)]
        indexes: ClassVar = [models.Index(fields=["link", "at"], name="link_opened")]  # links.is_busy
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.link}, {self.at}"
