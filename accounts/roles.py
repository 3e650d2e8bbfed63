"""Who may do what: one table, read by the verbs, the buttons, the API and the docs."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class Role(models.TextChoices):
    OFFICER = "officer", "Officer"
    REVIEWER = "reviewer", "Reviewer"
    LIAISON = "liaison", "Platform liaison"
    MANAGER = "manager", "Manager"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
    CHECKER = "checker", "Checker"


PERSONS = tuple(role for role in Role if role != Role.CHECKER)  # a checker is a program


class Permission(StrEnum):
    """A verb that somebody may be allowed; its value is the scope's name in an API token."""

    OPEN_CASE = "open_case"
    CLOSE_CASE = "close_case"
    IDENTIFY_ITEM = "identify_item"
    ASSESS_ITEM = "assess_item"
    APPROVE_ITEM = "approve_item"
    HOLD_ITEM = "hold_item"
    ATTACH_EVIDENCE = "attach_evidence"
    DISCLOSE_EVIDENCE = "disclose_evidence"
    CHECK_ITEM = "check_item"
    CLOSE_ITEM = "close_item"
    REOPEN_ITEM = "reopen_item"
    DRAFT_NOTICE = "draft_notice"
    APPROVE_NOTICE = "approve_notice"
    SEND_NOTICE = "send_notice"
    ANSWER_NOTICE = "answer_notice"
    ANSWER_ON_BEHALF = "answer_on_behalf"
    CLOSE_NOTICE = "close_notice"
    SEE_CASEWORK = "see_casework"
    SEE_FIGURES = "see_figures"
    EXPORT_FIGURES = "export_figures"
    PREPARE_EDITION = "prepare_edition"
    RELEASE_EDITION = "release_edition"
    SEE_UNRELEASED = "see_unreleased"
    SEE_EVENTS = "see_events"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_PLATFORMS = "manage_platforms"
    SET_LADDER = "set_ladder"
    CARE_CONTACTS = "care_contacts"
    CONFIRM_CONTACTS = "confirm_contacts"
    DELIVER_MAIL = "deliver_mail"
    CHECKER = "checker"
    WRITE_LETTERS = "write_letters"


_OFFICER = frozenset(
    {
        Permission.OPEN_CASE,
        Permission.IDENTIFY_ITEM,
        Permission.ASSESS_ITEM,
        Permission.HOLD_ITEM,
        Permission.ATTACH_EVIDENCE,
        Permission.CHECK_ITEM,
        Permission.DRAFT_NOTICE,
        Permission.SEND_NOTICE,
        Permission.ANSWER_ON_BEHALF,
        Permission.CONFIRM_CONTACTS,
        Permission.SEE_CASEWORK,
        Permission.SEE_FIGURES,
    }
)
_READING = frozenset(
    {
        Permission.SEE_CASEWORK,
        Permission.SEE_FIGURES,
        Permission.EXPORT_FIGURES,
        Permission.SEE_UNRELEASED,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: _OFFICER,
    Role.REVIEWER: _OFFICER
    | {
        Permission.APPROVE_ITEM,
        Permission.APPROVE_NOTICE,
        Permission.CLOSE_NOTICE,
        Permission.CLOSE_CASE,
        Permission.DISCLOSE_EVIDENCE,
    },
    Role.LIAISON: frozenset({Permission.ANSWER_NOTICE, Permission.CARE_CONTACTS}),
    Role.MANAGER: _READING
    | {
        Permission.OPEN_CASE,
        Permission.CLOSE_CASE,
        Permission.CLOSE_ITEM,
        Permission.REOPEN_ITEM,
        Permission.CLOSE_NOTICE,
        Permission.PREPARE_EDITION,
        Permission.RELEASE_EDITION,
        Permission.SET_LADDER,
        Permission.CONFIRM_CONTACTS,
        Permission.DISCLOSE_EVIDENCE,
        Permission.WRITE_LETTERS,
    },
    Role.AUDITOR: _READING | {Permission.SEE_EVENTS},
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.MANAGE_PEOPLE,
            Permission.MANAGE_PLATFORMS,
            Permission.DELIVER_MAIL,
            Permission.WRITE_LETTERS,
        }
    ),
    Role.CHECKER: frozenset({Permission.CHECKER}),
}


def can(person: "User | AnonymousUser | None", permission: Permission) -> bool:
    """Whether the person's role grants it and, when they come with an API token, its scopes do too."""
    role = getattr(person, "role", None)
    if person is None or role is None or not person.is_active:
        return False
    scopes: frozenset[str] | None = getattr(person, "token_scopes", None)
    return permission in GRANTS[Role(role)] and (scopes is None or permission in scopes)


def may_use(person: "User | AnonymousUser | None", permissions: Iterable[Permission]) -> bool:
    """Whether a page or endpoint that names these is for this person: any of them; none named: for every person.

    A program is let in only where its own permission is named.
    """
    permissions = tuple(permissions)
    if not permissions:
        return getattr(person, "role", None) != Role.CHECKER
    return any(can(person, permission) for permission in permissions)


def require(person: "User | AnonymousUser | None", permission: Permission) -> None:
    """Raise `PermissionDenied`, naming the missing permission, unless `can`."""
    if not can(person, permission):
        raise PermissionDenied(f"This needs the permission “{permission.value.replace('_', ' ')}”.")
