"""What a person makes of a message: answers, a receipt, a question, nothing; and undoing it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from casework.models import Event
from casework.transitions import TransitionNotAllowed
from notices.answers import Given
from notices.incoming import reading, settling
from notices.incoming.receiving import receive
from notices.models import Acknowledgement, Answer, Door, MailReading
from tests.notices.incoming.conftest import TakeIn
from tests.notices.letters_at import Desk, ago
from tests.notices.mails import hostile, replies
from tests.notices.mails import reports as of_programs
from tests.notices.mails.forms import PASSED, PLATFORM, About, Case, mail
from tests.notices.test_answer_files import as_xlsx, filled

SignIn = Callable[[User], Client]
NAMED = {case.name: case for case in [*replies.CASES, *of_programs.CASES, *hostile.CASES]}


@pytest.fixture
def reply(take_in: TakeIn) -> MailReading:
    return take_in(NAMED["outlook"])


@pytest.fixture
def unmatched(take_in: TakeIn) -> MailReading:
    return take_in(NAMED["the notice by its headers alone"])


def kinds(about: About) -> list[str]:
    rows = Event.objects.filter(notice=about.notice.reference, kind__startswith="mail.").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def test_answers_are_the_platforms_from_when_the_mail_arrived(
    reply: MailReading, about: About, desk: Desk
) -> None:
    first, second = about.notice.lines.order_by("position")

    settling.take_answers(
        reply, {first.pk: Given("removed"), second.pk: Given("refused", "no_policy_breach")}, by=desk.first
    )

    rows = Answer.objects.order_by("line__position").values_list("answer", "source", "mail", "at", "by_name")
    at = reply.mail.received_at
    assert list(rows) == [
        ("removed", "mail", reply.mail_id, at, desk.first.name),
        ("refused", "mail", reply.mail_id, at, desk.first.name),
    ]
    about.notice.refresh_from_db()
    assert about.notice.status == "answered"
    assert kinds(about) == ["mail.came_in", "mail.answers_taken"]
    reply.refresh_from_db()
    assert (reply.settled_as, reply.settled_by) == ("answered", desk.first)


def test_time_after_the_mail_arrived_is_not_suggested(take_in: TakeIn) -> None:
    said = "Line 1 was removed on 1 March 2026 at 10:00.\nLine 2 was removed on 1 March 2099 at 10:00.\n"

    read = take_in(Case("times", lambda about: mail(about, said)))

    suggested = settling.suggestion(read, settling.letter_of(read)).lines
    assert {position: line.answer for position, line in suggested.items()} == {1: "removed", 2: "removed"}
    assert [line.effective_at for _, line in sorted(suggested.items())] == [
        datetime(2026, 3, 1, 10, tzinfo=UTC),
        None,
    ]


def test_answers_are_taken_once_and_stay(reply: MailReading, about: About, desk: Desk) -> None:
    said = {about.notice.lines.first().pk: Given("removed")}
    settling.take_answers(reply, said, by=desk.first)

    for again in (
        lambda: settling.take_answers(reply, said, by=desk.first),
        lambda: settling.take_up(reply, by=desk.first),
        lambda: settling.detach(reply, by=desk.first),
    ):
        with pytest.raises(TransitionNotAllowed):
            again()
    assert Answer.objects.count() == 1


def test_lines_of_another_notice_are_refused(reply: MailReading, about: About, desk: Desk) -> None:
    with pytest.raises(ValidationError, match="not in the notice"):
        settling.take_answers(reply, {about.other.lines.get().pk: Given("removed")}, by=desk.first)
    assert Answer.objects.count() == 0


def test_liaison_and_auditor_settle_nothing(reply: MailReading, desk: Desk, auditor: User) -> None:
    for person in (desk.liaison, auditor):
        with pytest.raises(PermissionDenied):
            settling.set_aside(reply, by=person)
    assert list(MailReading.objects.visible_to(desk.liaison)) == []


def test_automatic_receipt_moves_nothing(take_in: TakeIn, about: About, desk: Desk) -> None:
    read = take_in(NAMED["automatic receipt with a number"])

    settling.take_receipt(read, platform_reference=read.platform_reference, by=desk.first)

    about.notice.refresh_from_db()
    assert (about.notice.status, about.notice.platform_reference) == ("sent", "TS-20431")
    assert Acknowledgement.objects.get().automatic
    assert read.settled_as == "acknowledged"


def test_receipt_by_a_person_acknowledges(reply: MailReading, about: About, desk: Desk) -> None:
    expected = reply.mail.received_at + timedelta(days=2)

    settling.take_receipt(reply, expected_at=expected, by=desk.first)

    about.notice.refresh_from_db()
    assert (about.notice.status, about.notice.acknowledged_at) == ("acknowledged", reply.mail.received_at)
    assert about.notice.expected_at == expected


def test_question_stops_the_clock(take_in: TakeIn, about: About, desk: Desk) -> None:
    settling.take_question(take_in(NAMED["a question"]), reason="A screenshot?", by=desk.first)

    about.notice.refresh_from_db()
    assert about.notice.status == "clarification"


def test_attached_by_hand_and_undone(unmatched: MailReading, about: About, desk: Desk) -> None:
    assert unmatched.hint == about.notice

    settling.attach(unmatched, about.notice, by=desk.first)

    assert (unmatched.notice, unmatched.matched_by, unmatched.is_verified) == (about.notice, "person", True)
    with pytest.raises(TransitionNotAllowed, match="belongs to"):
        settling.attach(unmatched, about.other, by=desk.first)
    settling.detach(unmatched, by=desk.first)
    assert (unmatched.notice, unmatched.matched_by, unmatched.is_verified) == (None, "", False)
    assert kinds(about) == ["mail.attached", "mail.detached"]


def test_attached_to_a_platform_that_did_not_write_it_is_not_verified(
    unmatched: MailReading, about: About, desk: Desk
) -> None:
    about.other.channel.address = "office@other.example"
    about.other.channel.save()

    settling.attach(unmatched, about.other, by=desk.first)

    assert not unmatched.is_verified


def test_nothing_follows_before_it_is_attached(unmatched: MailReading, desk: Desk) -> None:
    with pytest.raises(TransitionNotAllowed, match="no notice yet"):
        settling.take_question(unmatched, reason="Why?", by=desk.first)


def test_set_aside_and_taken_up(reply: MailReading, about: About, desk: Desk) -> None:
    settling.set_aside(reply, by=desk.first)
    with pytest.raises(TransitionNotAllowed, match="settled already"):
        settling.take_question(reply, reason="Why?", by=desk.first)

    settling.take_up(reply, by=desk.first)

    assert (reply.settled_as, reply.settled_at, reply.settled_by) == ("", None, None)
    assert kinds(about) == ["mail.came_in", "mail.set_aside", "mail.taken_up"]


# -- The table that came with the notice ------------------------------------------------------------------------


def mailed_back(about: About, content: bytes, filename: str) -> MailReading:
    letter = EmailMessage()
    letter["From"], letter["To"] = PLATFORM, about.reply_to
    letter["Authentication-Results"] = PASSED
    letter.set_content("The table is attached.")
    letter.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    mail = receive(
        letter.as_bytes(), door=Door.SMTP, sender=PLATFORM, recipients=[about.reply_to], at=ago(hours=1)
    ).mail
    reading.read_waiting()
    return mail.reading


def test_table_mailed_back_is_read_and_saved(about: About, desk: Desk, signed_in: SignIn) -> None:
    rows = filled(about.notice, l1={"answer": "removed"}, l2={"answer": "not found by platform"})
    read = mailed_back(about, as_xlsx(rows), "lines.xlsx")
    page = reverse("notices:incoming_file", args=[read.mail_id, 2])
    client = signed_in(desk.first)

    shown = client.get(page)
    client.post(page)

    assert [str(each.answer) for each in shown.context["filled"]] == ["Removed", "Not found by the platform"]
    rows = Answer.objects.order_by("line__position").values_list("answer", "source", "mail")
    assert list(rows) == [("removed", "mail", read.mail_id), ("not_found_by_platform", "mail", read.mail_id)]
    read.refresh_from_db()
    assert read.settled_as == "answered"


def test_row_in_error_is_left_out_only_when_said(about: About, desk: Desk, signed_in: SignIn) -> None:
    rows = filled(about.notice, l1={"answer": "removed"}, l2={"answer": "perhaps"})
    read = mailed_back(about, as_xlsx(rows), "lines.xlsx")
    page, client = reverse("notices:incoming_file", args=[read.mail_id, 2]), signed_in(desk.first)

    client.post(page)
    before = Answer.objects.count()
    client.post(page, {"leave_out": "yes"})

    assert (before, Answer.objects.count()) == (0, 1)


def test_zip_bomb_is_refused_with_a_sentence(take_in: TakeIn, desk: Desk, signed_in: SignIn) -> None:
    read = take_in(NAMED["a zip bomb"])
    page = reverse("notices:incoming_file", args=[read.mail_id, 2])

    answer = signed_in(desk.first).get(page, follow=True)

    assert answer.redirect_chain == [(reverse("notices:incoming_detail", args=[read.mail_id]), 302)]
    assert len(answer.context["messages"]) == 1


# -- The pages --------------------------------------------------------------------------------------------------


def test_suggested_answers_stand_in_the_form_and_are_recorded(
    reply: MailReading, about: About, desk: Desk, signed_in: SignIn
) -> None:
    client, page = signed_in(desk.first), reverse("notices:incoming_answers", args=[reply.mail_id])

    form = client.get(page).context["form"]
    sent = {field.html_name: field.value() or "" for field in form}
    client.post(page, sent)

    assert list(Answer.objects.order_by("line__position").values_list("answer", "refusal_code")) == [
        ("removed", ""), ("refused", "no_policy_breach"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, "__all__"),
        ({"answer_1": "refused"}, "refusal_1"),
        ({"answer_1": "removed", "refusal_1": "other"}, "refusal_1"),
        ({"answer_1": "restricted_geo", "territories": "England"}, "territories"),
        ({"answer_1": "removed", "effective_1": "9999-01-01"}, "effective_1"),
        ({"answer_1": "perhaps"}, "answer_1"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    reply: MailReading, desk: Desk, signed_in: SignIn, sent: dict[str, str], wrong: str
) -> None:
    answer = signed_in(desk.first).post(reverse("notices:incoming_answers", args=[reply.mail_id]), sent)

    assert answer.status_code == 422
    assert wrong in answer.context["form"].errors
    assert Answer.objects.count() == 0


def test_page_shows_words_and_runs_nothing(take_in: TakeIn, desk: Desk, signed_in: SignIn) -> None:
    read = take_in(NAMED["script"])

    shown = (
        signed_in(desk.first).get(reverse("notices:incoming_detail", args=[read.mail_id])).content.decode()
    )

    assert "Removed both." in shown
    assert "alert(" not in shown
    assert "evil.example" not in shown


def test_raw_message_is_a_download_byte_for_byte(
    reply: MailReading, about: About, desk: Desk, signed_in: SignIn
) -> None:
    answer = signed_in(desk.first).get(reverse("notices:incoming_raw", args=[reply.mail_id]))

    assert b"".join(answer) == NAMED["outlook"].raw(about)
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        "application/octet-stream",
        "nosniff",
    )


@pytest.mark.parametrize(
    ("queue", "name"),
    [
        ("to_read", "outlook"),
        ("unverified", "spoofed sender"),
        ("unmatched", "the notice by its headers alone"),
        ("bounces", "postfix"),
        ("automatic", "out of office"),
    ],
)
def test_each_message_stands_in_one_list(
    queue: str, name: str, take_in: TakeIn, desk: Desk, signed_in: SignIn
) -> None:
    read, client = take_in(NAMED[name]), signed_in(desk.first)
    found = {}
    for each in ("to_read", "unverified", "unmatched", "bounces", "automatic", "settled"):
        page = client.get(reverse("notices:incoming_list"), {"queue": each})
        found[each] = list(page.context["page_obj"])

    assert found == {each: [read] if each == queue else [] for each in found}


def test_lists_take_the_same_queries_however_long(
    take_in: TakeIn, desk: Desk, signed_in: SignIn, django_assert_num_queries: Callable[..., object]
) -> None:
    client, page = signed_in(desk.first), reverse("notices:incoming_list")
    take_in(NAMED["outlook"])
    with django_assert_num_queries(8):
        client.get(page)
    take_in(NAMED["gmail"])
    take_in(NAMED["notes"])
    with django_assert_num_queries(8):
        client.get(page)


@pytest.mark.parametrize(
    ("name", "leading"),
    [
        ("outlook", "Confirm the answers"),
        ("automatic receipt with a number", "It confirms receipt"),
        ("out of office", None),
    ],
)
def test_what_leads_on_fits_what_came(
    take_in: TakeIn, desk: Desk, signed_in: SignIn, name: str, leading: str | None
) -> None:
    read = take_in(NAMED[name])

    page = signed_in(desk.first).get(reverse("notices:incoming_detail", args=[read.mail_id]))

    assert [label for label, _, kind in page.context["buttons"] if not kind] == [leading][
        : leading is not None
    ]
