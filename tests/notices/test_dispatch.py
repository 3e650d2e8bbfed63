import email
import email.policy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from casework import assessment, holds, store
from casework.lifecycle import move
from casework.models import Episode, Event, Item, ItemStatus
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from notices import answers, chasing, dispatch, item_lists, outbox
from notices.channels.outcomes import ClaimLost
from notices.line_table import XLSX
from notices.models import DeliveryRecord, Dispatch, DispatchState, Notice
from platforms.models import ChannelKind
from tests.notices.letters_at import Desk, ago, channel


def records(notice: Notice) -> list[str]:
    return list(DeliveryRecord.objects.filter(notice=notice).order_by("pk").values_list("kind", flat=True))


def test_a_queued_notice_leaves_once(desk: Desk) -> None:
    notice = desk.queued()

    sent = [dispatch.send_due(), dispatch.send_due()]

    assert sent == [1, 0]
    assert len(mail.outbox) == 1
    assert Dispatch.objects.get().state == DispatchState.SENT
    assert records(notice) == ["sent", "received"]


def test_the_letter_carries_text_pdf_table_and_names(desk: Desk) -> None:
    notice = desk.queued()

    dispatch.send_due()

    notice.refresh_from_db()
    message = email.message_from_bytes(mail.outbox[0].message().as_bytes(), policy=email.policy.default)
    assert message["To"] == "legal@platform.example"
    assert message["From"] == "Referral Centre <desk@centre.example>"
    assert message["X-Notice"] == notice.reference
    assert message["Message-ID"] == notice.message_id
    assert message["Subject"] == notice.subject
    assert message.get_body(("plain",)).get_content() == notice.body
    pdf, table, sheet, *lists = message.iter_attachments()
    assert (pdf.get_content_type(), pdf.get_filename()) == ("application/pdf", f"{notice.reference}.pdf")
    assert pdf.get_content() == store.get(notice.pdf_sha256)
    assert table.get_content_type() == "text/csv"
    assert notice.lines.first().address in table.get_content()
    assert (sheet.get_content_type(), sheet.get_content()[:2]) == (XLSX, b"PK")
    assert [part.get_filename() for part in lists] == [*item_lists.NAMES, "items.csv.sig", "items.json.sig"]


def test_sending_moves_notice_items_and_episodes(desk: Desk) -> None:
    at = ago(hours=2)
    notice = desk.queued(at=at)

    dispatch.send_due(at)

    notice.refresh_from_db()
    assert (notice.status, notice.sent_at, notice.received_at, notice.t0_basis) == (
        "sent",
        at,
        at,
        "received",
    )
    assert notice.due_at == at + timedelta(hours=48)
    for item in Item.objects.all():
        assert (item.status, item.notified_at, item.received_at) == ("notified", at, at)
    assert list(Episode.objects.values_list("t0", "t0_basis", "channel")) == [(at, "received", "mail")] * 2


def test_the_portal_proves_receipt_and_shows_the_notice_to_the_liaison(desk: Desk) -> None:
    notice = desk.sent()

    assert mail.outbox == []
    assert records(notice) == ["sent", "received"]
    assert list(Notice.objects.visible_to(desk.liaison)) == [notice]


def test_nothing_leaves_before_its_time(desk: Desk) -> None:
    notice = desk.approved()
    dispatch.queue(notice, by=desk.first, at=timezone.now() + timedelta(hours=1))

    assert dispatch.send_due() == 0
    assert dispatch.send_due(timezone.now() + timedelta(hours=2)) == 1


def test_queueing_twice_is_refused(desk: Desk) -> None:
    notice = desk.queued()

    with pytest.raises(TransitionNotAllowed):
        dispatch.queue(notice, by=desk.first)

    assert Dispatch.objects.count() == 1


def test_an_unapproved_notice_cannot_be_queued(desk: Desk) -> None:
    with pytest.raises(TransitionNotAllowed):
        dispatch.queue(desk.submitted(), by=desk.first)
    with pytest.raises(PermissionDenied):
        dispatch.queue(desk.approved(), by=desk.liaison)


def test_a_channel_of_another_platform_is_refused(desk: Desk) -> None:
    with pytest.raises(ValidationError, match="does not lead to X now"):
        dispatch.queue(desk.approved(), channel=channel("facebook", ChannelKind.PORTAL), by=desk.first)


def test_a_hold_placed_after_queueing_stops_the_letter(desk: Desk) -> None:
    notice = desk.queued(lines=1)
    item = notice.lines.get().item
    hold = holds.place(item, authority="Inquiry", reason="Needed up", review_at=None, by=desk.first)

    assert dispatch.send_due() == 0

    notice.refresh_from_db()
    assert (notice.status, records(notice), mail.outbox) == ("approved", [], [])
    assert Event.objects.get(kind="notice.stopped").reason == f"{item}: on hold; release the hold first."
    holds.release(hold, reason="Over", by=desk.first)
    dispatch.queue(notice, by=desk.first)
    assert dispatch.send_due() == 1


