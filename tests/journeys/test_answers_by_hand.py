"""What comes back, by hand: a liaison fills in the table of 200 lines, an officer finds out what became of a letter."""

import csv
import email
import email.policy
import io
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from casework import assessment, cases, evidence, intake
from casework.models import Category, Ground, Item
from notices import dispatch, drafting
from notices.models import Answer, Dispatch, DispatchState, Notice
from platforms.models import Channel
from tests.factories import PIXEL
from tests.journeys.conftest import People
from tests.journeys.hand import Hand
from tests.notices.mail_server import MailServer, Script
from tests.notices.test_answer_files import as_csv, as_xlsx

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LINES = 200
REFUSED = range(150, 190)  # of the lines; the rest are removed


def queued(lines: int, *, by: User, second: User) -> Notice:
    """A letter to X by mail, in the outbox."""
    number = Item.objects.count()
    rows = [
        intake.NewItem(address=f"https://x.com/seller/status/19{number + each:017d}") for each in range(lines)
    ]
    case = cases.open_case(f"OP-{number}", title="Adverts", by=by)
    items = intake.identify(rows, case=case, by=by).items
    assessment.assess_many(
        items, category=Category.objects.get(slug="small_boat_advert"),
        ground=Ground.objects.get(slug="bsaia_2025_17"), rationale="Offers places in a small boat.",
        severity="high", protected_speech="none", by=by,
    )  # fmt: skip
    for item in items:
        evidence.attach(item, content=PIXEL, filename="seen.png", by=by)
    [notice] = drafting.draft(
        assessment.approve_many(items, by=second),
        channel=Channel.objects.get(platform__slug="x", kind="mail"),
        by=by,
    )
    drafting.set_sender(
        notice, organisation="Referral Centre", name="Referral desk", email="desk@centre.example",
        good_faith=True, by=by,
    )  # fmt: skip
    drafting.submit(notice, by=by)
    dispatch.queue(drafting.approve(notice, by=second), by=by)
    return notice


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def table_of_the_letter(folder: Path) -> list[dict[str, str]]:
    """The rows of the table that came with the letter."""
    [letter] = folder.glob("*.eml")
    message = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
    [table] = [part for part in message.iter_attachments() if part.get_filename().endswith("-lines.csv")]
    return list(csv.DictReader(io.StringIO(table.get_content().removeprefix("\ufeff"))))


def test_a_liaison_answers_two_hundred_lines_by_spreadsheet(
    hand: Hand, people: People, mail_sink: Path
) -> None:
    notice = queued(LINES, by=people["officer"], second=people["reviewer"])
    assert dispatch.send_due() == 1
    rows = table_of_the_letter(mail_sink)
    for number, row in enumerate(rows, 1):
        refused = number in REFUSED
        row |= {"answer": "refused", "refusal_code": "no_policy_breach"} if refused else {"answer": "removed"}
    rows[4]["answer"] = "deleted"
    rows[159]["refusal_code"] = ""
    rows[199]["effective_at"] = "the day after tomorrow"

    hand.sign_in(people["x"].email)
    hand.visit("notices:notice_detail", notice.reference)
    hand.press("Answer by spreadsheet")
    hand.picture("spreadsheet-choose")
    hand.fill(file=file("back.xlsx", as_xlsx(rows)))
    hand.press("Read the file")
    hand.reads("Nothing is saved yet.")
    assert hand.rows() == [["200", "197", "0", "0", "3"]]
    wrong = hand.table("Rows with an error")
    assert [row[:2] for row in wrong] == [
        ["6", "answer"], ["161", "refusal_code"], ["201", "effective_at"],
    ]  # fmt: skip
    assert wrong[0][2].startswith("“deleted” is not known; use removed, ")
    hand.picture("spreadsheet-errors")
    assert Answer.objects.count() == 0

    rows[4]["answer"], rows[159]["refusal_code"], rows[199]["effective_at"] = "removed", "other", ""
    hand.visit("notices:answer_file", notice.reference)
    hand.fill(file=file("back.csv", as_csv(rows)))
    hand.press("Read the file")
    assert hand.rows() == [["200", "200", "0", "0", "0"]]
    hand.picture("spreadsheet-right")
    hand.press("Save 200 answers")
    hand.reads("200 lines are answered.")
    hand.picture("spreadsheet-saved")

    notice.refresh_from_db()
    assert notice.status == "answered"
    assert Answer.objects.filter(answer="removed", source="sheet").count() == LINES - len(REFUSED)
    assert hand.complaints == []


