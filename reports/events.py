"""What happened to an edition, once per change, in the transaction of the change; and as a sentence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils import timezone

from accounts.models import User
from casework.events import SYSTEM
from reports.models import Edition, EditionEvent


def record(
    kind: str,
    *,
    edition: Edition,
    by: User | None,
    at: datetime,
    old: str = "",
    new: str = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    recorded_at: datetime | None = None,
) -> EditionEvent:
    """Store one event; `by=None` is the system itself."""
    return EditionEvent.objects.create(
        edition=edition,
        kind=kind,
        old=old,
        new=new,
        actor=by,
        actor_name=by.name if by else SYSTEM,
        reason=reason,
        details=dict(details or {}),
        at=at,
        recorded_at=recorded_at or timezone.now(),
    )


def note_opening(edition: Edition, *, by: User, at: datetime | None = None) -> None:
    """Log that somebody read figures that are not released; of released ones nothing is noted."""
    if not edition.is_released and edition.frozen:
        record("edition.opened", edition=edition, by=by, at=at or timezone.now())


def sentence(event: EditionEvent) -> str:
    """The event in words, as plain text, from `templates/events/<kind>.txt`."""
    template = get_template(f"events/{event.kind}.txt").template  # type: ignore[attr-defined] # Django's own engine
    said: str = template.render(Context({"event": event, "details": event.details}, autoescape=False))
    return said.strip()
