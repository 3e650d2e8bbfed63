"""A claim that a look contradicts, by hand: from the platform's word to a letter, and on to the next episode.

The checker's own program looks at a pretend platform; letters leave over real SMTP.
"""

import json
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.roles import Role
from casework import check_jobs, checkers
from casework.models import CheckJob, Item
from notices import dispatch
from notices.models import Notice
from platforms.models import Platform
from tests.casework.checking import switch
from tests.factories import some
from tests.journeys.conftest import People
from tests.journeys.hand import Hand
from tests.journeys.test_captures_arrive import program
from tests.notices.letters_at import Desk, ago

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Look = Callable[[Item, str], None]


@pytest.fixture
def look(people: People, hand: Hand, tmp_path: Path) -> Look:
    """The checker visits an item now, whose address behaves as told; two looks that agree may follow at once."""
    _, secret = checkers.add_checker("London 1", country="GB", by=some(Role.ADMINISTRATOR))
    (tmp_path / "token").write_text(secret)
    switch("x")
    Platform.objects.filter(slug="x").update(confirm_hours=0)

    def looks(item: Item, behaviour: str) -> None:
        Item.objects.filter(pk=item.pk).update(next_check_at=timezone.now())
        check_jobs.plan()
        CheckJob.objects.update(not_before=timezone.now())
        seen = item.checks.count()
        behaviours, world = tmp_path / "behaviours.json", tmp_path / f"world-{seen}.json"
        behaviours.write_text(json.dumps({item.canonical: behaviour}))
        checker = ["--api", hand.site, "--token-file", str(tmp_path / "token"), "--pretend", str(world)]
        with (
            program("checker.pretend", str(behaviours), str(world)),
            program("checker", *checker, "--interval", "0", "--once") as process,
        ):
            assert process.wait(120) == 0
        item.refresh_from_db()
        assert item.checks.count() == seen + 1

    return looks


def test_from_a_claim_that_is_not_so_to_the_next_episode(
    hand: Hand, people: People, mail_sink: Path, look: Look
) -> None:
    desk = Desk(people["officer"], people["reviewer"], people["x"])
    notice = desk.sent(lines=1, kind="mail", at=ago(hours=5))
    item = notice.lines.select_related("item").get().item

    hand.sign_in(people["x"].email)
    hand.visit("notices:notice_answer", notice.reference)
    hand.fill(answer="removed")
    hand.press("Save the answer")
    hand.reads("1 line is answered: Removed.")
    look(item, "live")

    letter = disputes(hand, people, item)
    [sent] = [read(path) for path in mail_sink.glob("*.eml") if letter in path.read_text(errors="replace")]
    assert f"Our notice: {notice} of " in sent
    assert "What we saw: visible, " in sent
    hand.sign_in(people["x"].email)
    hand.visit("notices:notice_list", queue="disputed")
    hand.follow(notice.reference)
    hand.reads(f"{letter}, line 1")
    hand.picture("disputed-as-the-platform-sees-it")

    look(item, "removed")
    look(item, "removed")
    assert (item.status, item.presence) == ("watching", "gone")
    hand.visit("notices:notice_list", queue="disputed")
    hand.reads("No answer of yours is disputed.")
    look(item, "live")
    assert (item.status, item.priority) == ("approved", 1)

    follow_up = leaves(hand, people, item)
    assert f"Notified before: {notice} of " in follow_up.body
    first, second = item.episodes.order_by("number")
    assert (first.closed_at is not None, second.t0, second.closed_at) == (True, follow_up.received_at, None)
    assert hand.complaints == []


def disputes(hand: Hand, people: People, item: Item) -> str:
    """From the queue to a letter that has left; its reference."""
    hand.sign_in(people["officer"].email)
    hand.visit("casework:item_list", queue="says_removed")
    hand.reads(item.reference)
    hand.picture("says-removed-we-see-it")
    hand.act_on_all("dispute")
    hand.fill(captures=True)
    hand.picture("letters-they-would-become")
    hand.press("Draft the letters")
    made = Notice.objects.get(kind="dispute")
    carry_out(hand, people, made)
    hand.visit("casework:item_list", queue="says_removed")
    hand.reads(f"{made} sent on")
    hand.picture("written-to")
    return made.reference


def leaves(hand: Hand, people: People, item: Item) -> Notice:
    """From the page of what has come back to a notice that has left."""
    hand.sign_in(people["officer"].email)
    hand.visit("casework:item_list", queue="reappeared")
    hand.follow(item.reference)
    hand.press("Draft the follow-up")
    hand.press("Draft the notices")
    made: Notice = Notice.objects.filter(kind="notice").latest("pk")
    carry_out(hand, people, made)
    made.refresh_from_db()
    return made


def carry_out(hand: Hand, people: People, made: Notice) -> None:
    """Sender, submission, approval, sending; the officer is signed in before and after."""
    hand.visit("notices:notice_edit", made.reference)
    hand.fill(
        organisation="Referral Centre", name="Referral desk", email="desk@centre.example", good_faith=True
    )
    hand.press("Save")
    hand.visit("notices:notice_verb", made.reference, "submit")
    hand.press("Submit for approval")
    hand.sign_in(people["reviewer"].email)
    hand.visit("notices:notice_verb", made.reference, "approve")
    hand.press("Approve")
    hand.sign_in(people["officer"].email)
    hand.visit("notices:notice_verb", made.reference, "queue")
    hand.press("Send")
    assert dispatch.send_due() == 1


def read(path: Path) -> str:
    """The text of a letter as it came over SMTP."""
    body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())
