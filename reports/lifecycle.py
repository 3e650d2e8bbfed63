"""Where an edition stands: its table, and the one way to move along it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission as P
from casework.transitions import Lifecycle, Transition
from reports import events
from reports.models import Edition
from reports.models import EditionStatus as S


def _computed(edition: Edition, by: User | None) -> str:
    return "" if edition.frozen else "The figures of this edition have not been computed yet."


def _by_another(edition: Edition, by: User | None) -> str:
    if by is not None and by.pk == edition.prepared_by_id:
        return "Whoever prepared an edition does not approve it; somebody else must."
    return _computed(edition, by)


def rival(edition: Edition) -> Edition | None:
    """The published edition of the same scope that this one does not revise."""
    scope = {name: getattr(edition, name) for name in ("first", "last", *Edition.SCOPE)}
    published = Edition.objects.filter(**scope, status=S.PUBLISHED)
    return published.exclude(pk__in=[edition.pk, edition.supersedes_id or 0]).first()


def _without_rival(edition: Edition, by: User | None) -> str:
    other = rival(edition)
    return f"{other} of the same scope is published: revise that one instead." if other else ""


def _not_under_revision(edition: Edition, by: User | None) -> str:
    successor = edition.successors.exclude(status=S.DISCARDED).first()
    return f"{successor} revises this edition: discard that one first." if successor else ""


def _row(verb: str, done: str, sources: Any, target: str, permission: P | None, **more: Any) -> Transition:
    sources = frozenset({sources} if isinstance(sources, str) else sources)
    return Transition(verb, done, sources, target, permission, **more)


LIFECYCLE = Lifecycle(
    "edition",
    (
        _row("approve", "approved", S.DRAFT, S.APPROVED, P.RELEASE_EDITION, guard=_by_another),
        _row("publish", "published", S.APPROVED, S.PUBLISHED, P.RELEASE_EDITION, guard=_without_rival),
        _row("supersede", "superseded", S.PUBLISHED, S.SUPERSEDED, None),
        _row("withdraw", "withdrawn", S.PUBLISHED, S.WITHDRAWN, P.RELEASE_EDITION, needs_reason=True,
             guard=_not_under_revision),
        _row("discard", "discarded", {S.DRAFT, S.APPROVED}, S.DISCARDED, P.PREPARE_EDITION, needs_reason=True),
    ),
    record=events.record,
)  # fmt: skip
STAMPS = {"approve": "approved", "publish": "published"}  # every other verb ends the edition


def move(
    edition: Edition, verb: str, *, by: User | None, at: datetime | None = None, reason: str = ""
) -> Edition:
    """Move one edition by one verb; see `Lifecycle.move`. Publishing a revision supersedes what it revises."""
    at = at or timezone.now()
    with transaction.atomic():
        if verb == "publish" and edition.supersedes:
            stamps = {"ended_at": at, "ended_by": by}
            why, details = edition.revision_reason, {"by": edition.reference}
            LIFECYCLE.move(
                edition.supersedes, "supersede", by=None, at=at, reason=why, stamps=stamps, details=details
            )
        stamp = STAMPS.get(verb, "ended")
        stamps = {f"{stamp}_at": at, f"{stamp}_by": by}
        return LIFECYCLE.move(edition, verb, by=by, at=at, reason=reason, stamps=stamps)
