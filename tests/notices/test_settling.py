"""Letters that were accepted are settled together, and one that cannot be keeps no other."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework.models import Episode, Event, Item
from notices import dispatch, outbox, sending, settling
from notices.models import Attempt, Dispatch, DispatchState, Notice
from tests.notices.letters_at import Desk, ago


def accepted(desk: Desk, at: datetime) -> Notice:
    """A letter whose sender died when the other side had it."""
    notice = desk.queued(lines=1, at=at)
    [row] = outbox.claim(at)
    attempt = Attempt(dispatch=row, number=row.attempts, status=250, said="250 Kept", duration_ms=9, at=at)
    outbox.accept(attempt, at)
    return notice


def keys() -> list[int]:
    return list(Dispatch.objects.order_by("pk").values_list("pk", flat=True))


def states() -> list[str]:
    return list(Dispatch.objects.order_by("pk").values_list("state", flat=True))


def test_each_is_settled_with_its_own_time(desk: Desk) -> None:
    times = [ago(minutes=3), ago(minutes=2), ago(minutes=1)]
    notices = [accepted(desk, at) for at in times]

    settling.settle(keys())

    for notice, at in zip(notices, times, strict=True):
        notice.refresh_from_db()
        assert (notice.status, notice.sent_at, notice.received_at) == ("sent", at, at)
        assert notice.due_at == at + timedelta(hours=48)
        assert list(notice.delivery_records.values_list("kind", "at")) == [("sent", at), ("received", at)]
    assert list(Item.objects.order_by("pk").values_list("status", "notified_at")) == [
        ("notified", at) for at in times
    ]
    assert list(Episode.objects.order_by("pk").values_list("t0", "t0_basis", "channel")) == [
        (at, "received", "mail") for at in times
    ]
    assert list(Event.objects.filter(kind="notice.sent").order_by("pk").values_list("at", flat=True)) == times
    assert states() == ["sent"] * 3


def test_many_take_as_many_statements_as_one(desk: Desk) -> None:
    counts = []
    for number in (1, 4):
        waiting = [accepted(desk, ago(minutes=1)) for _ in range(number)]
        chosen = list(Dispatch.objects.filter(notice__in=waiting).values_list("pk", flat=True))
        with CaptureQueriesContext(
            connection,
        ) as taken:
            settling.settle(chosen)
        counts.append(len(taken))

    assert counts[0] == counts[1]


def test_what_is_accepted_is_settled_by_the_next_sender_once_its_own_is_gone(desk: Desk) -> None:
    notice = accepted(desk, ago(minutes=1))

    dispatch.send_due()
    waiting = states()
    dispatch.send_due(timezone.now() + timedelta(minutes=5))

    notice.refresh_from_db()
    assert (waiting, states(), notice.status) == (["accepted"], ["sent"], "sent")
    assert Attempt.objects.get().said == "250 Kept"


def test_nothing_is_settled_twice(desk: Desk) -> None:
    accepted(desk, ago(minutes=1))

    settling.settle(keys())
    settling.settle(keys())

    assert Event.objects.filter(kind="notice.sent").count() == 1


def test_one_that_cannot_be_settled_is_a_persons_and_keeps_no_other(desk: Desk) -> None:
    odd, sound = accepted(desk, ago(minutes=2)), accepted(desk, ago(minutes=1))
    Notice.objects.filter(pk=odd.pk).update(status="approved")

    settling.settle(keys())

    sound.refresh_from_db()
    assert (states(), sound.status) == (["unknown", "sent"], "sent")
    assert Dispatch.objects.for_a_person().get().last_result == (
        f"The other side has it (250 Kept), but that could not be recorded: {odd} is approved; it cannot be sent now."
    )


def test_a_bounce_that_comes_before_its_letter_is_settled_counts(desk: Desk) -> None:
    notice = accepted(desk, ago(minutes=1))

    dispatch.delivery_failed(notice, reason="550 No such mailbox")

    assert notice.status == "delivery_failed"
    assert list(notice.delivery_records.order_by("pk").values_list("kind", flat=True)) == [
        "sent", "received", "failed",
    ]  # fmt: skip


def test_who_lost_the_claim_has_nothing_accepted(desk: Desk) -> None:
    desk.queued(lines=1)
    [slow] = outbox.claim()
    Dispatch.objects.update(leased_until=ago(minutes=1))
    outbox.claim()
    attempt = Attempt(dispatch=slow, number=slow.attempts, said="250 Kept", duration_ms=9, at=ago(minutes=1))

    with pytest.raises(outbox.ClaimLost):
        outbox.accept(attempt, timezone.now())

    assert (states(), Attempt.objects.count()) == ([DispatchState.CLAIMED], 0)


def test_a_threat_to_life_waits_for_no_more_than_the_letter_under_way(desk: Desk) -> None:
    """It becomes due while others have been claimed."""
    for _ in range(4):
        desk.queued(lines=1)
    urgent = desk.queued(lines=1)
    Dispatch.objects.filter(notice=urgent).update(due_at=timezone.now() + timedelta(hours=1))
    Notice.objects.filter(pk=urgent.pk).update(threat_to_life=True)
    sender = sending.Sender(None)
    claimed = outbox.claim(most=4)
    Dispatch.objects.filter(notice=urgent).update(due_at=ago(minutes=1))

    sender._send(claimed)
    sender.close()

    assert Attempt.objects.earliest("pk").dispatch.notice == urgent
    assert states() == ["sent"] * 5
