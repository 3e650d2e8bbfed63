"""Mail that came in as lists: what waits for whom, and how much of it there is."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from notices.incoming.reading import NOT_OUR_LETTER, TO_REPLY
from notices.models import MailKind as K
from notices.models import MailReading

SPEAKING = (K.REPLY, K.RECEIPT, K.UNREADABLE)
ABOUT_DELIVERY = (K.BOUNCE, K.DELAYED, K.DELIVERED)
OPEN = Q(settled_as="")
# A letter may have come back although nothing could be done about it.
DOUBTFUL = Q(kind=K.BOUNCE) & (Q(remarks__contains=[NOT_OUR_LETTER]) | Q(remarks__contains=[TO_REPLY]))
MATCHED = Q(notice__isnull=False)


@dataclass(frozen=True)
class Queue:
    title: str
    condition: Q
    empty: str  # what an empty list says
    to_do: bool = True  # whether somebody has to look


QUEUES: Mapping[str, Queue] = {
    "to_read": Queue(
        "To read",
        OPEN & MATCHED & Q(kind__in=SPEAKING, is_verified=True),
        "Replies from the platforms appear here; nothing is recorded before you confirm it.",
    ),
    "unverified": Queue(
        "Sender not verified",
        OPEN & MATCHED & Q(kind__in=SPEAKING, is_verified=False),
        "Replies appear here when it is not proven that the platform wrote them.",
    ),
    "unmatched": Queue(
        "Without a notice",
        OPEN & ~MATCHED,
        "What was not written to the address of a notice appears here, to be attached or set aside.",
    ),
    "doubtful": Queue(
        "Did it come back?",
        MATCHED & OPEN & DOUBTFUL,
        "Reports that a letter was not delivered appear here when they changed nothing: read them, and record at the "
        "notice what is true.",
    ),
    "bounces": Queue(
        "About delivery",
        MATCHED & OPEN & Q(kind__in=ABOUT_DELIVERY) & ~DOUBTFUL,
        "Reports of mail servers about our letters appear here.",
        to_do=False,
    ),
    "automatic": Queue(
        "Automatic",
        MATCHED & OPEN & Q(kind__in=(K.OUT_OF_OFFICE, K.AUTOMATIC, K.OPENED)),
        "Out-of-office notes, read receipts and what else programs write appear here. They are no answer.",
        to_do=False,
    ),
    "settled": Queue("Settled", ~OPEN, "What has been confirmed or set aside stays here.", to_do=False),
}
FIRST = "to_read"


def counts(user: User) -> dict[str, int]:
    """How many messages stand in each list, with one query."""
    counted = {slug: Count("pk", filter=queue.condition) for slug, queue in QUEUES.items()}
    found: dict[str, int] = MailReading.objects.visible_to(user).order_by().aggregate(**counted)
    return found


def to_do(user: User) -> int:
    """How many messages wait for somebody."""
    waiting = OPEN & (~MATCHED | Q(kind__in=SPEAKING) | DOUBTFUL)
    return int(MailReading.objects.visible_to(user).filter(waiting).count())
