"""From pasted addresses to the printed takedown rate, by hand: a real browser against a live server."""

import io
import re
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import expect

from notices import dispatch
from tests.journeys import story
from tests.journeys.conftest import People
from tests.journeys.hand import Hand, fold, screenshot
from tests.journeys.pdf import is_tagged, text_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_from_paste_to_printed_rate_by_hand(hand: Hand, people: People, mail_sink: Path) -> None:
    hand.sign_in(people["officer"].email)
    opens_a_case(hand)
    pastes(hand)
    assesses(hand)
    adds_exhibits(hand)
    hand.sign_in(people["reviewer"].email)
    approves_items(hand)
    hand.sign_in(people["officer"].email)
    drafts(hand)
    hand.sign_in(people["reviewer"].email)
    approves_letters(hand)
    hand.sign_in(people["officer"].email)
    sends(hand)
    opens_the_letter(hand, mail_sink)
    hand.sign_in(people["facebook"].email)
    sees_only_their_own(hand)
    answers(hand)
    hand.sign_in(people["officer"].email)
    checks_many(hand)
    checks_each(hand)
    hand.sign_in(people["reviewer"].email)
    withdraws(hand)
    hand.sign_in(people["manager"].email)
    reads_the_rate(hand)
    opens_rows(hand)
    downloads_the_report(hand)
    assert hand.complaints == []
    story.check_histories()


def opens_a_case(hand: Hand) -> None:
    hand.picture("start-page")
    hand.visit("casework:case_list")
    hand.follow("Open a case")
    hand.fill(reference=story.CASE, title=story.CASE_TITLE)
    hand.picture("open-case")
    hand.press("Open the case")
    hand.reads(f"The case {story.CASE} is open.")
    hand.picture("case-empty")


def pastes(hand: Hand) -> None:
    hand.go(hand.page.get_by_role("link", name="Paste addresses").first)
    hand.fill(text=story.PASTED, category=story.CATEGORY, language="ar", source="Found by a search")
    hand.picture("paste")
    hand.press("Read the addresses")
    groups = {name: hand.table(name) for name in story.READ_AS if name}
    assert {name: len(rows) for name, rows in groups.items()} == {
        name: count for name, count in story.READ_AS.items() if name
    }
    assert groups["Facebook"][0][2:] == ["Post", "800000000000001", "New"]
    assert groups["X"][0][2:] == ["Post by boat_offer_1", "1900000000000000001", "New"]
    assert groups["X"][story.TWICE - 13][-1] == "Twice in what you pasted; first on line 13."
    assert re.fullmatch(
        r"\d{4}-\d{6} in OP-2026-007: Not actionable .*Lawful content.*", groups["X"][story.KNOWN - 13][-1]
    )
    (unreadable,) = hand.table("Could not be read")
    assert unreadable[-1].startswith("This is not a web address.")
    boxes = hand.page.locator("[data-select]")
    assert hand.page.locator("[data-select]:checked").count() == story.SAVED + 1
    boxes.and_(hand.page.locator("#group-x [data-select]")).last.uncheck()  # the short link
    hand.picture("what-was-read")
    hand.press("Save the selected addresses")
    hand.reads(f"{story.SAVED} items are saved and waiting for assessment.")
    hand.picture("saved")
    hand.follow("Go to the case")
    hand.picture("case-filled")


def assesses(hand: Hand) -> None:
    hand.visit("casework:item_list", queue="to_assess")
    assert len(hand.rows()) == story.SAVED
    hand.picture("to-assess")
    hand.act_on_all("assess")
    hand.fill(
        category=story.CATEGORY, ground=story.GROUND, rationale=story.RATIONALE, severity="high",
        protected_speech="none",
    )  # fmt: skip
    hand.picture("assess-many")
    hand.press("Assess")
    hand.reads(f"{story.SAVED} items assessed:")


def adds_exhibits(hand: Hand) -> None:
    for number, item in enumerate(story.noticed_items()):
        hand.visit("casework:item_evidence", item.reference)
        hand.fill(file=screenshot(number), description="The advert as found")
        if number == 0:
            hand.picture("add-exhibit")
        hand.press("Add the exhibit")
        hand.reads("The exhibit is kept under its SHA-256.")
    hand.picture("item-with-exhibit")


