"""The work on notices as lists: which statuses each holds, and how many of them there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from accounts.models import User
from accounts.roles import Role
from notices.lifecycle import TALKING
from notices.models import (
    AWAITING_ANSWER,
    CONVERSATIONS,
    TELLING,
    UNSENT,
    DeliveryRecord,
    Dispatch,
    Dispute,
    Notice,
    NoticeKind,
)
from notices.models import NoticeStatus as S

SOON = timedelta(hours=24)


@dataclass(frozen=True)
class Worklist:
    title: str
    statuses: tuple[str, ...]
    next_step: str  # what an empty list, or its card, says
    overdue: bool = False  # only those past their time
    due_soon: bool = False  # only those whose time will be over within a day
    for_a_person: bool = False  # only those of which a person must say whether they arrived
    asking: bool = False  # only letters that ask for something
    disputed: bool = False  # only those of which an answer is disputed by a letter that has left
    to_telephone: bool = False  # only those on which a life may depend, and nobody has telephoned

    def condition(self, at: datetime) -> Q:
        found = Q(status__in=self.statuses)
        if S.CLOSED in self.statuses:  # a chaser is closed once it has left; nobody answers it
            found &= ~Q(kind=NoticeKind.CHASER)
        if self.asking:
            found &= ~Q(kind__in=TELLING)
        if self.overdue:
            found &= Q(due_at__lt=at)
        if self.due_soon:
            found &= Q(due_at__gte=at, due_at__lte=at + SOON)
        if self.for_a_person:
            found &= Q(pk__in=Dispatch.objects.for_a_person().values("notice"))
        if self.disputed:
            left = Dispute.objects.standing().exclude(line__notice__status__in=UNSENT)
            found &= Q(pk__in=left.values("answer__line__notice"))
        if self.to_telephone:
            spoken = DeliveryRecord.objects.filter(kind__in=CONVERSATIONS)
            found &= Q(threat_to_life=True) & ~Q(pk__in=spoken.values("notice"))
        return found


OURS: Mapping[str, Worklist] = {
    "to_telephone": Worklist(
        "To telephone",
        (S.APPROVED, S.QUEUED, S.DELIVERY_FAILED, *sorted(TALKING)),
        "A life may depend on these: telephone the platform, and note the call.",
        to_telephone=True,
    ),
    "draft": Worklist("Drafts", (S.DRAFT,), "Read the letter, then submit it for approval."),
    "to_approve": Worklist(
        "To approve", (S.AWAITING_APPROVAL,), "Read the letter; approve it or send it back."
    ),
    "to_send": Worklist("To send", (S.APPROVED,), "Approved letters that have not left."),
    "queued": Worklist(
        "On the way", (S.QUEUED,), "They leave by themselves, except those delivered by hand."
    ),
    "unknown": Worklist(
        "Did it arrive?", (S.QUEUED,), "Find out whether it arrived, and say so.", for_a_person=True
    ),
    "failed": Worklist(
        "Delivery failed", (S.DELIVERY_FAILED,), "Mend the channel, or choose another, and send again."
    ),
    "waiting": Worklist("Waiting for an answer", tuple(AWAITING_ANSWER), "The platform's turn.", asking=True),
    "due_soon": Worklist(
        "Due within a day",
        tuple(AWAITING_ANSWER),
        "No answer falls due within 24 hours.",
        due_soon=True,
    ),
    "overdue": Worklist(
        "Overdue", tuple(AWAITING_ANSWER), "Past the time the platform promised.", overdue=True
    ),
    "question": Worklist(
        "Question asked", (S.CLARIFICATION,), "The platform waits for our reply; the clock stands."
    ),
    "no_response": Worklist(
        "No response", (S.NO_RESPONSE,), "The time is long past. A late answer still counts."
    ),
    "answered": Worklist("Answered", (S.ANSWERED,), "Check the items, then close the notice."),
}
THEIRS: Mapping[str, Worklist] = {
    "to_answer": Worklist(
        "To answer",
        (*AWAITING_ANSWER, S.NO_RESPONSE),
        "New notices appear here as soon as they are sent.",
        asking=True,
    ),
    "disputed": Worklist(
        "Disputed",
        (*sorted(TALKING), S.CLOSED),
        "No answer of yours is disputed.",
        disputed=True,
    ),
    "due_soon": OURS["due_soon"],
    "overdue": OURS["overdue"],
    "question": Worklist("Question asked", (S.CLARIFICATION,), "You asked; the reply comes here."),
    "answered": Worklist("Answered", (S.ANSWERED, S.CLOSED), "What you have answered stays here."),
}


def worklists(user: User) -> Mapping[str, Worklist]:
    """Those of a liaison, or ours."""
    return THEIRS if user.role == Role.LIAISON else OURS


def counts(user: User, at: datetime) -> dict[str, int]:
    """How many notices stand in each of the person's lists, with one query."""
    lists = worklists(user)
    counted = {slug: Count("pk", filter=each.condition(at)) for slug, each in lists.items()}
    found: dict[str, int] = Notice.objects.visible_to(user).order_by().aggregate(**counted)
    return found
