"""Next actions: the work queues, their counts, and what an empty one says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Value

from accounts.models import User
from accounts.roles import Permission
from casework import disputes
from casework.models import Item, ItemQuerySet


@dataclass(frozen=True)
class Queue:
    slug: str
    title: str
    who: Permission
    empty_text: str
    items: Callable[[ItemQuerySet, datetime], ItemQuerySet]
    order: tuple[str, ...] = ()  # of a dispute, whose list tells what was said and seen, and when
    letters: bool = False  # whether the platform is written to about what stands in it


BY_CLAIM = ("claim_at", "pk")
BY_LOOK = ("last_checked_at", "pk")
_QUEUES = (
    Queue("reappeared", "Reappeared", Permission.DRAFT_NOTICE,
          "Nothing that was removed has come back.", lambda items, at: items.reappeared()),
    Queue("says_removed", "Says removed, we see it", Permission.CHECK_ITEM,
          "Nothing that a platform called removed has been seen since.",
          lambda items, at: disputes.said_removed(items), BY_CLAIM, letters=True),
    Queue("says_kept", "Says kept, we do not see it", Permission.CHECK_ITEM,
          "Nothing that a platform keeps is gone.",
          lambda items, at: disputes.said_kept(items), BY_CLAIM, letters=True),
    Queue("checker_gone", "Person sees it, checker does not", Permission.CHECK_ITEM,
          "No checker has missed what a person saw from the same country within a day.",
          disputes.only_a_person_sees, BY_LOOK),
    Queue("checker_live", "Checker sees it, person does not", Permission.CHECK_ITEM,
          "No person has missed what a checker saw from the same country within a day.",
          disputes.only_the_checker_sees, BY_LOOK),
    Queue("to_assess", "To assess", Permission.ASSESS_ITEM,
          "Everything has been assessed. Paste addresses into a case to log more.",
          lambda items, at: items.to_assess()),
    Queue("to_approve", "To approve", Permission.APPROVE_ITEM,
          "No assessment waits for approval.", lambda items, at: items.to_approve()),
    Queue("to_notify", "To notify", Permission.DRAFT_NOTICE,
          "No approved item waits for a notice.", lambda items, at: items.to_notify()),
    Queue("to_check", "To check", Permission.CHECK_ITEM,
          "No look is due. Looks are due 1, 24 and 48 hours, 7 and 28 days after receipt, then monthly.",
          lambda items, at: items.to_check(at)),
    Queue("unseen", "Not seen in time", Permission.CHECK_ITEM,
          "Every look was made within the hour, and told something.", lambda items, at: items.unseen(at)),
    Queue("info_needed", "Information needed", Permission.IDENTIFY_ITEM,
          "No question to a finder is open.", lambda items, at: items.info_needed()),
    Queue("on_hold", "On hold", Permission.HOLD_ITEM, "Nothing is on hold.", lambda items, at: items.on_hold()),
)  # fmt: skip

QUEUES: Mapping[str, Queue] = {queue.slug: queue for queue in _QUEUES}


def counts(user: User, at: datetime) -> dict[str, int]:
    """How many items wait in each queue, with one query that can use each queue's own index."""
    visible = Item.objects.visible_to(user).order_by()
    first, *others = (
        queue.items(visible, at)
        .annotate(queue=Value(slug))
        .values("queue")
        .annotate(n=Count("pk"))
        .values_list("queue", "n")
        for slug, queue in QUEUES.items()
    )
    return {**dict.fromkeys(QUEUES, 0), **dict(first.union(*others, all=True))}
