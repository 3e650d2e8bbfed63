"""What a platform is; reference data that knows of no case."""

from typing import ClassVar, Self

from django.db import models

from accounts.models import User
from accounts.roles import Role

ZONES = (
    "Europe/London", "Europe/Dublin", "Europe/Paris", "Europe/Berlin", "Europe/Moscow", "Asia/Dubai", "Asia/Singapore",
    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "America/New_York", "America/Chicago", "America/Los_Angeles",
    "UTC",
)  # fmt: skip


class Severity(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class Language(models.TextChoices):
    """The languages a letter can be written in."""

    ENGLISH = "en", "English"
    FRENCH = "fr", "French"
    GERMAN = "de", "German"
    ARABIC = "ar", "Arabic"


class PlatformQuerySet(models.QuerySet["Platform"]):
    def visible_to(self, user: User) -> Self:
        """A liaison sees the platforms they answer for; everybody else who is signed in sees all."""
        return self.filter(liaisons=user) if user.role == Role.LIAISON else self

    def active(self) -> Self:
        return self.filter(is_active=True)


class Platform(models.Model):
    """One addressee, as named in `platforms/rules/<slug>.toml`."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    confirm_hours = models.PositiveSmallIntegerField(
        default=1, help_text="Hours that must lie between two automatic looks before an item counts as gone."
    )
    watch_days = models.PositiveSmallIntegerField(
        default=180, help_text="Days that a removed item stays watched for reappearance."
    )
    liaisons = models.ManyToManyField(
        User, blank=True, related_name="platforms", limit_choices_to={"role": Role.LIAISON}
    )

    objects = PlatformQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class OfPlatform(models.QuerySet):
    """Records that belong to one platform: seen by whoever sees the platform."""

    def visible_to(self, user: User) -> Self:
        return self.filter(platform__in=Platform.objects.visible_to(user))
