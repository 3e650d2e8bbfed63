"""Handling of an item: the table of lifecycles.md, and the one way to move along it."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission as P
from casework.models import ClosedAs, Item, Presence
from casework.models import ItemStatus as S
from casework.transitions import Lifecycle, Transition


def _assessed(item: Item, by: User | None) -> str:
    if item.assessed_at is None:
        return f"{item} has no assessment yet: record ground, rationale and severity first."
    if by is not None and item.assessed_by_id == by.pk:
        return "Whoever assessed an item does not approve it; another reviewer must."
    if not item.exhibits.exists():
        return f"{item} has no exhibit: attach at least one screenshot or capture first."
    if item.last_live_at is None:
        return f"{item} has not been seen live: record a check first."
    return ""


def _gone_unnoticed(item: Item, by: User | None) -> str:
    if item.notified_at is not None:
        return f"A notice about {item} has left; it is not “gone before notice”."
    return "" if item.presence == Presence.GONE else f"{item} has not been confirmed gone: record a check first."


def _not_held(item: Item, by: User | None) -> str:
    return "This item is on hold." if item.holds.in_force(timezone.now()).exists() else ""


def _confirmed_gone(item: Item, by: User | None) -> str:
    return "" if item.presence == Presence.GONE else "The item has not been confirmed gone."


OPEN = frozenset(S.values) - {S.CLOSED}


def _row(verb: str, done: str, sources: Any, target: str | None, permission: P | None, **more: Any) -> Transition:
    sources = frozenset({sources} if isinstance(sources, str) else sources)
    return Transition(verb, done, sources, target, permission, **more)


LIFECYCLE = Lifecycle(
    "item",
    (
        _row("claim", "claimed", S.REPORTED, S.IN_ASSESSMENT, P.ASSESS_ITEM, label="Start assessment"),
        _row("ask", "questioned", S.IN_ASSESSMENT, S.INFO_NEEDED, P.ASSESS_ITEM,
             label="Ask the finder", needs_reason=True),
        _row("inform", "informed", S.INFO_NEEDED, S.IN_ASSESSMENT, P.IDENTIFY_ITEM,
             label="Answer the question", needs_reason=True),
        _row("approve", "approved", S.IN_ASSESSMENT, S.APPROVED, P.APPROVE_ITEM, guard=_assessed),
        _row("reject", "rejected", {S.IN_ASSESSMENT, S.INFO_NEEDED}, S.NOT_ACTIONABLE, P.ASSESS_ITEM,
             label="Not actionable", needs_reason=True, form=True),
        _row("revoke", "revoked", {S.APPROVED, S.ON_HOLD}, S.NOT_ACTIONABLE, P.APPROVE_ITEM,
             label="Revoke approval", needs_reason=True, form=True),
        _row("reconsider", "reconsidered", S.NOT_ACTIONABLE, S.IN_ASSESSMENT, P.APPROVE_ITEM, needs_reason=True),
        _row("hold", "held", {S.IN_ASSESSMENT, S.APPROVED}, S.ON_HOLD, P.HOLD_ITEM,
             label="Put on hold", needs_reason=True, form=True),
        _row("release", "released", S.ON_HOLD, None, P.HOLD_ITEM, label="Release the hold", needs_reason=True),
        _row("notify", "notified", S.APPROVED, S.NOTIFIED, None, guard=_not_held),
        _row("return", "returned", S.NOTIFIED, S.APPROVED, None),
        _row("watch", "confirmed_gone", S.NOTIFIED, S.WATCHING, None, guard=_confirmed_gone),
        _row("reappear", "reappeared", {S.WATCHING, S.CLOSED}, S.APPROVED, None),
        _row("close_gone", "found_gone", {S.IN_ASSESSMENT, S.APPROVED}, S.CLOSED, P.CHECK_ITEM,
             label="Close: gone before notice", guard=_gone_unnoticed),
        _row("close_removed", "closed_removed", S.WATCHING, S.CLOSED, None),
        _row("give_up", "given_up", S.NOTIFIED, S.CLOSED, P.CLOSE_ITEM, label="Close: not removed", needs_reason=True),
        _row("withdraw", "withdrawn", S.NOTIFIED, S.CLOSED, P.APPROVE_ITEM, label="Withdraw", needs_reason=True),
        _row("reopen", "reopened", S.CLOSED, S.IN_ASSESSMENT, P.REOPEN_ITEM, needs_reason=True),
        _row("mark_duplicate", "marked_duplicate", OPEN - {S.DUPLICATE}, S.DUPLICATE, P.ASSESS_ITEM,
             label="Mark as duplicate", form=True),
        _row("undo_duplicate", "undone_duplicate", S.DUPLICATE, None, P.ASSESS_ITEM, label="Not a duplicate"),
    ),
)  # fmt: skip

CLOSES_AS = {
    "close_gone": ClosedAs.GONE_BEFORE_NOTICE,
    "close_removed": ClosedAs.REMOVED,
    "give_up": ClosedAs.NOT_REMOVED,
    "withdraw": ClosedAs.WITHDRAWN,
}


def move(item: Item, verb: str, *, by: User | None, at: Any = None, stamps: Any = None, **more: Any) -> Item:
    """Move one item by one verb, with the stamps that the target status needs; see `Lifecycle.move`."""
    at = at or timezone.now()
    transition = LIFECYCLE.find(verb)
    own: dict[str, Any] = {}
    if transition.verb == "claim":
        own = {"claimed_at": at, "claimed_by": by}
    elif transition.verb == "approve":
        own = {"approved_at": at, "approved_by": by}
    if transition.target == S.CLOSED:
        own = {"closed_at": at, "closed_by": by, "closed_as": CLOSES_AS[verb]}
    elif S.CLOSED in transition.sources:
        own = {"closed_at": None, "closed_by": None, "closed_as": ""}
    if transition.target in {S.ON_HOLD, S.DUPLICATE}:
        own["status_before"] = item.status
    if S.NOT_ACTIONABLE in transition.sources:
        own["not_actionable_as"] = ""
    if transition.verb == "undo_duplicate":
        own["duplicate_of"] = None
    return LIFECYCLE.move(item, verb, by=by, at=at, stamps={**own, **(stamps or {})}, **more)
