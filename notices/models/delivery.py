from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from casework.models.constraints import one_of
from casework.models.history import append_only
from notices.models.notice import Notice, OfNotice
from platforms.models import Channel, ChannelKind


class DispatchState(models.TextChoices):
    """Where an outbox row stands; between claimed and accepted lies the effect outside the database."""

    QUEUED = "queued", "Queued"
    CLAIMED = "claimed", "Claimed"
    HANDED_OVER = "handed_over", "Being handed over"
    ACCEPTED = "accepted", "Accepted"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"


OPEN = (
    DispatchState.QUEUED,
    DispatchState.CLAIMED,
    DispatchState.HANDED_OVER,
    DispatchState.ACCEPTED,
    DispatchState.UNKNOWN,
)


class DispatchQuerySet(OfNotice):
    def open(self) -> Self:
        """Not finished: waiting, under way, or for a person to decide."""
        return self.filter(state__in=OPEN)

    def due(self, at: datetime) -> Self:
        """Waiting, or claimed by somebody whose lease has run out before the hand-over began."""
        return self.exclude(channel__kind=ChannelKind.BY_HAND).filter(
            Q(state=DispatchState.QUEUED, due_at__lte=at)
            | Q(state=DispatchState.CLAIMED, leased_until__lt=at)
        )

    def stranded(self, at: datetime) -> Self:
        """Begun to hand over, and then nothing was heard: nobody can know whether it left."""
        return self.filter(state=DispatchState.HANDED_OVER, leased_until__lt=at)

    def unsettled(self, at: datetime) -> Self:
        """Accepted by the other side, while whoever was to record what follows has not been heard of."""
        return self.filter(state=DispatchState.ACCEPTED, leased_until__lt=at)

    def for_a_person(self) -> Self:
        """Only a person can say what became of these: outcome unknown, or delivered by hand."""
        return self.filter(
            Q(state=DispatchState.UNKNOWN) | Q(state=DispatchState.QUEUED, channel__kind=ChannelKind.BY_HAND)
        )


class Dispatch(models.Model):
    """The outbox: one row per attempt series of a notice over one channel, made in the queueing transaction."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="dispatches")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=DispatchState.choices, default=DispatchState.QUEUED)
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the other side took it; what follows is recorded a little later.",
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    is_replay = models.BooleanField(
        default=False, help_text="The notice had left before; only its message is handed over again."
    )
    last_result = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who decided an unknown outcome.",
    )

    objects = DispatchQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name_plural = "dispatches"
        constraints: ClassVar = [
            one_of("state", DispatchState),
            models.UniqueConstraint(
                fields=["notice"],
                condition=Q(state__in=OPEN),
                name="%(app_label)s_%(class)s_one_open",
                violation_error_message="This notice is being sent already.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "handed_over", "accepted"])
                | Q(leased_until__isnull=False),
                name="%(app_label)s_%(class)s_leased",
                violation_error_message="A claimed dispatch has a lease.",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_at__isnull=False),
                name="%(app_label)s_%(class)s_accepted",
                violation_error_message="An accepted dispatch says when.",
            ),
        ]
        indexes: ClassVar = [
            # DispatchQuerySet.due, stranded, unsettled
            models.Index(
                fields=["due_at"],
                name="dispatch_open",
                condition=Q(state__in=["queued", "claimed", "handed_over", "accepted"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} by {self.channel}"


class AttemptOutcome(models.TextChoices):
    """What one attempt came to, as far as we can know."""

    ACCEPTED = "accepted", "Accepted"
    LATER = "later", "Not now"
    UNCERTAIN = "uncertain", "May have arrived"
    REFUSED = "refused", "Refused"
    STOPPED = "stopped", "Stopped by us"


class OfDispatch(models.QuerySet):
    """Parts of a dispatch are seen by whoever sees its notice."""

    def visible_to(self, user: User) -> Self:
        return self.filter(dispatch__in=Dispatch.objects.visible_to(user))


class Attempt(models.Model):
    """One try to hand a letter over: when it began, how long it took, and what the other side said."""

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="log")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=AttemptOutcome.choices)
    status = models.PositiveSmallIntegerField(null=True, help_text="The code of the answer, if one came.")
    said = models.CharField(
        max_length=500, blank=True, help_text="How the answer begins, or what went wrong."
    )
    duration_ms = models.PositiveIntegerField()
    at = models.DateTimeField()

    objects = OfDispatch.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            one_of("outcome", AttemptOutcome),
            models.UniqueConstraint(
                fields=["dispatch", "number"],
                name="%(app_label)s_%(class)s_number",
                violation_error_message="This attempt is in the log already.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["at"], name="attempt_at"),  # pacing.full: the last hour's
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.dispatch}, attempt {self.number}"


class DeliveryKind(models.TextChoices):
    SENT = "sent", "Left us"
    RECEIVED = "received", "Received by the platform"
    FAILED = "failed", "Not delivered"
    TELEPHONE = "telephone", "Told by telephone"
    MEETING = "meeting", "Told in a meeting"


CONVERSATIONS = (DeliveryKind.TELEPHONE, DeliveryKind.MEETING)


class DeliveryRecord(models.Model):
    """What we know of one notice's way, one fact a row: statistics take T0 and X5 from here."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="delivery_records")
    kind = models.CharField(max_length=10, choices=DeliveryKind.choices)
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    reference = models.CharField(
        max_length=120, blank=True, help_text="What the platform's form, or person, gave as its reference."
    )
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", help_text="Who delivered it, or spoke to them."
    )
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = OfNotice.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [one_of("kind", DeliveryKind)]
        indexes: ClassVar = [
            models.Index(fields=["notice", "kind"], name="delivery_notice"),
            # Notice.to_telephone and its work list
            models.Index(
                fields=["notice"], name="delivery_spoken", condition=Q(kind__in=["telephone", "meeting"])
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.notice} {self.kind}"
