"""People and their API tokens."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.roles import Permission, Role, can

TOKEN_PREFIX = "tkd_"  # noqa: S105 - how a token begins, so that scanners can find a leaked one


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "User") -> Self:
        """Administrators see everybody; everybody else sees themselves."""
        return self if can(user, Permission.MANAGE_PEOPLE) else self.filter(pk=user.pk)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: "User") -> UserQuerySet:
        return self.get_queryset().visible_to(user)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def add(self, email: str, *, role: Role, name: str = "", password: str | None = None) -> "User":
        """A new person; without a password they cannot sign in. The e-mail's case is folded."""
        person = self.model(email=email.strip().lower(), role=role, name=name or email.partition("@")[0])
        person.set_password(password)
        person.full_clean(exclude=["password"])
        person.save(using=self._db)
        return person


class User(AbstractBaseUser):
    """One person with one role; a machine is a person whose tokens carry narrow scopes."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    objects = UserManager()

    token_scopes: frozenset[str] | None = None

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="%(app_label)s_%(class)s_role",
                violation_error_message="A person needs one of the known roles.",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="%(app_label)s_%(class)s_email_lower",
                violation_error_message="E-mail addresses are kept in lower case.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether the admin site opens for them."""
        return self.is_active and self.role == Role.ADMINISTRATOR

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Administrators may use the whole admin site; what it registers is reference data only."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    def can(self, permission: Permission | str) -> bool:
        return can(self, Permission(permission))


class TokenQuerySet(models.QuerySet["Token"]):
    def visible_to(self, user: User) -> Self:
        """Administrators see all tokens; everybody else their own."""
        return self if can(user, Permission.MANAGE_PEOPLE) else self.filter(user=user)

    def usable(self, at: datetime) -> Self:
        """Not revoked, not run out, of an active person."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at), revoked_at__isnull=True, user__is_active=True
        )


class Token(models.Model):
    """A named, revocable API token; only its SHA-256 is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80, help_text="What uses it, for example “intake feed”.")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False, help_text="How the token begins.")
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="%(app_label)s_%(class)s_revoked_paired",
                violation_error_message="A revoked token names when and by whom.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class IdempotencyKey(models.Model):
    """What a request with an `Idempotency-Key` was answered, so that its repetition is answered the same."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "key"],
                name="%(app_label)s_%(class)s_once",
                violation_error_message="This key has been used.",
            ),
        ]

    def __str__(self) -> str:
        return self.key


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    return TOKEN_PREFIX + secrets.token_urlsafe(32)
