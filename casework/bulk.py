"""One verb for many items: which of them it fits now, and doing it to all of those or to none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.roles import Permission, can, require
from casework import assessment, checks, holds
from casework.lifecycle import explain, move
from casework.models import Item, ItemStatus
from casework.transitions import TransitionNotAllowed

Do = Callable[..., Any]  # called with the items, `by`, and what the verb's form holds
MOST = 1_000  # items at once: what is done within one request, and what a person can look over
ASSESSABLE = frozenset({ItemStatus.REPORTED, ItemStatus.IN_ASSESSMENT})


@dataclass(frozen=True)
class BulkVerb:
    verb: str
    title: str
    permission: Permission
    do: Do
    done: str


@dataclass(frozen=True)
class Planned:
    """One item of a bulk action; `problem` says why it would be left out."""

    item: Item
    problem: str


def _each(act: Do, items: Sequence[Item], **what: Any) -> None:
    for item in items:
        act(item, **what)


def _moving(verb: str) -> Do:
    def act(item: Item, **what: Any) -> None:
        move(item, verb, **what)

    return partial(_each, act)


VERBS: dict[str, BulkVerb] = {
    row.verb: row
    for row in (
        BulkVerb("claim", "Start assessment", Permission.ASSESS_ITEM, _moving("claim"), "now in assessment"),
        BulkVerb("assess", "Assess", Permission.ASSESS_ITEM, assessment.assess_many, "assessed"),
        BulkVerb("approve", "Approve", Permission.APPROVE_ITEM, assessment.approve_many, "approved"),
        BulkVerb(
            "reject", "Not actionable", Permission.ASSESS_ITEM, partial(_each, assessment.reject), "set aside"
        ),
        BulkVerb("ask", "Ask the finder", Permission.ASSESS_ITEM, _moving("ask"), "waiting for the finder"),
        BulkVerb("hold", "Put on hold", Permission.HOLD_ITEM, partial(_each, holds.place), "on hold"),
        BulkVerb(
            "release", "Release the hold", Permission.HOLD_ITEM, partial(_each, holds.release), "released"
        ),
        BulkVerb("check", "Record a check", Permission.CHECK_ITEM, partial(_each, checks.record), "checked"),
    )
}


def offered(user: User) -> list[tuple[str, str]]:
    """Verbs and titles for the list under a table of items."""
    return [(row.verb, row.title) for row in VERBS.values() if can(user, row.permission)]


def plan(items: Sequence[Item], verb: str, *, by: User) -> list[Planned]:
    """For each item whether the verb fits it now. Raises `PermissionDenied`."""
    require(by, VERBS[verb].permission)
    return [Planned(item, _problem(item, verb, by)) for item in items]


def do(items: Sequence[Item], verb: str, *, by: User, **what: Any) -> None:
    """Do it to all or to none. Raises `TransitionNotAllowed`, `PermissionDenied`, `ValidationError`."""
    with transaction.atomic():
        VERBS[verb].do(items, by=by, **what)


def _problem(item: Item, verb: str, by: User) -> str:
    if verb == "check":
        return ""
    if verb == "assess":
        fits = item.status in ASSESSABLE
        return "" if fits else f"It is {item.get_status_display().lower()}, so not assessed now."
    try:
        explain(item, verb, by=by)
    except TransitionNotAllowed as refusal:
        return refusal.message
    return ""
