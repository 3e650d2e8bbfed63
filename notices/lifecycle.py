"""Where the conversation about a notice stands: its table, and the one way to move along it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission as P
from casework.events import Actor
from casework.transitions import Lifecycle, Step, Transition
from notices.models import UNSENT, Notice
from notices.models import NoticeStatus as S


def _another(notice: Notice, by: User | None) -> str:
    if by is not None and by.pk in {notice.submitted_by_id, notice.drafted_by_id}:
        return "Whoever drafted a notice does not approve it; another reviewer must."
    return ""


def _told(notice: Notice, by: User | None) -> str:
    if notice.to_telephone():
        return "A life may depend on this notice: telephone the platform, and note the call, before it is closed."
    return ""


def _asking(notice: Notice, by: User | None) -> str:
    return "This letter asks for nothing; there is nothing to withdraw." if notice.asks_nothing else ""


def _row(verb: str, done: str, sources: Any, target: str, permission: P | None, **more: Any) -> Transition:
    sources = frozenset({sources} if isinstance(sources, str) else sources)
    return Transition(verb, done, sources, target, permission, **more)


TALKING = {S.SENT, S.ACKNOWLEDGED, S.CLARIFICATION, S.PART_ANSWERED, S.ANSWERED, S.NO_RESPONSE}

LIFECYCLE = Lifecycle(
    "notice",
    (
        _row("submit", "submitted", S.DRAFT, S.AWAITING_APPROVAL, P.DRAFT_NOTICE, label="Submit for approval"),
        _row("return", "returned", {S.AWAITING_APPROVAL, S.APPROVED}, S.DRAFT, P.APPROVE_NOTICE,
             label="Back to draft", needs_reason=True),
        _row("approve", "approved", S.AWAITING_APPROVAL, S.APPROVED, P.APPROVE_NOTICE, guard=_another),
        _row("queue", "queued", {S.APPROVED, S.DELIVERY_FAILED}, S.QUEUED, P.SEND_NOTICE, label="Send"),
        _row("stop", "stopped", S.QUEUED, S.APPROVED, None),  # an item may not be noticed any more
        _row("send", "sent", S.QUEUED, S.SENT, None),
        _row("fail", "delivery_failed", S.QUEUED, S.DELIVERY_FAILED, None),
        _row("bounce", "delivery_failed", {S.SENT, S.NO_RESPONSE}, S.DELIVERY_FAILED, P.SEND_NOTICE,
             label="Record a bounce", needs_reason=True, form=True),
        _row("acknowledge", "acknowledged", S.SENT, S.ACKNOWLEDGED, P.ANSWER_NOTICE, form=True),
        _row("clarify", "clarification_asked", {S.SENT, S.ACKNOWLEDGED}, S.CLARIFICATION, P.ANSWER_NOTICE,
             label="Ask a question", needs_reason=True),
        _row("reply", "clarified", S.CLARIFICATION, S.SENT, P.SEND_NOTICE,
             label="Answer the question", needs_reason=True),
        _row("answer_part", "part_answered",
             {S.SENT, S.ACKNOWLEDGED, S.CLARIFICATION, S.NO_RESPONSE}, S.PART_ANSWERED, None),
        _row("answer_all", "answered",
             {S.SENT, S.ACKNOWLEDGED, S.CLARIFICATION, S.PART_ANSWERED, S.NO_RESPONSE}, S.ANSWERED, None),
        _row("note_silence", "unanswered", {S.SENT, S.ACKNOWLEDGED, S.PART_ANSWERED}, S.NO_RESPONSE, None),
        # a chaser asks for nothing of its own: it is done once it has left, or when nothing is left to ask
        _row("remind", "reminded", S.QUEUED, S.CLOSED, None),
        _row("drop", "dropped", S.QUEUED, S.DISCARDED, None),
        _row("come_back", "delivery_failed", S.CLOSED, S.DELIVERY_FAILED, None),
        _row("close", "closed", {S.ANSWERED, S.NO_RESPONSE}, S.CLOSED, P.CLOSE_NOTICE, needs_reason=True,
             guard=_told),
        _row("withdraw", "withdrawn", TALKING, S.WITHDRAWN, P.APPROVE_NOTICE, needs_reason=True,
             guard=_asking),
        _row("discard", "discarded", {S.DRAFT, S.DELIVERY_FAILED}, S.DISCARDED, P.DRAFT_NOTICE,
             needs_reason=True),
    ),
)  # fmt: skip

__all__ = ["LIFECYCLE", "TALKING", "UNSENT", "move", "settle", "settle_all"]


def move(notice: Notice, verb: str, *, by: User | None, **more: Any) -> Notice:
    """Move one notice by one verb; see `Lifecycle.move`."""
    return LIFECYCLE.move(notice, verb, by=by, **more)


def settle(
    locked: Notice,
    verb: str,
    *,
    by: Actor | None,
    at: datetime | None = None,
    reason: str = "",
    stamps: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
) -> Notice:
    """Move a notice that the caller has locked, by a verb that follows from what they have just recorded.

    The caller has checked what `by` may do; the event names them. Raises `TransitionNotAllowed`.
    """
    step = Step(locked, at or timezone.now(), stamps or {}, details or {})
    LIFECYCLE.follow([step], verb, by=by, reason=reason)
    return locked


def settle_all(steps: Sequence[Step], verb: str) -> None:
    """`settle` for many, by the system; see `Lifecycle.follow`."""
    LIFECYCLE.follow(steps, verb, by=None)