def test_a_revoked_item_stops_the_letter(desk: Desk) -> None:
    notice = desk.queued(lines=1)
    assessment.revoke(notice.lines.get().item, as_="lawful", reason="Parody", by=desk.second)

    assert dispatch.send_due() == 0
    assert len(mail.outbox) == 0


def test_an_altered_pdf_does_not_leave(desk: Desk) -> None:
    notice = desk.queued(lines=1)
    path = store.path(notice.pdf_sha256)
    path.chmod(0o600)
    path.write_bytes(b"something else")

    assert dispatch.send_due() == 0

    notice.refresh_from_db()
    assert notice.status == "approved"
    assert Dispatch.objects.get().last_result == f"The PDF of {notice} is not the one that was approved."


def test_delivery_by_hand_waits_for_a_person(desk: Desk) -> None:
    notice = desk.queued(kind=ChannelKind.BY_HAND)
    row = Dispatch.objects.get()

    assert dispatch.send_due() == 0
    assert list(Dispatch.objects.for_a_person()) == [row]
    dispatch.resolve_unknown(row, arrived=True, by=desk.first)

    notice.refresh_from_db()
    assert (notice.status, notice.t0_basis, records(notice)) == ("sent", "sent", ["sent"])


def test_failed_delivery_by_hand_gives_the_items_back(desk: Desk) -> None:
    notice = desk.queued(kind=ChannelKind.BY_HAND)

    dispatch.resolve_unknown(Dispatch.objects.get(), arrived=False, by=desk.first)

    notice.refresh_from_db()
    assert (notice.status, records(notice)) == ("delivery_failed", ["failed"])
    assert set(Item.objects.values_list("status", flat=True)) == {ItemStatus.APPROVED}


def test_receipt_learned_later_becomes_t0(desk: Desk) -> None:
    notice = desk.queued(kind=ChannelKind.BY_HAND, at=ago(hours=3))
    sent_at, received_at = ago(hours=3), ago(hours=1)
    dispatch.resolve_unknown(Dispatch.objects.get(), arrived=True, at=sent_at, by=desk.first)
    notice.refresh_from_db()

    dispatch.received(notice, at=received_at, reason="A receipt", by=desk.first)
    dispatch.received(notice, at=ago(minutes=1))
    with pytest.raises(TransitionNotAllowed, match="is known already"):
        dispatch.received(notice, at=ago(minutes=1), reason="Another", by=desk.first)

    assert (notice.received_at, notice.t0_basis) == (received_at, "received")
    assert notice.due_at == received_at + timedelta(hours=48)
    assert records(notice) == ["sent", "received"]
    assert DeliveryRecord.objects.get(kind="received").reason == "A receipt"
    assert set(Episode.objects.values_list("t0", "t0_basis", "closed_at")) == {
        (received_at, "received", None)
    }
    for item in Item.objects.all():
        assert (item.received_at, item.next_check_at) == (received_at, received_at + timedelta(hours=1))
    told = Event.objects.get(kind="notice.received")
    assert sentence(told) == f"Notice {notice} was received by the platform: A receipt"


def test_a_late_receipt_opens_no_episode_of_an_item_that_is_done_with(desk: Desk) -> None:
    notice = desk.queued(lines=1, kind=ChannelKind.BY_HAND, at=ago(hours=3))
    dispatch.resolve_unknown(Dispatch.objects.get(), arrived=True, at=ago(hours=3), by=desk.first)
    move(Item.objects.get(), "withdraw", reason="Our error", at=ago(hours=2), by=desk.second)

    dispatch.received(notice, at=ago(hours=1), reason="A receipt", by=desk.first)

    assert Episode.objects.get().t0_basis == "sent"


@pytest.mark.parametrize(
    ("how", "fields"),
    [
        ({"at": ago(hours=-1), "reason": "550"}, ["at"]),
        ({"at": ago(hours=3), "reason": "550"}, ["at"]),
        ({"at": ago(minutes=1), "reason": " "}, ["reason"]),
        ({"at": ago(hours=3), "reason": "x" * 301}, ["at", "reason"]),
    ],
)
@pytest.mark.parametrize("record", [dispatch.delivery_failed, dispatch.received])
def test_bounce_and_receipt_need_a_possible_time_and_a_reason(
    record: Callable[..., Notice], how: dict[str, Any], fields: list[str], desk: Desk
) -> None:
    notice = desk.queued(lines=1, kind=ChannelKind.BY_HAND, at=ago(hours=2))
    dispatch.resolve_unknown(Dispatch.objects.get(), arrived=True, at=ago(hours=2), by=desk.first)

    with pytest.raises(ValidationError) as refused:
        record(notice, **how, by=desk.first)

    assert list(refused.value.message_dict) == fields
    assert records(notice) == ["sent"]


@pytest.mark.parametrize(
    ("arrived", "at", "said"),
    [
        (True, ago(hours=-1), "This lies in the future."),
        (True, ago(hours=5), "The letter was ready on"),
        (False, ago(minutes=1), "Leave this empty."),
    ],
)
def test_what_became_of_a_letter_needs_a_possible_time(
    arrived: bool, at: datetime, said: str, desk: Desk
) -> None:
    desk.queued(at=ago(hours=2))
    Dispatch.objects.update(state=DispatchState.UNKNOWN)

    with pytest.raises(ValidationError, match=said):
        dispatch.resolve_unknown(Dispatch.objects.get(), arrived=arrived, at=at, by=desk.first)


