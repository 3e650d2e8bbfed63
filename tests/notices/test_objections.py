"""What an open notice stands in the way of."""

import pytest

from casework.lifecycle import LIFECYCLE, move
from casework.models import Item
from casework.transitions import TransitionNotAllowed
from notices import answers, dispatch, drafting
from notices.models import Notice
from tests.factories import some
from tests.notices.letters_at import Desk


def refuse(notice: Notice, desk: Desk) -> None:
    answers.answer_lines(
        notice.lines.all(),
        answer="refused",
        refusal_code="no_policy_breach",
        source="portal",
        by=desk.liaison,
    )


def offered(item: Item) -> bool:
    """Whether a manager sees the button."""
    return "give_up" in [row.verb for row in LIFECYCLE.available(item, some("manager"))]


def test_an_item_is_not_given_up_while_its_notice_is_open(desk: Desk) -> None:
    notice = desk.sent(lines=1)
    item = Item.objects.get()

    with pytest.raises(TransitionNotAllowed) as refused:
        move(item, "give_up", reason="They never answer", by=some("manager"))

    assert refused.value.message == f"Notice {notice} about {item} is open: close it first."
    assert not offered(item)


def test_an_item_is_given_up_when_its_notice_is_closed(desk: Desk) -> None:
    notice = desk.sent(lines=1)
    refuse(notice, desk)
    notice.refresh_from_db()
    answers.close(notice, reason="They will not act", by=desk.second)
    item = Item.objects.get()

    assert offered(item)
    assert move(item, "give_up", reason="Refused", by=some("manager")).closed_as == "not_removed"


def test_every_open_notice_is_named_and_a_bounced_one_is_none(desk: Desk) -> None:
    notice = desk.sent(lines=2, kind="mail")
    dispatch.delivery_failed(notice, reason="550 no such mailbox", by=desk.first)
    made = [drafting.draft([item], by=desk.first)[0] for item in Item.objects.order_by("pk")]
    for each in made:
        drafting.set_sender(
            each, organisation="Centre", name="Desk", email="d@c.example", good_faith=True, by=desk.first
        )
        dispatch.queue(drafting.approve(drafting.submit(each, by=desk.first), by=desk.second), by=desk.first)
    dispatch.send_due()

    with pytest.raises(TransitionNotAllowed) as refused:
        move(made[0].lines.get().item, "give_up", reason="Enough", by=some("manager"))

    assert refused.value.message.startswith(f"Notice {made[0]} about ")
