"""Questions about a notice, objections to it, and our replies, as both sides may read them."""

from dataclasses import dataclass
from datetime import datetime

from casework.models import Event
from notices.models import Notice

PLATFORM, DESK = "platform", "desk"
QUESTION, OBJECTION, REPLY = "question", "objection", "reply"
SIDES = {
    "notice.clarification_asked": (PLATFORM, QUESTION),
    "notice.objected": (PLATFORM, OBJECTION),
    "notice.clarified": (DESK, REPLY),
}


@dataclass(frozen=True)
class Message:
    at: datetime
    side: str  # PLATFORM asks or objects, DESK replies
    text: str
    kind: str  # QUESTION, OBJECTION or REPLY


def messages(notice: Notice) -> list[Message]:
    """Oldest first; without the name of whoever wrote it."""
    said = Event.objects.filter(notice=notice.reference, kind__in=SIDES).order_by("at", "pk")
    return [
        Message(at, SIDES[kind][0], reason, SIDES[kind][1])
        for at, kind, reason in said.values_list("at", "kind", "reason")
    ]
