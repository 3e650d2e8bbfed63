"""Adding people and changing what they may do; an administrator's work."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Token, User
from accounts.roles import Permission, Role, require


def add_person(*, email: str, name: str, role: str, password: str | None, by: User) -> User:
    """A new person. Raises `PermissionDenied`, and `ValidationError` per field."""
    require(by, Permission.MANAGE_PEOPLE)
    _refuse_program(role)
    return User.objects.add(email, role=Role(role), name=name, password=password)


def change_person(person: User, *, name: str, role: str, is_active: bool, by: User) -> User:
    """Change name, role, or whether they may sign in; a new role or none ends their tokens.

    Raises `PermissionDenied`, and `ValidationError` when it would leave the desk without an administrator.
    """
    require(by, Permission.MANAGE_PEOPLE)
    with transaction.atomic():
        locked = User.objects.get_queryset().select_for_update().get(pk=person.pk)
        if role != locked.role:
            _refuse_program(role, locked.role)
        if not (is_active and role == Role.ADMINISTRATOR):
            _keep_an_administrator(without=locked)
        if locked.role != role or not is_active:
            _end_tokens(Token.objects.filter(user=locked, revoked_at__isnull=True), by=by)
        locked.name, locked.role, locked.is_active = name, role, is_active
        locked.full_clean(exclude=["password"])
        locked.save(update_fields=["name", "role", "is_active"])
    return locked


def _refuse_program(*roles: str) -> None:
    """A checker is a program with a record of its own, and no person becomes one."""
    if Role.CHECKER in roles:
        raise ValidationError({"role": "A checker is a program, not a person: it is added under Checkers."})


def _keep_an_administrator(*, without: User) -> None:
    others = User.objects.get_queryset().exclude(pk=without.pk)
    if without.is_staff and not others.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
        raise ValidationError("This is the only administrator. Make somebody else one first.")


def _end_tokens(tokens: Iterable[Token], *, by: User) -> None:
    for token in tokens:
        token.revoked_at, token.revoked_by = timezone.now(), by
        token.save(update_fields=["revoked_at", "revoked_by"])