def test_only_what_has_left_can_be_received_or_bounce(desk: Desk) -> None:
    notice = desk.approved()

    for record in (dispatch.received, dispatch.delivery_failed):
        with pytest.raises(TransitionNotAllowed, match="is approved; only"):
            record(notice, at=ago(minutes=1), reason="A receipt", by=desk.first)


def test_a_bounce_is_found_long_after_nobody_answered(desk: Desk) -> None:
    notice = desk.sent(lines=1, kind=ChannelKind.MAIL, at=ago(days=20))
    chasing.note_silence()

    dispatch.delivery_failed(notice, reason="The mailbox was closed", at=ago(days=19), by=desk.first)

    assert notice.status == "delivery_failed"
    assert Event.objects.get(kind="notice.delivery_failed").old == "no_response"


def test_a_bounce_gives_the_items_back_and_another_channel_can_be_tried(desk: Desk) -> None:
    notice = desk.sent(kind=ChannelKind.MAIL)
    message_id = notice.message_id

    dispatch.delivery_failed(notice, reason="550 no such mailbox", by=desk.first)

    told = Event.objects.get(kind="notice.delivery_failed")
    assert sentence(told) == f"Notice {notice} was not delivered: 550 no such mailbox"
    assert (notice.status, notice.due_at) == ("delivery_failed", None)
    assert set(Item.objects.values_list("status", flat=True)) == {ItemStatus.APPROVED}
    assert Episode.objects.filter(closed_at__isnull=True).count() == 0
    assert list(Notice.objects.visible_to(desk.liaison)) == []
    dispatch.queue(notice, channel=channel("x", ChannelKind.PORTAL), by=desk.first)
    assert dispatch.send_due() == 1
    notice.refresh_from_db()
    assert (notice.status, notice.channel_kind, notice.message_id) == ("sent", "portal", message_id)
    assert records(notice) == ["sent", "received", "failed", "sent", "received"]
    assert set(Item.objects.values_list("status", flat=True)) == {ItemStatus.NOTIFIED}


def test_an_answered_notice_cannot_bounce(desk: Desk) -> None:
    notice = desk.sent()
    answers.acknowledge(notice, by=desk.liaison)

    with pytest.raises(TransitionNotAllowed, match="only a sent notice can bounce"):
        dispatch.delivery_failed(notice, reason="late", by=desk.first)


def test_nothing_is_decided_twice(desk: Desk) -> None:
    desk.sent()

    with pytest.raises(TransitionNotAllowed, match="Nothing is to be decided"):
        dispatch.resolve_unknown(Dispatch.objects.get(), arrived=False, by=desk.first)


def test_a_claim_whose_lease_ran_out_is_taken_again(desk: Desk) -> None:
    desk.queued()
    [lost] = outbox.claim()

    assert lost.attempts == 1
    assert dispatch.send_due() == 0
    assert dispatch.send_due(timezone.now() + timedelta(minutes=2)) == 1
    assert Dispatch.objects.get().attempts == 2
    assert len(mail.outbox) == 1


def test_who_lost_the_claim_hands_nothing_over(desk: Desk) -> None:
    desk.queued()
    [slow] = outbox.claim()
    Dispatch.objects.update(leased_until=ago(minutes=1))
    [quick] = outbox.claim()
    assert (slow.attempts, quick.attempts) == (1, 2)

    with pytest.raises(ClaimLost):
        outbox.hand_over(slow, None)

    assert Dispatch.objects.get().state == DispatchState.CLAIMED


def test_handed_over_and_never_heard_of_is_left_to_a_person(desk: Desk) -> None:
    notice = desk.queued()
    [row] = outbox.claim()
    outbox.hand_over(row, None)

    assert dispatch.send_due() == 0
    later = timezone.now() + timedelta(minutes=2)
    assert dispatch.send_due(later) == 0

    row.refresh_from_db()
    assert (row.state, row.last_result) == (DispatchState.UNKNOWN, outbox.UNCONFIRMED)
    assert dispatch.send_due(later + timedelta(days=1)) == 0
    assert Event.objects.filter(kind="notice.outcome_unknown", notice=notice.reference).count() == 1


@pytest.mark.parametrize(("arrived", "sent", "letters"), [(True, 0, 0), (False, 1, 1)])
def test_a_person_resolves_an_unknown_outcome(arrived: bool, sent: int, letters: int, desk: Desk) -> None:
    notice = desk.queued()
    [row] = outbox.claim()
    outbox.hand_over(row, None)
    handed_over = row.leased_until - outbox.lease()
    outbox.strand(timezone.now() + timedelta(minutes=2))

    dispatch.resolve_unknown(row, arrived=arrived, by=desk.first)

    assert dispatch.send_due() == sent
    notice.refresh_from_db()
    assert notice.status == "sent"
    assert len(mail.outbox) == letters
    assert (notice.sent_at == handed_over) == arrived
    assert Dispatch.objects.get().resolved_by == desk.first
