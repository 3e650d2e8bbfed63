"""Letters over a real mail connection: what each reply of the server leads to."""

import email
import email.policy
from datetime import timedelta

import pytest
from django.utils import timezone

from casework import store
from casework.models import Item
from notices import attempts, dispatch
from notices.lifecycle import move
from notices.models import DeliveryRecord, Dispatch, DispatchState
from tests.notices.letters_at import Desk
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
