"""Recording what happened, once per change, in the transaction of the change; and reading it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from casework.models import Case, Event, Item

SYSTEM = "Takedown Desk"


@dataclass(frozen=True)
class Outsider:
    """Somebody who acts without an account; the history keeps them by this name."""

    name: str


Actor = User | Outsider


def account(by: Actor | None) -> User | None:
    """The person's record, for a column that refers to one; None for the system and for whoever has no account."""
    return None if isinstance(by, Outsider) else by


def build(
    kind: str,
    *,
    by: Actor | None,
    at: datetime,
    case: Case | None = None,
    item: Item | None = None,
    notice: str = "",
    old: str = "",
    new: str = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    recorded_at: datetime | None = None,
    actor_name: str = "",
) -> Event:
    """An event not yet stored; `by=None` is the system itself. `at` and `recorded_at` are aware times."""
    return Event(
        kind=kind,
        case_id=case.pk if case else item.case_id if item else None,
        item=item,
        notice=notice,
        old=old,
        new=new,
        actor=account(by),
        actor_name=actor_name or (by.name if by else SYSTEM),
        reason=reason,
        details=dict(details or {}),
        at=at,
        recorded_at=recorded_at or timezone.now(),
    )


def record(kind: str, **what: Any) -> Event:
    """Store one event; the arguments are those of `build`."""
    event = build(kind, **what)
    event.save(force_insert=True)
    return event


def record_all(events: Iterable[Event]) -> list[Event]:
    """Store many events with one statement per thousand."""
    return Event.objects.bulk_create(events, batch_size=1000)
