"""Questions about a notice and our replies, as both sides may read them."""

from dataclasses import dataclass
from datetime import datetime

from casework.models import Event
from notices.models import Notice

PLATFORM, DESK = "platform", "desk"
SIDES = {"notice.clarification_asked": PLATFORM, "notice.clarified": DESK}


@dataclass(frozen=True)
class Message:
    at: datetime
    side: str  # PLATFORM asks, DESK replies
    text: str


def messages(notice: Notice) -> list[Message]:
    """Oldest first; without the name of whoever wrote it."""
    said = Event.objects.filter(notice=notice.reference, kind__in=SIDES).order_by("at", "pk")
    return [Message(at, SIDES[kind], reason) for at, kind, reason in said.values_list("at", "kind", "reason")]
