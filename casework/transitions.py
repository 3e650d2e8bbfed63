"""What every lifecycle shares: a table of transitions, the refusal, and the one way to move.

A lifecycle module holds a tuple of `Transition`; `move` locks the row, looks the verb up, refuses or forbids, stamps,
saves and records one event, in one transaction. Buttons, the API's `actions`, the docs and the test matrix read the
same table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can, require
from casework import events

Guard = Callable[[Any, User | None], str]  # returns why not, or ""


class TransitionNotAllowed(Exception):
    """The verb cannot be used now; says why, in what status the record is, and which verbs could be."""

    def __init__(self, message: str, *, status: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message, self.status, self.allowed = message, status, list(allowed)


@dataclass(frozen=True)
class Transition:
    verb: str  # approve
    done: str  # approved: the event is item.approved
    sources: frozenset[str]
    target: str | None  # None: back to `status_before`
    permission: Permission | None  # None: the system alone
    guard: Guard | None = None
    label: str = ""  # what the button says
    needs_reason: bool = False
    form: bool = False  # the verb has a form of its own (more than a reason), so no plain button

    @property
    def title(self) -> str:
        return self.label or self.verb.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Lifecycle:
    noun: str  # item
    table: tuple[Transition, ...]
    record: Callable[..., Any] = events.record  # takes the kind, the record by its noun, and who, when, why

    def find(self, verb: str) -> Transition:
        return next(row for row in self.table if row.verb == verb)

    def by_verb(self) -> Mapping[str, Transition]:
        return {row.verb: row for row in self.table}

    def available(self, obj: Any, user: User | None) -> list[Transition]:
        """What this person could do with this record now (guards included)."""
        return [
            row
            for row in self.table
            if obj.status in row.sources
            and row.permission is not None
            and can(user, row.permission)
            and not (row.guard and row.guard(obj, user))
        ]

    def explain(self, obj: Any, transition: Transition, by: User | None) -> None:
        """Raise `PermissionDenied` or `TransitionNotAllowed` if `by` may not or cannot do this now."""
        if transition.permission is not None:
            require(by, transition.permission)
        elif by is not None:
            raise PermissionDenied("Only the system does this.")
        if obj.status not in transition.sources:
            raise TransitionNotAllowed(
                f"{obj} is {obj.get_status_display().lower()}; it cannot be {transition.done.replace('_', ' ')} now.",
                status=obj.status,
                allowed=[row.verb for row in self.available(obj, by)],
            )
        if transition.guard and (why := transition.guard(obj, by)):
            raise TransitionNotAllowed(
                why, status=obj.status, allowed=[row.verb for row in self.available(obj, by)]
            )

    def move(
        self,
        obj: Any,
        verb: str,
        *,
        by: User | None,
        reason: str = "",
        at: datetime | None = None,
        stamps: Mapping[str, Any] | None = None,
        details: Mapping[str, Any] | None = None,
        recorded_at: datetime | None = None,
    ) -> Any:
        """Move one record by one verb; returns the fresh record and updates `obj` in place.

        `stamps` are further columns to set. Raises `TransitionNotAllowed`, `PermissionDenied`.
        """
        at = at or timezone.now()
        transition = self.find(verb)
        with transaction.atomic():
            locked = type(obj)._default_manager.select_for_update(of=("self",)).get(pk=obj.pk)
            self.explain(locked, transition, by)
            if transition.needs_reason and not reason.strip():
                raise TransitionNotAllowed("Give a reason.", status=locked.status)
            self.apply(
                locked,
                transition,
                by=by,
                at=at,
                stamps=stamps or {},
                reason=reason,
                details=details or {},
                recorded_at=recorded_at,
            )
        for field in locked._meta.concrete_fields:
            setattr(obj, field.attname, getattr(locked, field.attname))
        return obj

    def apply(
        self,
        locked: models.Model,
        transition: Transition,
        *,
        by: events.Actor | None,
        at: datetime,
        stamps: Mapping[str, Any],
        reason: str,
        details: Mapping[str, Any],
        recorded_at: datetime | None = None,
    ) -> None:
        old = locked.status  # type: ignore[attr-defined]
        new = transition.target or locked.status_before  # type: ignore[attr-defined]
        for name, value in {"status": new, **stamps}.items():
            setattr(locked, name, value)
        locked.save(update_fields=["status", *stamps])
        subject: dict[str, Any] = {
            self.noun: locked.reference if self.noun == "notice" else locked  # type: ignore[attr-defined]
        }
        self.record(
            f"{self.noun}.{transition.done}",
            by=by,
            at=at,
            old=old,
            new=new,
            reason=reason,
            details=details,
            recorded_at=recorded_at,
            **subject,
        )
