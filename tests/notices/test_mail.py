"""Letters over a real mail connection: what each reply of the server leads to."""

import email
import email.policy
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from casework import assessment, holds, store
from casework.models import Event, Item, Presence
from notices import attempts, dispatch
from notices.lifecycle import move
from notices.models import DeliveryRecord, Dispatch, DispatchState, Line
from tests.notices.letters_at import Desk, sending
from tests.notices.mail_server import MailServer, Script


def test_an_accepted_letter_arrives_whole(desk: Desk, mail_server: MailServer, script: Script) -> None:
    notice = desk.queued()

    assert dispatch.send_due() == 1

    notice.refresh_from_db()
    message = email.message_from_bytes(script.kept[0], policy=email.policy.default)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == notice.body
    assert [part.get_filename() for part in message.iter_attachments()] == [
        f"{notice.reference}.pdf",
        f"{notice.reference}-lines.csv",
        f"{notice.reference}-lines.xlsx",
        "items.csv",
        "items.json",
        "items.csv.sig",
        "items.json.sig",
    ]
    assert Dispatch.objects.get().last_result == "250 Kept"


def test_files_arrive_byte_for_byte(desk: Desk, mail_server: MailServer, script: Script) -> None:
    notice = desk.queued()

    dispatch.send_due()

    notice.refresh_from_db()
    message = email.message_from_bytes(script.kept[0], policy=email.policy.default)
    pdf, table, sheet, *lists = [part.get_payload(decode=True) for part in message.iter_attachments()]
    assert [pdf, table, sheet, *lists[:2]] == [
        store.get(notice.pdf_sha256),
        store.get(notice.lines_csv_sha256),
        store.get(notice.lines_xlsx_sha256),
        store.get(notice.items_csv_sha256),
        store.get(notice.items_json_sha256),
    ]
    assert message.defects == []


def test_a_line_that_is_a_dot_stays_a_line(desk: Desk, mail_server: MailServer, script: Script) -> None:
    notice = desk.submitted(lines=1)
    body = notice.body.replace("2. Grounds", "\n.\n..\n.x\n2. Grounds")
    type(notice).objects.update(body=body)
    dispatch.queue(desk_approves(desk, notice), by=desk.first)

    assert dispatch.send_due() == 1

    message = email.message_from_bytes(script.kept[0], policy=email.policy.default)
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == body


def desk_approves(desk: Desk, notice: object) -> object:
    notice.refresh_from_db()
    return move(notice, "approve", by=desk.second)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_refusal_for_now_is_tried_again_later(
    step: str, desk: Desk, mail_server: MailServer, script: Script
) -> None:
    notice = desk.queued()
    script.replies[step] = "451 Come back"

    assert dispatch.send_due() == 0

    row = Dispatch.objects.get()
    notice.refresh_from_db()
    assert (row.state, row.last_result, notice.status) == (DispatchState.QUEUED, "451 Come back", "queued")
    assert timedelta(seconds=50) < row.due_at - timezone.now() < timedelta(seconds=76)
    script.replies.clear()
    assert dispatch.send_due() == 0
    assert dispatch.send_due(timezone.now() + timedelta(minutes=2)) == 1
    notice.refresh_from_db()
    assert script.message_ids == [notice.message_id]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_final_refusal_fails_the_delivery(
    step: str, desk: Desk, mail_server: MailServer, script: Script
) -> None:
    notice = desk.queued()
    script.replies[step] = "550 No such mailbox"

    assert dispatch.send_due() == 0

    notice.refresh_from_db()
    assert notice.status == "delivery_failed"
    assert Dispatch.objects.get().state == DispatchState.FAILED
    assert list(DeliveryRecord.objects.values_list("kind", "reason")) == [("failed", "550 No such mailbox")]
    assert set(Item.objects.values_list("status", flat=True)) == {"approved"}
    assert script.kept == []


def test_a_server_out_of_reach_is_tried_ever_more_seldom(desk: Desk, settings: pytest.FixtureRequest) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    desk.queued()
    waits, at = [], timezone.now()
    for _ in range(4):
        dispatch.send_due(at)
        row = Dispatch.objects.get()
        waits.append(row.due_at - at)
        at = row.due_at

    spread = [wait / timedelta(minutes=2**n) for n, wait in enumerate(waits)]
    assert all(1 <= share <= 1.25 for share in spread)
    assert len(set(spread)) == 4
    assert row.last_result.startswith("The mail server cannot be reached: ")


def test_it_gives_up_in_the_end(desk: Desk, settings: pytest.FixtureRequest) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    notice = desk.queued()
    Dispatch.objects.update(attempts=attempts.MOST_ATTEMPTS - 1)

    dispatch.send_due()

    notice.refresh_from_db()
    assert notice.status == "delivery_failed"
    assert Dispatch.objects.get().last_result.startswith("Given up after 30 attempts.")


def test_a_connection_lost_after_the_dot_is_an_unknown_outcome(
    desk: Desk, mail_server: MailServer, script: Script
) -> None:
    notice = desk.queued()
    script.drop_after_dot = True

    assert dispatch.send_due() == 0
    assert dispatch.send_due(timezone.now() + timedelta(days=1)) == 0

    notice.refresh_from_db()
    row = Dispatch.objects.get()
    assert (row.state, notice.status) == (DispatchState.UNKNOWN, "queued")
    assert row.last_result.startswith("The mail server did not confirm: ")
    assert script.message_ids == [notice.message_id]


def on_hold(item: Item, desk: Desk) -> str:
    holds.place(item, authority="Inquiry", reason="Needed up", review_at=None, by=desk.first)
    return "on hold; release the hold first."


def revoked(item: Item, desk: Desk) -> str:
    assessment.revoke(item, as_="lawful", reason="Parody", by=desk.second)
    return "not actionable, not approved."


def gone(item: Item, desk: Desk) -> str:
    Item.objects.filter(pk=item.pk).update(presence=Presence.GONE)
    return "confirmed gone; close it as gone before notice."


def elsewhere(item: Item, desk: Desk) -> str:
    other = desk.draft(lines=1)
    Line.objects.filter(notice=other).update(item=item)
    return f"in notice {other} already."


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("come_between", [on_hold, revoked, gone, elsewhere])
def test_what_comes_in_the_way_before_the_dot_stops_the_letter(
    come_between: Callable[[Item, Desk], str], desk: Desk, mail_server: MailServer, script: Script
) -> None:
    notice = desk.queued(lines=2)
    script.stand_still_at = "DATA"
    thread, counted = sending()
    assert script.reached.wait(60)

    item = notice.lines.last().item
    why = come_between(item, desk)
    script.go_on.set()
    thread.join(60)

    notice.refresh_from_db()
    assert (counted, script.kept, notice.status) == ([0], [], "approved")
    assert Event.objects.get(kind="notice.stopped").reason == f"{item}: {why}"
