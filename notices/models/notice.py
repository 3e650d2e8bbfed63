from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from accounts.models import User
from accounts.roles import Permission, Role, can
from casework.models import Claim, Event, Item, T0Basis
from casework.models.constraints import one_of, paired
from notices.kinds import DISPUTES, REMOVALS, TELLING, NoticeKind
from platforms.models import Channel, ChannelKind, Language, Platform, Severity


class NoticeStatus(models.TextChoices):
    """Where the conversation with one addressee stands (lifecycles.md)."""

    DRAFT = "draft", "Draft"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    APPROVED = "approved", "Approved"
    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    DELIVERY_FAILED = "delivery_failed", "Delivery failed"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    CLARIFICATION = "clarification", "Clarification asked for"
    PART_ANSWERED = "part_answered", "Part answered"
    ANSWERED = "answered", "Answered"
    NO_RESPONSE = "no_response", "No response"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    DISCARDED = "discarded", "Discarded"


class ClockState(models.TextChoices):
    """Whether a platform keeps to the time in which it has promised to answer."""

    RUNNING = "running", "Running"
    PAUSED = "paused", "Clock stopped"
    MET = "met", "Answered in time"
    MISSED = "missed", "Not in time"
    LIFTED = "lifted", "No longer owed"
    NOT_PROMISED = "not_promised", "No time promised"


# Statuses before the letter has left; a liaison sees none of them.
UNSENT = (
    NoticeStatus.DRAFT,
    NoticeStatus.AWAITING_APPROVAL,
    NoticeStatus.APPROVED,
    NoticeStatus.QUEUED,
    NoticeStatus.DELIVERY_FAILED,
    NoticeStatus.DISCARDED,
)
# Statuses in which nobody waits for anybody, and the letter will not leave again by itself.
FINISHED = (
    NoticeStatus.DELIVERY_FAILED,
    NoticeStatus.CLOSED,
    NoticeStatus.WITHDRAWN,
    NoticeStatus.DISCARDED,
)
SPOKEN = ("telephone", "meeting")  # kinds of delivery records of what was told in person
AWAITING_ANSWER = (NoticeStatus.SENT, NoticeStatus.ACKNOWLEDGED, NoticeStatus.PART_ANSWERED)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        """A liaison sees the notices that have reached a platform of theirs; casework sees all.

        A letter of a recorded history may ask several platforms at once; no liaison sees such a one.
        """
        if user.role == Role.LIAISON:
            return self.reached(Platform.objects.visible_to(user))
        return self if can(user, Permission.SEE_CASEWORK) else self.none()

    def reached(self, platforms: "models.QuerySet[Platform]") -> Self:
        """Those that have left for these platforms, and tell each of nothing that is another's."""
        theirs = self.filter(platform__in=platforms).exclude(status__in=UNSENT)
        foreign = Line.objects.filter(notice=OuterRef("pk")).exclude(item__platform=OuterRef("platform"))
        return theirs.filter(Q(import_reference="") | ~Exists(foreign))

    def awaiting_answer(self) -> Self:
        return self.filter(status__in=AWAITING_ANSWER).exclude(kind__in=TELLING)

    def overdue(self, at: datetime) -> Self:
        return self.awaiting_answer().filter(due_at__lt=at)

    def due_within(self, length: timedelta, at: datetime) -> Self:
        return self.awaiting_answer().filter(due_at__gte=at, due_at__lte=at + length)

    def with_clock(self, at: datetime) -> Self:
        """With the state of each one's clock as `clock`, null before it has left: what `clocks` reads, from columns."""
        late = Event.objects.filter(notice=OuterRef("reference"), at__gt=OuterRef("due_at"))
        failed = Q(Exists(Event.objects.filter(notice=OuterRef("reference"), kind="notice.delivery_failed")))
        withdrawn_late = Q(Exists(late.filter(kind="notice.withdrawn")))
        asked_late = Q(Exists(late.filter(kind="notice.clarification_asked")))
        return self.annotate(
            clock=Case(
                When(~Q(kind__in=[NoticeKind.NOTICE, NoticeKind.ESCALATION]), then=None),
                When(Q(status=NoticeStatus.DISCARDED) & failed, then=Value(ClockState.LIFTED)),
                When(Q(status=NoticeStatus.QUEUED) & failed, then=Value(ClockState.PAUSED)),
                When(status=NoticeStatus.DELIVERY_FAILED, then=Value(ClockState.PAUSED)),
                When(status__in=UNSENT, then=None),
                When(due_at__isnull=True, then=Value(ClockState.NOT_PROMISED)),
                When(answered_at__lte=F("due_at"), then=Value(ClockState.MET)),
                When(answered_at__isnull=False, then=Value(ClockState.MISSED)),
                When(Q(status=NoticeStatus.WITHDRAWN) & ~withdrawn_late, then=Value(ClockState.LIFTED)),
                When(status=NoticeStatus.WITHDRAWN, then=Value(ClockState.MISSED)),
                When(Q(status=NoticeStatus.CLARIFICATION) & ~asked_late, then=Value(ClockState.PAUSED)),
                When(due_at__gte=at, then=Value(ClockState.RUNNING)),
                default=Value(ClockState.MISSED),
                output_field=models.CharField(),
            )
        )


