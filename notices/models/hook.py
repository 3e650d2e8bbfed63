from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can
from casework.models.history import append_only
from platforms.models import Platform


class SeenByDesk(models.QuerySet):
    """Whoever sees casework sees what came in."""

    def visible_to(self, user: User) -> Self:
        seen = can(user, Permission.SEE_CASEWORK) or can(user, Permission.MANAGE_PLATFORMS)
        return self if seen else self.none()


class AnswerHook(models.Model):
    """That a platform may send its answers by webhook, and the number of the secret that signs them."""

    platform = models.OneToOneField(Platform, models.PROTECT, related_name="answer_hook")
    is_open = models.BooleanField(default=True)
    secret_number = models.PositiveIntegerField(default=1)
    old_secret_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then the secret before signs too."
    )
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = SeenByDesk.as_manager()

    def __str__(self) -> str:
        return f"{self.platform} by webhook"

    def signing(self, at: datetime) -> list[int]:
        """The numbers of the secrets that sign at `at`, the current one first."""
        both = self.old_secret_until is not None and at < self.old_secret_until
        return [self.secret_number, self.secret_number - 1] if both else [self.secret_number]


class HookMessage(models.Model):
    """What came in at a platform's address, byte for byte, whether it was believed or not."""

    hook = models.ForeignKey(AnswerHook, models.PROTECT, related_name="messages")
    webhook_id = models.CharField(max_length=255, blank=True)
    headers = models.JSONField(help_text="Those of the signature, the type of the content and who sends.")
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    verified = models.BooleanField(help_text="Signed with the platform's secret, at this time.")
    address = models.GenericIPAddressField(null=True, help_text="The network address, where it is known.")
    at = models.DateTimeField(default=timezone.now)

    objects = SeenByDesk.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["hook", "webhook_id"], name="hook_message_id"),
            models.Index(
                fields=["hook", "at"], name="hook_message_forged", condition=models.Q(verified=False)
            ),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.hook}: {self.webhook_id or 'no id'}"

    @property
    def took(self) -> "HookReading | None":
        """The latest reading; reads what was prefetched."""
        return max(self.readings.all(), key=lambda reading: reading.pk, default=None)


class HookReading(models.Model):
    """What one reading of a message came to: the code and the document with which it was answered."""

    message = models.ForeignKey(HookMessage, models.PROTECT, related_name="readings")
    status = models.PositiveSmallIntegerField()
    result = models.JSONField()
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who had it read again; else its arrival.",
    )
    at = models.DateTimeField(default=timezone.now)

    objects = SeenByDesk.as_manager()
    append_only = True

    class Meta:
        ordering: ClassVar = ["pk"]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"{self.message}, {self.status}"