def approves_items(hand: Hand) -> None:
    hand.picture("start-page-of-reviewer")
    hand.visit("casework:item_list", queue="to_approve")
    hand.act_on_all("approve")
    hand.reads(f"{story.NOTIFIED} of {story.SAVED} items")
    hand.reads("has no exhibit: attach at least one screenshot or capture first.")
    hand.picture("approve-many")
    hand.press("Approve")
    hand.reads(f"{story.NOTIFIED} items approved:")


def drafts(hand: Hand) -> None:
    hand.visit("casework:item_list", queue="to_notify")
    hand.picture("to-notify")
    hand.act_on_all("draft")
    headings = hand.page.get_by_role("heading", level=2)
    assert [fold(text) for text in headings.all_inner_texts()][:2] == [
        "Facebook, high: 12 lines",
        "X, high: 10 lines",
    ]
    hand.picture("draft-preview")
    hand.press("Draft the notices")
    hand.reads("2 notices are drafted:")
    for platform in ("facebook", "x"):
        submits(hand, story.notice(platform).reference, platform)


def submits(hand: Hand, reference: str, platform: str) -> None:
    hand.visit("notices:notice_detail", reference)
    letter = hand.page.get_by_label("The letter", exact=True).inner_text()
    assert [item.printed for item in story.noticed_items(platform) if item.printed not in letter] == []
    assert story.RATIONALE in letter
    hand.reads("State the good-faith belief")
    hand.picture(f"draft-{platform}")
    hand.press("Sender and lines")
    hand.fill(**story.SENDER)
    hand.picture(f"sender-{platform}")
    hand.press("Save")
    hand.go(hand.page.get_by_role("button", name="Submit for approval"))
    hand.press("Submit for approval")
    hand.reads("The letter is frozen and waits for approval by another reviewer.")


def approves_letters(hand: Hand) -> None:
    hand.visit("notices:notice_list", queue="to_approve")
    hand.picture("letters-to-approve")
    for platform in ("facebook", "x"):
        hand.visit("notices:notice_detail", story.notice(platform).reference)
        hand.go(hand.page.get_by_role("button", name="Approve"))
        hand.picture(f"approve-letter-{platform}")
        hand.press("Approve")
        hand.reads("The letter is approved and can be sent.")


def sends(hand: Hand) -> None:
    for platform in ("facebook", "x"):
        hand.visit("notices:notice_detail", story.notice(platform).reference)
        hand.go(hand.page.get_by_role("button", name="Send"))
        hand.picture(f"send-{platform}")
        hand.press("Send")
        hand.reads("The letter is on its way.")
    assert dispatch.send_due() == 2
    hand.visit("notices:notice_list", queue="waiting")
    hand.picture("waiting-for-answers")


def opens_the_letter(hand: Hand, folder: Path) -> None:
    notice = story.notice("x")
    assert len(list(folder.glob("*.eml"))) == 1
    hand.visit("notices:mail_list")
    hand.picture("mail-sink")
    hand.follow(notice.subject)
    assert hand.page.get_by_label("The letter").inner_text().strip() == notice.body.strip()
    hand.reads("legal-requests@x.example")
    assert is_tagged(hand.take(f"{notice.reference}.pdf"))
    hand.picture("letter-in-the-sink")


def sees_only_their_own(hand: Hand) -> None:
    own, other = story.notice("facebook"), story.notice("x")
    hand.visit("notices:notice_list")
    assert [row[:2] for row in hand.rows()] == [[f"{own.reference} High", "Facebook · Portal"]]
    hand.picture("liaison-list")
    assert hand.status_of("notices:notice_detail", own.reference) == 200
    assert hand.status_of("notices:notice_detail", other.reference) == 404
    assert hand.status_of("notices:notice_letter", other.reference) == 404
    hand.visit("notices:notice_detail", own.reference)
    hand.picture("liaison-notice")
    hand.go(hand.page.get_by_role("button", name="Acknowledge"))
    hand.fill(platform_reference="FB-77")
    hand.picture("acknowledge")
    hand.press("Acknowledge")
    hand.reads("The notice is acknowledged.")