def test_an_officer_finds_out_what_became_of_a_letter(
    hand: Hand, people: People, settings: pytest.FixtureRequest
) -> None:
    """Two letters were handed over, and the line went dead: one had arrived, one had not."""
    script = Script()
    script.drop_after_dot = True
    server = MailServer(script)
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    arrived, lost = (queued(1, by=people["officer"], second=people["reviewer"]) for _ in range(2))
    assert dispatch.send_due() == 0
    assert set(Dispatch.objects.values_list("state", flat=True)) == {DispatchState.UNKNOWN}
    script.drop_after_dot = False
    script.kept.pop()  # the second never came

    hand.sign_in(people["officer"].email)
    says(hand, arrived, "Yes. Record it as sent; it is not sent again.", "unknown-arrived")
    hand.reads("It is recorded as sent.")
    says(hand, lost, "No. Put it back in the queue; it is sent again.", "unknown-lost")
    hand.reads("It is back in the queue and leaves again.")
    assert dispatch.send_due() == 1
    server.stop()

    for notice in (arrived, lost):
        notice.refresh_from_db()
    assert (arrived.status, lost.status) == ("sent", "sent")
    assert script.message_ids == [arrived.message_id, lost.message_id]
    assert hand.complaints == []


def says(hand: Hand, notice: Notice, choice: str, picture: str) -> None:
    """From the notice's page to the question, and one of its two answers."""
    hand.visit("notices:notice_detail", notice.reference)
    hand.reads("Did it arrive?")
    hand.picture(f"{picture}-notice")
    hand.follow("Say what became of it")
    hand.reads("nobody can know from here")
    hand.reads("Yes. Record it as sent; it is not sent again.")
    hand.reads("No. Put it back in the queue; it is sent again.")
    hand.reads(notice.message_id)
    hand.page.get_by_label(choice).check()
    hand.picture(picture)
    hand.press("Record it")


def test_somebody_without_an_account_answers_by_a_link(hand: Hand, people: People, mail_sink: Path) -> None:
    """With JavaScript switched off, as some desks have it."""
    notice = queued(3, by=people["officer"], second=people["reviewer"])
    assert dispatch.send_due() == 1
    hand.sign_in(people["officer"].email)
    hand.visit("notices:notice_detail", notice.reference)
    hand.press("Links to answer")
    hand.picture("links-none-yet")
    hand.fill(addressee="duty desk", days="3")
    hand.press("Make a link")
    address = hand.page.get_by_label("Address", exact=True).input_value().strip()
    hand.picture("link-made")

    holder = hand.without_javascript()
    holder.page.goto(address)
    holder.reads("Whoever has its address can read this notice and answer it")
    holder.picture("link-notice")
    holder.press("Acknowledge")
    holder.picture("link-acknowledge")
    holder.press("Acknowledge")
    holder.reads("The notice is acknowledged.")
    holder.follow("Answer line 1")
    holder.fill(answer="refused", refusal_code="public_interest", note="It is a news report.")
    holder.picture("link-answer")
    holder.press("Save the answer")
    holder.reads("1 line is answered: Refused.")
    holder.press("Answer by spreadsheet")
    rows = list(csv.DictReader(io.StringIO(holder.take("CSV").decode("utf-8-sig"))))
    rows[1]["answer"] = rows[2]["answer"] = "removed"
    holder.fill(file=file("back.csv", as_csv(rows)))
    holder.press("Read the file")
    holder.picture("link-spreadsheet")
    holder.press("Save 2 answers")
    holder.reads("2 lines are answered.")
    holder.press("Object")
    holder.fill(reason="The first line is a news report, and should not have been sent.")
    holder.press("Send the objection")
    holder.reads("Your objection is recorded.")
    holder.picture("link-answered")

    hand.page.goto(address)  # with scripts: none of them stumbles over what a link's pages leave out
    hand.reads("Whoever has its address can read this notice and answer it")
    hand.visit("notices:notice_links", notice.reference)
    hand.picture("link-openings")
    hand.press("End the link for duty desk")
    hand.reads("The link for duty desk has ended.")
    holder.page.goto(address)
    holder.reads("It may be incomplete, have run out, or have been ended.")
    holder.picture("link-ended")
    notice.refresh_from_db()
    assert (notice.status, set(Answer.objects.values_list("source", flat=True))) == ("answered", {"link"})
    assert hand.complaints == []
