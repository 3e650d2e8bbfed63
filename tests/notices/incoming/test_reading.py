"""Every raw mail of `tests/notices/mails` has exactly the effect that its table says, and none changes a claim."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.models import Event
from notices.incoming import addresses, parsing, quoting, reading, reports, senders, settling, sorting
from notices.incoming.receiving import receive
from notices.models import Answer, Dispatch, Door, IncomingMail, MailReading, Notice
from tests.notices.incoming.conftest import TakeIn
from tests.notices.mails import hostile, replies
from tests.notices.mails import reports as of_programs
from tests.notices.mails.forms import About, Case, mail

CASES = [*replies.CASES, *of_programs.CASES, *hostile.CASES]


def said(read: MailReading) -> dict[int, str]:
    """What is suggested for the lines, as in the table."""
    made = settling.suggestion(read, settling.letter_of(read))
    return {
        position: f"{each.answer}:{each.refusal_code}" if each.refusal_code else each.answer
        for position, each in sorted(made.lines.items())
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mail_has_the_effect_of_the_table_and_changes_no_claim(
    case: Case, about: About, take_in: TakeIn
) -> None:
    raw = case.raw(about)

    read = take_in(case)

    assert (read.kind, read.matched_by, read.is_verified) == (case.kind, case.matched, case.verified)
    assert read.notice == (about.notice if case.matched else None)
    assert said(read) == case.says
    assert case.remark in " ".join(read.remarks)
    assert read.words.startswith(case.own)
    assert not case.reference or read.platform_reference == case.reference
    assert Notice.objects.get(pk=about.notice.pk).status == case.status
    assert Notice.objects.get(pk=about.other.pk).status == "sent"
    assert list(Answer.objects.all()) == []
    assert {line.answer for line in about.notice.lines.all()} == {""}
    assert bytes(IncomingMail.objects.get(pk=read.mail_id).raw) == raw
    told = {about.notice.reference} if case.matched else set()
    told |= {about.notice.reference, about.other.reference} if case.to == "both" else set()
    events = Event.objects.filter(kind="mail.came_in").values_list("notice", flat=True)
    assert sorted(events) == sorted(told)


def test_same_bytes_are_kept_once_and_have_effect_once(about: About, take_in: TakeIn) -> None:
    case = of_programs.CASES[0]

    first, second = take_in(case), take_in(case)

    assert first == second
    assert IncomingMail.objects.count() == MailReading.objects.count() == 1
    assert Event.objects.filter(kind="notice.delivery_failed").count() == 1


def test_mail_to_two_notices_that_comes_for_each_by_itself_is_told_at_both(about: About) -> None:
    """The second copy has the same bytes, and is not kept again: the headers of the first name both."""
    both = f"{about.reply_to}, {addresses.reply_address(about.other)}"
    raw = mail(about, "Both posts have been removed.", to=both)

    first = receive(raw, door=Door.SMTP, recipients=[about.reply_to]).mail
    second = receive(raw, door=Door.SMTP, recipients=[addresses.reply_address(about.other)]).mail
    reading.read_waiting()

    assert first == second
    assert (first.reading.notice, first.reading.matched_by) == (about.notice, "reply")
    assert reading.ALSO.format(others=about.other) in first.reading.remarks
    told = Event.objects.filter(kind="mail.came_in").order_by("notice").values_list("notice", flat=True)
    assert list(told) == [about.notice.reference, about.other.reference]


def test_late_bounce_of_an_earlier_dispatch_changes_nothing(about: About) -> None:
    case = of_programs.CASES[0]
    raw, to = case.raw(about), about.return_to
    earlier = about.notice.dispatches.get()
    Dispatch.objects.create(notice=about.notice, channel=earlier.channel, state="sent")

    mail = receive(raw, door=Door.SMTP, recipients=[to]).mail
    reading.read_waiting()

    assert reading.NOT_OUR_LETTER in mail.reading.remarks
    about.notice.refresh_from_db()
    assert about.notice.status == "sent"


def test_mail_of_a_withdrawn_notice_is_still_taken(about: About, take_in: TakeIn) -> None:
    Notice.objects.filter(pk=about.notice.pk).update(status="withdrawn")

    assert take_in(replies.CASES[0]).notice == about.notice


def test_what_cannot_be_read_is_kept_and_does_not_stop_the_others(
    about: About, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = receive(b"Subject: first\r\n\r\n", door=Door.SMTP).mail
    sound = receive(b"Subject: second\r\n\r\n", door=Door.SMTP).mail
    parse = parsing.parse

    def stumble(raw: bytes) -> parsing.Letter:
        if raw.startswith(b"Subject: first"):
            raise ZeroDivisionError
        return parse(raw)

    monkeypatch.setattr(parsing, "parse", stumble)

    assert reading.read_waiting() == 2
    assert (broken.reading.kind, sound.reading.kind) == ("unreadable", "reply")
    assert broken.reading.remarks == [reading.CANNOT_READ]


SEEDS = [
    case.raw
    for case in CASES
    if case.name
    not in {"ten thousand parts", "nested 450 deep", "long lines", "a million headers", "a million lines"}
]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.data())
def test_mutated_mail_is_never_an_exception(about: About, drawn: st.DataObject) -> None:
    raw = bytearray(drawn.draw(st.sampled_from(SEEDS))(about)[:20_000])
    for _ in range(drawn.draw(st.integers(1, 8))):
        start = drawn.draw(st.integers(0, len(raw)))
        raw[start : start + drawn.draw(st.integers(0, 40))] = drawn.draw(st.binary(max_size=12))

    letter = parsing.parse(bytes(raw))

    author, _ = senders.sender(letter)
    senders.unproven(letter, author.rpartition("@")[2], "mx.centre.example")
    reports.report(letter, "")
    sorting.kind(letter, returned=False, letter_sent=about.notice.body)
    for text in (letter.text, letter.header("Subject"), quoting.own_words(letter.text, about.notice.body)):
        assert "\0" not in text
        text.encode()
    letter.written_at()
