"""Handling of an item: the table of lifecycles.md, and the one way to move along it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from casework import episodes
from casework.models import ClosedAs, Item, Presence
from casework.models import ItemStatus as S
from casework.objections import objection
from casework.transitions import Lifecycle, Step, Transition, TransitionNotAllowed

_OWN = "What a checker keeps of its looks is not one: nobody has chosen it."
FRESH = timedelta(days=7)  # how long before its approval an item may last have been seen live


def _assessed(item: Item, by: User | None) -> str:
    if item.assessed_at is None:
        return f"{item} has no assessment yet: record ground, rationale and severity first."
    if by is not None and item.assessed_by_id == by.pk:
        return "Whoever assessed an item does not approve it; another reviewer must."
    if all(hasattr(each, "capture") for each in item.exhibits.all()):
        return f"{item} has no exhibit: attach at least one screenshot or capture first. {_OWN}"
    if item.last_live_at is None:
        return f"{item} has not been seen live: record a check first."
    if item.presence == Presence.GONE:
        return f"{item} has been confirmed gone: close it instead."
    return ""


def _gone_unnoticed(item: Item, by: User | None) -> str:
    if item.notified_at is not None:
        return f"A notice about {item} has left; it is not “gone before notice”."
    return (
        "" if item.presence == Presence.GONE else f"{item} has not been confirmed gone: record a check first."
    )


def _not_held(item: Item, by: User | None) -> str:
    return "This item is on hold." if item.holds.in_force(timezone.now()).exists() else ""


def _confirmed_gone(item: Item, by: User | None) -> str:
    return "" if item.presence == Presence.GONE else "The item has not been confirmed gone."


def open_rival(item: Item) -> Item | None:
    """The open item with the same address in the same case, which keeps this one from being open too."""
    others = Item.objects.filter(case=item.case_id, key=item.key).exclude(pk=item.pk)
    return others.exclude(status__in=[S.DUPLICATE, S.CLOSED]).first()


def _without_rival(item: Item, by: User | None) -> str:
    rival = open_rival(item)
    return f"{rival} in the same case has this very address and is open." if rival else ""


def _conversations_ended(item: Item, by: User | None) -> str:
    return objection("give_up", item)


OPEN = frozenset(S.values) - {S.CLOSED}


def _row(
    verb: str,
    done: str,
    sources: str | Collection[str],
    target: str | None,
    permission: Permission | None,
    **more: Any,
) -> Transition:
    return Transition(
        verb, done, frozenset({sources} if isinstance(sources, str) else sources), target, permission, **more
    )


LIFECYCLE = Lifecycle(
    "item",
    (
        _row("claim", "claimed", S.REPORTED, S.IN_ASSESSMENT, Permission.ASSESS_ITEM,
             label="Start assessment"),
        _row("ask", "questioned", S.IN_ASSESSMENT, S.INFO_NEEDED, Permission.ASSESS_ITEM,
             label="Ask the finder", needs_reason=True),
        _row("inform", "informed", S.INFO_NEEDED, S.IN_ASSESSMENT, Permission.IDENTIFY_ITEM,
             label="Answer the question", needs_reason=True),
        _row("approve", "approved", S.IN_ASSESSMENT, S.APPROVED, Permission.APPROVE_ITEM, guard=_assessed),
        _row("reject", "rejected", {S.IN_ASSESSMENT, S.INFO_NEEDED}, S.NOT_ACTIONABLE, Permission.ASSESS_ITEM,
             label="Not actionable", needs_reason=True, form=True),
        _row("revoke", "revoked", {S.APPROVED, S.ON_HOLD}, S.NOT_ACTIONABLE, Permission.APPROVE_ITEM,
             label="Revoke approval", needs_reason=True, form=True),
        _row("reconsider", "reconsidered", S.NOT_ACTIONABLE, S.IN_ASSESSMENT, Permission.APPROVE_ITEM,
             needs_reason=True),
        _row("hold", "held", {S.IN_ASSESSMENT, S.APPROVED}, S.ON_HOLD, Permission.HOLD_ITEM,
             label="Put on hold", needs_reason=True, form=True),
        _row("release", "released", S.ON_HOLD, None, Permission.HOLD_ITEM,
             label="Release the hold", needs_reason=True),
        _row("notify", "notified", S.APPROVED, S.NOTIFIED, None, guard=_not_held),
        _row("return", "returned", S.NOTIFIED, S.APPROVED, None),
        _row("watch", "confirmed_gone", S.NOTIFIED, S.WATCHING, None, guard=_confirmed_gone),
        _row("reappear", "reappeared", {S.WATCHING, S.CLOSED}, S.APPROVED, None),
        _row("resurface", "resurfaced", S.CLOSED, S.IN_ASSESSMENT, None),
        _row("close_gone", "found_gone", {S.IN_ASSESSMENT, S.APPROVED}, S.CLOSED, Permission.CHECK_ITEM,
             label="Close: gone before notice", guard=_gone_unnoticed),
        _row("close_removed", "closed_removed", S.WATCHING, S.CLOSED, None),
        _row("give_up", "given_up", S.NOTIFIED, S.CLOSED, Permission.CLOSE_ITEM,
             label="Close: not removed", needs_reason=True, guard=_conversations_ended),
        _row("withdraw", "withdrawn", S.NOTIFIED, S.CLOSED, Permission.APPROVE_ITEM,
             label="Withdraw", needs_reason=True),
        _row("reopen", "reopened", S.CLOSED, S.IN_ASSESSMENT, Permission.REOPEN_ITEM,
             needs_reason=True, guard=_without_rival),
        _row("mark_duplicate", "marked_duplicate", OPEN - {S.DUPLICATE}, S.DUPLICATE, Permission.ASSESS_ITEM,
             label="Mark as duplicate", form=True),
        _row("undo_duplicate", "undone_duplicate", S.DUPLICATE, None, Permission.ASSESS_ITEM,
             label="Not a duplicate"),
    ),
)  # fmt: skip

CLOSES_AS = {
    "close_gone": ClosedAs.GONE_BEFORE_NOTICE,
    "close_removed": ClosedAs.REMOVED,
    "give_up": ClosedAs.NOT_REMOVED,
    "withdraw": ClosedAs.WITHDRAWN,
}
BY_WHOM = {"claim": "claimed", "approve": "approved"}


def move(
    item: Item,
    verb: str,
    *,
    by: User | None,
    at: datetime | None = None,
    reason: str = "",
    stamps: Mapping[str, Any] | None = None,
    **more: Any,
) -> Item:
    """Move one item by one verb, with what its new status needs; see `Lifecycle.move`.

    Closing ends the item's episode; a withdrawal also sets the item aside (exclusion X1).
    """
    at = at or timezone.now()
    transition = LIFECYCLE.find(verb)
    with transaction.atomic():
        locked = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        if verb == "approve":
            explain(locked, verb, by=by, at=at)
        own = _stamps(locked, transition, by=by, at=at)
        LIFECYCLE.move(item, verb, by=by, at=at, reason=reason, stamps={**own, **(stamps or {})}, **more)
        if item.status == S.CLOSED:
            episodes.end(item, withdrawn=verb == "withdraw", reason=reason, by=by, at=at)
    return item


def notify(noticed: Sequence[tuple[Item, datetime]]) -> None:
    """Move approved items, locked, of which a notice left at that time."""
    steps = [Step(item, at, {"notified_at": item.notified_at or at}) for item, at in noticed]
    LIFECYCLE.follow(steps, "notify", by=None)


def explain(item: Item, verb: str, *, by: User | None, at: datetime | None = None) -> None:
    """Raise `PermissionDenied` or `TransitionNotAllowed` if `by` may not or cannot do this at `at`."""
    LIFECYCLE.explain(item, LIFECYCLE.find(verb), by)
    if verb == "approve" and item.last_live_at and (at or timezone.now()) - item.last_live_at > FRESH:
        raise TransitionNotAllowed(
            f"{item} was last seen live on {item.last_live_at:%d %B %Y}: record a fresh check first.",
            status=item.status,
            allowed=[row.verb for row in LIFECYCLE.available(item, by) if row.verb != verb],
        )


def _stamps(item: Item, transition: Transition, *, by: User | None, at: datetime) -> dict[str, Any]:
    """The columns that go with the new status, from the item as it is before the move."""
    stamps: dict[str, Any] = {}
    if who := BY_WHOM.get(transition.verb):
        stamps = {f"{who}_at": at, f"{who}_by": by}
    if transition.target == S.CLOSED:
        stamps = {"closed_at": at, "closed_by": by, "closed_as": CLOSES_AS[transition.verb]}
    elif item.status == S.CLOSED:
        stamps = {"closed_at": None, "closed_by": None, "closed_as": ""}
    if transition.target in {S.ON_HOLD, S.DUPLICATE}:
        stamps["status_before"] = item.status
    elif transition.target is None:
        stamps["status_before"] = _before_hold(item) if item.status_before == S.ON_HOLD else ""
    if item.status == S.NOT_ACTIONABLE and transition.target != S.DUPLICATE:
        stamps["not_actionable_as"] = ""
    if transition.verb == "undo_duplicate":
        stamps["duplicate_of"] = None
    return stamps


def _before_hold(item: Item) -> str:
    """Where a hold found the item; asked when its marking as a duplicate, made during the hold, is undone."""
    held = item.events.filter(kind="item.held").order_by("-pk").first()
    return held.old if held else S.IN_ASSESSMENT