class Notice(models.Model):
    """A letter to one platform through one channel, with one line per item."""

    reference = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=NoticeKind.choices, default=NoticeKind.NOTICE)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="notices")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="notices")
    channel_kind = models.CharField(max_length=10, choices=ChannelKind.choices)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    letter = models.SlugField(
        max_length=60,
        default="general",
        help_text="Which letter it is: that of a ground, or the general one.",
    )
    letter_version = models.ForeignKey(
        "notices.LetterVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        help_text="The wording it was frozen with.",
    )
    explanation = models.TextField(
        blank=True, help_text="Withdrawal and correction: what the platform is told. It stands in the letter."
    )
    marking = models.CharField(
        max_length=80,
        blank=True,
        help_text="Stands in the head and foot of every page: “OFFICIAL – SENSITIVE”.",
    )
    handling = models.CharField(
        max_length=300, blank=True, help_text="What whoever gets it may do with it; beside the marking."
    )
    status = models.CharField(max_length=20, choices=NoticeStatus.choices, default=NoticeStatus.DRAFT)
    severity = models.CharField(max_length=10, choices=Severity.choices, blank=True)
    threat_to_life = models.BooleanField(
        default=False, help_text="A life may depend on it: it leaves first, and somebody telephones as well."
    )
    import_reference = models.CharField(max_length=200, blank=True)

    # Sender (DSA article 16(2)(c) and (d))
    sender_organisation = models.CharField(max_length=200, blank=True)
    sender_name = models.CharField(max_length=120, blank=True)
    sender_email = models.EmailField(blank=True)
    good_faith = models.BooleanField(default=False)

    # The letter, frozen when it is submitted for approval
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    pdf_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The evidence store keeps the PDF under it."
    )
    items_csv_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The list of its items, kept like the PDF."
    )
    items_json_sha256 = models.CharField(max_length=64, blank=True)
    lines_csv_sha256 = models.CharField(
        max_length=64, blank=True, help_text="The table to fill in that goes with a mail, kept like the PDF."
    )
    lines_xlsx_sha256 = models.CharField(max_length=64, blank=True)
    message_id = models.CharField(max_length=200, blank=True, help_text="The same on every attempt.")

    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    queued_at = models.DateTimeField(null=True, blank=True)
    queued_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_recorded_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True, help_text="T0, before holds are considered.")
    t0_basis = models.CharField(max_length=10, choices=T0Basis.choices, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    expected_at = models.DateTimeField(
        null=True, blank=True, help_text="When the platform says it will answer."
    )
    answered_at = models.DateTimeField(
        null=True, blank=True, help_text="When the last open line was answered."
    )
    platform_reference = models.CharField(max_length=120, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            one_of("status", NoticeStatus),
            one_of("kind", NoticeKind),
            one_of("language", Language),
            one_of("channel_kind", ChannelKind),
            one_of("severity", Severity, blank=True),
            one_of("t0_basis", T0Basis, blank=True),
            paired("submitted"),
            paired("approved"),
            models.CheckConstraint(
                condition=Q(status__in=UNSENT) | Q(sent_at__isnull=False),
                name="%(app_label)s_%(class)s_sent_stamped",
                violation_error_message="A notice that has left says when.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "discarded"])
                | (~Q(body="") & ~Q(body_sha256=""))
                | ~Q(import_reference=""),
                name="%(app_label)s_%(class)s_frozen",
                violation_error_message="A notice past its draft has a frozen text with its hash.",
            ),
        ]
        indexes: ClassVar = [
            # the queues by status; NoticeQuerySet.awaiting_answer, overdue
            models.Index(fields=["status", "due_at"], name="notice_queue"),
            models.Index(fields=["platform", "status"], name="notice_platform"),
            models.Index(fields=["received_at"], name="notice_received"),
            # the work list of what to telephone about
            models.Index(fields=["status"], name="notice_threat", condition=Q(threat_to_life=True)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def clock_label(self) -> str:
        """Of one read `with_clock`."""
        state: str | None = getattr(self, "clock", None)
        return str(ClockState(state).label) if state else ""

    @property
    def asks_removal(self) -> bool:
        return self.kind in REMOVALS

    @property
    def asks_nothing(self) -> bool:
        return self.kind in TELLING

    @property
    def disputes(self) -> bool:
        """Whether it is about answers: what is said to its lines lands on those of the notices that were answered."""
        return self.kind in DISPUTES

    def to_telephone(self) -> bool:
        """Whether a life may depend on it and nobody has spoken with the platform about it yet."""
        return self.threat_to_life and not self.delivery_records.filter(kind__in=SPOKEN).exists()


class OfNotice(models.QuerySet):
    """Parts of a notice are seen by whoever sees the notice."""

    def visible_to(self, user: User) -> Self:
        return self.filter(notice__in=Notice.objects.visible_to(user))


class Line(models.Model):
    """One item in a notice; `address` is what the letter says, frozen with it."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="notice_lines")
    position = models.PositiveIntegerField()
    address = models.TextField()

    # Projection of the answers: the latest counts
    answer = models.CharField(max_length=30, choices=Claim.choices, blank=True)
    refusal_code = models.CharField(max_length=30, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = OfNotice.as_manager()

    class Meta:
        ordering: ClassVar = ["notice", "position"]
        constraints: ClassVar = [
            one_of("answer", Claim, blank=True),
            models.UniqueConstraint(
                fields=["notice", "item"],
                name="%(app_label)s_%(class)s_item_once",
                violation_error_message="This notice has this item already.",
            ),
            models.UniqueConstraint(
                fields=["notice", "position"],
                name="%(app_label)s_%(class)s_position",
                violation_error_message="Two lines of a notice cannot have the same number.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} line {self.position}"