def answers(hand: Hand) -> None:
    reference = story.notice("facebook").reference
    for said in story.ANSWERS:
        if len(said.lines) == 1:
            hand.visit("notices:notice_detail", reference)
            hand.follow(f"Answer line {said.lines[0]}")
        else:
            hand.visit("notices:notice_answer", reference)
            for line in said.lines:
                hand.page.get_by_label(f"Select {line}", exact=True).check()
        hand.fill(answer=said.answer, **written(said.more))
        hand.picture(f"answer-{said.answer}-{len(said.lines)}")
        hand.press("Save the answer")
        hand.reads(f"{len(said.lines)} line{' is' if len(said.lines) == 1 else 's are'} answered:")
    hand.picture("liaison-notice-answered")


def written(more: dict[str, object]) -> dict[str, object]:
    return {name: ", ".join(value) if isinstance(value, list) else value for name, value in more.items()}


def checks_many(hand: Hand) -> None:
    """Lines to X that are still there, looked at together."""
    hand.visit("casework:item_list", platform="x", case=story.CASE)
    for line in story.STILL_LIVE:
        hand.page.get_by_label(f"Select {story.item('x', line).reference}", exact=True).check()
    hand.page.locator("#bulk-verb").select_option("check")
    hand.press("Preview")
    hand.fill(verdict="live")
    hand.picture("check-many")
    hand.press("Record a check")
    hand.reads(f"{len(story.STILL_LIVE)} items checked:")


def checks_each(hand: Hand) -> None:
    for seen in story.CHECKS:
        item = story.item("facebook", seen.line)
        hand.visit("casework:item_check", item.reference)
        hand.fill(verdict=seen.verdict, cause=seen.cause, screenshot=screenshot(100 + seen.line))
        if seen.line == 1:
            hand.picture("check")
        hand.press("Save the check")
        hand.reads("Check saved:")
        if seen.line in (1, 6, 10):
            hand.picture(f"item-seen-{seen.verdict}")
    for queue, lines in story.DISPUTED.items():
        hand.visit("casework:item_list", queue=queue)
        assert len(hand.rows()) == len(lines)
        hand.picture(queue)


def withdraws(hand: Hand) -> None:
    hand.visit("casework:item_detail", story.item(*story.WITHDRAWN).reference)
    hand.go(hand.page.get_by_role("button", name="Withdraw"))
    hand.fill(reason=story.WITHDRAWAL)
    hand.picture("withdraw")
    hand.press("Withdraw")


def reads_the_rate(hand: Hand) -> None:
    hand.visit("reports:rates")
    said = fold(hand.page.get_by_role("main").inner_text())
    for words in (
        f"{story.NOTIFIED} items in 2 notices, of which {story.ELIGIBLE} eligible",
        f"{story.RATE} {story.DOWN} of {story.ELIGIBLE}",
        f"{story.RATE_DECIDED} {story.DOWN} of {story.DECIDED}",
        story.INTERVAL,
        story.INTERVAL_DECIDED,
        "as at",
    ):
        assert words in said, (words, said)
    hand.picture("takedown-rate")


def opens_rows(hand: Hand) -> None:
    hand.go(hand.page.get_by_role("link", name=f"{story.ELIGIBLE} eligible"))
    hand.reads(f"{story.ELIGIBLE} rows:")
    assert len(hand.rows()) == story.ELIGIBLE
    hand.picture("rows-behind-the-rate")
    hand.page.go_back()
    row = hand.page.get_by_role("row", name=re.compile("^X1"))
    hand.go(row.get_by_role("link", name="1", exact=True))
    assert [cells[0] for cells in hand.rows()] == [story.item(*story.WITHDRAWN).reference]
    hand.page.go_back()


def downloads_the_report(hand: Hand) -> None:
    content = hand.take("PDF")
    assert is_tagged(content)
    printed = text_of(content)
    for figures in (
        f"Of {story.ELIGIBLE} posts notified",
        f"{story.DOWN} ({story.RATE}; {story.INTERVAL}; low base) were down",
        f"(S06) {story.DOWN} {story.DECIDED} low base {story.RATE_DECIDED}",
    ):
        assert figures.replace(" ", "") in printed
    with pikepdf.open(io.BytesIO(content)) as report:
        assert str(report.Root.Lang) == "en-GB"
    hand.visit("reports:methodology")
    hand.picture("method")
    expect(hand.page).to_have_title(re.compile("Takedown Desk"))
