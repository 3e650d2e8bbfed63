"""Issuing, finding and revoking API tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Token, User, digest_of, new_secret
from accounts.roles import GRANTS, Permission, Role, can, require

USE_NOTED_EVERY = timedelta(minutes=1)


def issue(
    user: User, *, name: str, scopes: Collection[str], by: User, expires_at: datetime | None = None
) -> tuple[Token, str]:
    """A new token for the user and its secret, which is shown once and kept nowhere.

    Raises `PermissionDenied` unless `by` is the user or an administrator, or when `by` comes with a token that lacks
    one of the scopes; `ValidationError` for a scope that the user's role does not grant.
    """
    if by.pk != user.pk and not can(by, Permission.MANAGE_PEOPLE):
        raise PermissionDenied("Only an administrator issues tokens for somebody else.")
    if by.token_scopes is not None and not by.token_scopes.issuperset(scopes):
        raise PermissionDenied("A token issues no token that may do more than itself.")
    unknown = sorted(set(scopes) - GRANTS[Role(user.role)])
    if unknown:
        raise ValidationError({"scopes": f"The role {user.role} does not grant: {', '.join(unknown)}."})
    return _make(user, name, scopes, expires_at)


def issue_for_program(
    user: User, *, name: str, scopes: Collection[str], by: User, expires_at: datetime | None = None
) -> tuple[Token, str]:
    """As `issue`, for a program that `by` runs; a token of theirs need not itself have the program's scopes.

    Raises `PermissionDenied` unless `by` may run programs, and for a user who is a person.
    """
    require(by, Permission.MANAGE_PLATFORMS)
    if user.role != Role.CHECKER:
        raise PermissionDenied("This user is a person, not a program.")
    return _make(user, name, scopes, expires_at)


def _make(user: User, name: str, scopes: Collection[str], expires_at: datetime | None) -> tuple[Token, str]:
    secret = new_secret()
    token = Token(
        user=user,
        name=name,
        digest=digest_of(secret),
        hint=secret[:8],
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    token.full_clean()
    token.save()
    return token, secret


def find(secret: str, *, at: datetime | None = None) -> Token | None:
    """The usable token with this secret; notes its use, at most once a minute."""
    at = at or timezone.now()
    token = Token.objects.usable(at).select_related("user").filter(digest=digest_of(secret)).first()
    if token and (token.last_used_at is None or at - token.last_used_at > USE_NOTED_EVERY):
        Token.objects.filter(pk=token.pk).update(last_used_at=at)
    return token


def revoke(token: Token, *, by: User, at: datetime | None = None) -> None:
    """End the token at once; a second time changes nothing."""
    if by.pk != token.user_id and not can(by, Permission.MANAGE_PEOPLE):
        raise PermissionDenied("Only an administrator revokes somebody else's token.")
    Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=at or timezone.now(), revoked_by=by
    )
