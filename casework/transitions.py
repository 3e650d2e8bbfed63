"""What every lifecycle shares: a table of transitions, the refusal, and the one way to move.

A lifecycle module holds a tuple of `Transition`; `move` locks the row, looks the verb up, refuses or forbids, stamps,
saves and records one event, in one transaction. Buttons, the API's `actions`, the docs and the test matrix read the
same table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, can, require
from casework import events
from casework.rewriting import rewrite

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
class Step:
    """One locked record that moves with others: when, and the further columns to set, the same ones for all."""

    obj: Any
    at: datetime
    stamps: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


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
        for column in locked._meta.concrete_fields:
            setattr(obj, column.attname, getattr(locked, column.attname))
        return obj

    def follow(self, steps: Sequence[Step], verb: str, *, by: events.Actor | None, reason: str = "") -> None:
        """Move locked records by a verb that follows from what the caller has just recorded; two statements in all.

        The caller has checked what `by` may do: nobody's permission and no guard is asked, only where each record
        stands. Raises `TransitionNotAllowed`.
        """
        transition = replace(self.find(verb), permission=None, guard=None)
        told = []
        for step in steps:
            self.explain(step.obj, transition, None)
            new = transition.target or step.obj.status_before
            told.append(
                events.build(
                    f"{self.noun}.{transition.done}", by=by, at=step.at, old=step.obj.status, new=new,
                    reason=reason, details=step.details, **self._subject(step.obj),
                )
            )  # fmt: skip
            for name, value in {"status": new, **step.stamps}.items():
                setattr(step.obj, name, value)
        if steps:
            rewrite([step.obj for step in steps], ["status", *steps[0].stamps])
            events.record_all(told)

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
        self.record(
            f"{self.noun}.{transition.done}",
            by=by,
            at=at,
            old=old,
            new=new,
            reason=reason,
            details=details,
            recorded_at=recorded_at,
            **self._subject(locked),
        )

    def _subject(self, obj: Any) -> dict[str, Any]:
        return {self.noun: obj.reference if self.noun == "notice" else obj}
