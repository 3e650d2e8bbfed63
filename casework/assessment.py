"""Assessing items: what they are, why they should go, how severe; then approval by somebody else."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from casework import events
from casework.lifecycle import LIFECYCLE, explain, move
from casework.models import Assessment, Category, Ground, Item, ItemStatus, NotActionable
from casework.transitions import TransitionNotAllowed
from platforms.models import PolicyClause


def assess(
    item: Item,
    *,
    category: Category,
    ground: Ground,
    rationale: str,
    severity: str,
    protected_speech: str,
    policy_clause: PolicyClause | None = None,
    threat_to_life: bool = False,
    by: User,
    at: datetime | None = None,
) -> Assessment:
    """Record why the item should go; a reported item is claimed on the way. A later one supersedes it.

    Raises `TransitionNotAllowed` unless the item is reported or in assessment, `ValidationError` per field.
    """
    require(by, Permission.ASSESS_ITEM)
    at = at or timezone.now()
    if policy_clause and policy_clause.platform_id != item.platform_id:
        raise ValidationError({"policy_clause": f"This clause is not one of {item.platform}'s."})
    if policy_clause and policy_clause.valid_from and policy_clause.valid_from > timezone.localdate(at):
        raise ValidationError(
            {"policy_clause": f"This clause holds from {policy_clause.valid_from:%-d %B %Y} only."}
        )
    assessment = Assessment(
        item=item,
        category=category,
        ground=ground,
        policy_clause=policy_clause,
        rationale=rationale.strip(),
        severity=severity,
        threat_to_life=threat_to_life,
        protected_speech=protected_speech,
        assessed_at=at,
        assessed_by=by,
    )
    assessment.full_clean()
    with transaction.atomic():
        locked = Item.objects.select_for_update().get(pk=item.pk)
        if locked.status == ItemStatus.REPORTED:
            move(locked, "claim", by=by, at=at)
        if locked.status != ItemStatus.IN_ASSESSMENT:
            raise TransitionNotAllowed(
                f"{locked} is {locked.get_status_display().lower()}; it cannot be assessed now.",
                status=locked.status,
                allowed=[row.verb for row in LIFECYCLE.available(locked, by)],
            )
        assessment.save(force_insert=True)
        _stamp(locked, assessment)
    item.refresh_from_db()
    return assessment


def _stamp(item: Item, assessment: Assessment) -> None:
    """What lists and guards need of the latest assessment, and its event."""
    stamps = {
        "category": assessment.category,
        "severity": assessment.severity,
        "threat_to_life": assessment.threat_to_life,
        "described_at": timezone.now(),
        "assessed_at": assessment.assessed_at,
        "assessed_by": assessment.assessed_by,
        "priority": 1 if assessment.threat_to_life else item.priority,
    }
    for name, value in stamps.items():
        setattr(item, name, value)
    item.save(update_fields=list(stamps))
    details = {
        "ground": assessment.ground.name,
        "severity": assessment.severity,
        "category": assessment.category.name,
    }
    events.record(
        "item.assessed", by=assessment.assessed_by, at=assessment.assessed_at, item=item, details=details
    )


def assess_many(items: Sequence[Item], **what: object) -> list[Assessment]:
    """The same assessment for each item, all or none; the arguments are those of `assess`."""
    with transaction.atomic():
        return [assess(item, **what) for item in items]  # type: ignore[arg-type]


def approve(item: Item, *, by: User, at: datetime | None = None) -> Item:
    """Let the item be noticed; never by whoever assessed it."""
    return move(item, "approve", by=by, at=at)


def approve_many(items: Sequence[Item], *, by: User, at: datetime | None = None) -> list[Item]:
    """Approve all or none; the refusal names every item that stands in the way."""
    require(by, Permission.APPROVE_ITEM)
    with transaction.atomic():
        locked = list(
            Item.objects.select_for_update(of=("self",))
            .filter(pk__in=[item.pk for item in items])
            .order_by("pk")
        )
        problems = []
        for item in locked:
            try:
                explain(item, "approve", by=by, at=at)
            except TransitionNotAllowed as refused:
                problems.append(refused.message)
        if problems:
            raise TransitionNotAllowed(" ".join(problems), status="mixed")
        return [move(item, "approve", by=by, at=at) for item in locked]


def reject(item: Item, *, as_: str, reason: str, by: User, at: datetime | None = None) -> Item:
    """Set the item aside as not actionable, with its code; no notice has been approved yet."""
    return _set_aside(item, "reject", as_, reason=reason, by=by, at=at)


def revoke(item: Item, *, as_: str, reason: str, by: User, at: datetime | None = None) -> Item:
    """Take an approval back: not actionable after all."""
    return _set_aside(item, "revoke", as_, reason=reason, by=by, at=at)


def _set_aside(item: Item, verb: str, as_: str, *, reason: str, by: User, at: datetime | None) -> Item:
    if as_ not in NotActionable.values:
        raise ValidationError({"as_": f"Say why: {', '.join(NotActionable.values)}."})
    return move(
        item, verb, by=by, at=at, reason=reason, stamps={"not_actionable_as": as_}, details={"as": as_}
    )
