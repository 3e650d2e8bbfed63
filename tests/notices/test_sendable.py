"""What stands in a letter's way: the sentence for a person and the condition of the hand-over say the same."""

from datetime import timedelta
from itertools import product

from django.utils import timezone

from casework.models import Hold, Item, ItemStatus, Presence
from notices import sendable
from notices.models import Dispatch, Line, Notice, NoticeKind
from tests.notices.letters_at import Desk

ALONE = set(ItemStatus.values) - {"watching", "closed", "duplicate", "not_actionable"}  # need no other column
HOLDS = {"none": None, "over": (-9, -1), "in force": (-9, None), "until later": (-9, 1), "to come": (1, None)}
HOURS = timedelta(hours=1)


def test_condition_and_sentence_agree_in_every_state(desk: Desk) -> None:
    notice, now = desk.queued(), timezone.now()
    other = desk.approved()
    item = notice.lines.order_by("pk").first().item
    row = Dispatch.objects.select_related("notice").get(notice=notice)
    elsewhere = Line.objects.filter(notice=other).order_by("pk").first()
    told, asked = dict[tuple[str, ...], bool](), dict[tuple[str, ...], bool]()

    for kind, hold, its in product(("notice", "escalation"), HOLDS, ("none", "notice", "dispute")):
        Notice.objects.filter(pk=notice.pk).update(kind=kind)
        Notice.objects.filter(pk=other.pk).update(kind=NoticeKind.NOTICE if its == "none" else its)
        Line.objects.filter(pk=elsewhere.pk).update(item=elsewhere.item if its == "none" else item)
        Hold.objects.filter(item=item).delete()
        if times := HOLDS[hold]:
            begin, end = (now + hours * HOURS if hours else None for hours in times)
            recorded = now if end else None
            Hold.objects.create(item=item, placed_at=begin, released_at=end, released_recorded_at=recorded)
        row.notice.kind = kind
        for status, presence in product(ALONE, Presence.values):
            Item.objects.filter(pk=item.pk).update(status=status, presence=presence)
            state = (kind, hold, its, status, presence)
            told[state] = not sendable.obstacles_to(row.notice, at=now)
            asked[state] = row.pk in sendable.free([row], at=now)

    assert asked == told
    assert len(told) == 2 * len(HOLDS) * 3 * len(ALONE) * len(Presence)
    # approved, or for an escalation notified too; not gone; no hold now; in no other notice that will leave
    assert sum(told.values()) == (1 + 2) * 4 * 3 * 2
