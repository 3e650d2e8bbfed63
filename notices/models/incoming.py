"""Mail that came in: the message as it came, and what it was read to be."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import Permission, can
from casework.models.constraints import one_of, paired
from casework.models.history import append_only
from notices.models.notice import Notice

LONGEST_ADDRESS = 320


class Incoming(models.QuerySet):
    """Nobody but casework sees mail: also what a platform's own people wrote may have been written by others."""

    def visible_to(self, user: User) -> Self:
        return self if can(user, Permission.SEE_CASEWORK) else self.none()


class Door(models.TextChoices):
    """How a message reached us."""

    SMTP = "smtp", "Mail server"
    API = "api", "API"


class IncomingMail(models.Model):
    """One message, byte for byte, once for the same bytes; kept before anybody reads it.

    The database reckons the hash itself, so that a seal over it covers the bytes.
    """

    raw = models.BinaryField()
    sha256 = models.GeneratedField(
        expression=models.Func(models.Func("raw", function="sha256"), models.Value("hex"), function="encode"),
        output_field=models.CharField(max_length=64),
        db_persist=True,
        unique=True,
    )
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sender = models.CharField(max_length=LONGEST_ADDRESS, blank=True, help_text="Of the envelope.")
    recipients = ArrayField(
        models.CharField(max_length=LONGEST_ADDRESS), default=list, help_text="Of the envelope."
    )
    door = models.CharField(max_length=10, choices=Door.choices)
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="Whose token it was.")

    objects = Incoming.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name = "incoming mail"
        verbose_name_plural = "incoming mail"
        constraints: ClassVar = [one_of("door", Door)]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"Mail {self.pk}"


class MailKind(models.TextChoices):
    """What a message is; only a reply and a receipt say anything about a notice."""

    REPLY = "reply", "Reply"
    RECEIPT = "receipt", "Automatic receipt"
    OUT_OF_OFFICE = "out_of_office", "Out of office"
    AUTOMATIC = "automatic", "Automatic reply"
    BOUNCE = "bounce", "Not delivered"
    DELAYED = "delayed", "Delayed"
    DELIVERED = "delivered", "Delivered"
    OPENED = "opened", "Read receipt"
    UNREADABLE = "unreadable", "Unreadable"


class MatchedBy(models.TextChoices):
    """How a message came to its notice."""

    REPLY_ADDRESS = "reply", "Reply address"
    RETURN_ADDRESS = "return", "Return address"
    PERSON = "person", "A person"


class SettledAs(models.TextChoices):
    """What a person made of a message."""

    ANSWERED = "answered", "Answers taken"
    ACKNOWLEDGED = "acknowledged", "Taken as receipt"
    ASKED = "asked", "Taken as question"
    SET_ASIDE = "set_aside", "Set aside"


class MailReading(models.Model):
    """What one message was read to be, once; the columns in `changeable` are a person's."""

    mail = models.OneToOneField(IncomingMail, models.PROTECT, related_name="reading")
    kind = models.CharField(max_length=15, choices=MailKind.choices)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="mails")
    matched_by = models.CharField(max_length=10, choices=MatchedBy.choices, blank=True)
    hint = models.ForeignKey(
        Notice, models.PROTECT, null=True, related_name="+", help_text="The notice that its headers name."
    )
    is_verified = models.BooleanField(
        default=False, help_text="The sender is the platform's, and our own mail server says so."
    )
    sender = models.CharField(max_length=LONGEST_ADDRESS, blank=True, help_text="The one address under From.")
    subject = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField(null=True, help_text="As the message says; nobody has proven it.")
    words = models.TextField(blank=True, help_text="The text without what it quotes.")
    platform_reference = models.CharField(max_length=120, blank=True)
    remarks = ArrayField(
        models.CharField(max_length=300), default=list, help_text="What a person should know of it."
    )
    read_at = models.DateTimeField()
    settled_as = models.CharField(max_length=15, choices=SettledAs.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = Incoming.as_manager()
    changeable = ("notice", "matched_by", "is_verified", "settled_as", "settled_at", "settled_by")

    class Meta:
        ordering: ClassVar = ["-mail_id"]
        constraints: ClassVar = [
            one_of("kind", MailKind),
            one_of("matched_by", MatchedBy, blank=True),
            one_of("settled_as", SettledAs, blank=True),
            paired("settled"),
            models.CheckConstraint(
                condition=Q(settled_as="", settled_at__isnull=True)
                | (~Q(settled_as="") & Q(settled_at__isnull=False)),
                name="%(app_label)s_%(class)s_settled_stamped",
                violation_error_message="What is settled says when and as what.",
            ),
            models.CheckConstraint(
                condition=Q(notice__isnull=True, matched_by="")
                | (Q(notice__isnull=False) & ~Q(matched_by="")),
                name="%(app_label)s_%(class)s_matched",
                violation_error_message="A message that belongs to a notice says why.",
            ),
        ]
        indexes: ClassVar = [
            # incoming.queues
            models.Index(fields=["kind"], name="mail_unsettled", condition=Q(settled_as="")),
        ]

    def __str__(self) -> str:
        return f"Mail {self.mail_id}"
