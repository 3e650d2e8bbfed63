"""Chasers: who is reminded, of what, and that nobody is who has answered."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from casework.models import Event, Hold
from casework.timeline import sentence
from casework.transitions import TransitionNotAllowed
from config.demonstration import clock
from notices import answers, chasers, chasing, dispatch, escalation, owed, telling
from notices.models import Chase, Dispatch, DispatchState, Notice, NoticeKind, NoticeStatus
from platforms.models import Channel, ChannelKind, Platform
from tests import factories
from tests.notices.letters_at import Desk, ago, sending
from tests.notices.mail_server import MailServer, Script

HOUR = timedelta(hours=1)
MAIL = ChannelKind.MAIL


def overdue(desk: Desk, *, lines: int = 2, kind: str = MAIL, days: float = 3) -> Notice:
    """High severity: due 48 hours after it arrived."""
    notice = desk.sent(lines=lines, kind=kind, at=ago(days=days))
    mail.outbox.clear()
    return notice


def answer(notice: Notice, desk: Desk, *, lines: int = 9) -> None:
    some = list(notice.lines.order_by("position")[:lines])
    answers.answer_lines(some, answer="removed", source="portal", by=desk.liaison)


def why(notice: Notice) -> str:
    notice.refresh_from_db()
    [looked] = owed.look([notice], timezone.now())
    return looked.why


# -- Offering ------------------------------------------------------------------------------------------------------


def test_one_digest_for_each_platform_channel_and_language(desk: Desk) -> None:
    first, second = overdue(desk), overdue(desk, lines=1)
    portal = overdue(desk, lines=1, kind=ChannelKind.PORTAL)
    desk.sent(lines=1, kind=MAIL)  # not due yet

    digests = chasers.offered()

    assert [(str(each.platform), str(each.channel), each.language, each.asked) for each in digests] == [
        ("X", "Portal", "en", [portal]),
        ("X", "E-mail legal@platform.example", "en", [first, second]),
    ]


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda notice, desk: answer(notice, desk), "It is answered; nothing is owed now."),
        (lambda notice, desk: answer(notice, desk, lines=1), "Something came in on"),
        (lambda notice, desk: answers.acknowledge(notice, by=desk.liaison), "Something came in on"),
        (
            lambda notice, desk: answers.acknowledge(
                notice, by=desk.liaison, expected_at=timezone.now() + timedelta(days=9)
            ),
            "The platform means to answer by",
        ),
        (
            lambda notice, desk: answers.clarify(notice, reason="Which?", by=desk.liaison),
            "It is clarification asked for; nothing is owed now.",
        ),
        (
            lambda notice, desk: dispatch.delivery_failed(
                notice, reason="550", at=timezone.now(), by=desk.first
            ),
            "It is delivery failed; nothing is owed now.",
        ),
        (
            lambda notice, desk: Hold.objects.bulk_create(
                Hold(item=line.item, placed_at=ago(hours=1), placed_by=desk.first, authority="a", reason="b")
                for line in notice.lines.all()
            ),
            "Nothing that it asks for is open and still up.",
        ),
        (
            lambda notice, desk: chasers.chase([notice], by=desk.first),
            "A message about it is on its way already.",
        ),
        (
            lambda notice, desk: Channel.objects.filter(pk=notice.channel_id).update(is_current=False),
            "No channel takes a message by itself: telephone, or escalate.",
        ),
    ],
)
def test_who_is_not_chased(happens: Callable[[Notice, Desk], object], reason: str, desk: Desk) -> None:
    notice = overdue(desk)
    assert why(notice) == ""

    happens(notice, desk)

    assert why(notice).startswith(reason)
    with pytest.raises(TransitionNotAllowed, match=reason):
        chasers.chase([notice], by=desk.first)


def test_what_was_acknowledged_or_part_answered_in_time_is_chased_about_its_open_lines(desk: Desk) -> None:
    with clock.on(ago(days=3)):
        notice = desk.sent(lines=3, kind=MAIL, at=timezone.now())
        answers.acknowledge(notice, by=desk.liaison)
        answer(notice, desk, lines=1)

    [digest] = chasers.offered()

    assert [line.position for line in digest.lines[notice.pk]] == [2, 3]


def test_what_is_gone_is_not_asked_for(desk: Desk) -> None:
    notice = overdue(desk)
    for line in notice.lines.all():
        factories.see_gone(line.item)

    assert why(notice) == "Nothing that it asks for is open and still up."


# -- Sending -------------------------------------------------------------------------------------------------------


def test_a_chaser_leaves_over_the_outbox_and_is_done(desk: Desk) -> None:
    first, second = overdue(desk), overdue(desk, lines=1)

    chaser = chasers.chase([second, first], by=desk.first)
    made_id = chaser.message_id
    sent = dispatch.send_due()

    chaser.refresh_from_db()
    [letter] = mail.outbox
    assert (sent, chaser.status, chaser.kind, chaser.due_at) == (
        1,
        NoticeStatus.CLOSED,
        NoticeKind.CHASER,
        None,
    )
    assert letter.extra_headers["Message-ID"] == chaser.message_id == made_id
    assert letter.attachments == []
    assert letter.subject == f"Reminder: 2 of our notices to X wait for your answer ({chaser.reference})"
    assert [notice.reference in letter.body for notice in (first, second)] == [True, True]
    assert [line.address in letter.body for line in first.lines.all()] == [True, True]
    assert [
        sentence(event) for event in Event.objects.filter(kind="notice.chased", notice=first.reference)
    ] == [f"reminded the platform of this notice, for the first time (chaser {chaser})."]
    assert list(chaser.delivery_records.values_list("kind", flat=True)) == ["sent", "received"]


def test_the_second_chaser_waits_for_the_platforms_spacing(desk: Desk, manager: User) -> None:
    notice = overdue(desk)
    chasers.chase([notice], by=desk.first)
    dispatch.send_due()

    assert why(notice).startswith("Chased on")
    [later] = owed.look([notice], timezone.now() + timedelta(hours=72, seconds=1))
    chasers.set_steps(
        notice.platform, chases=False, every_hours=100, escalates=False, after_chasers=2, by=manager
    )
    [longer] = owed.look([notice], timezone.now() + timedelta(hours=72, seconds=1))
    assert (later.why, later.chased, longer.why[:9]) == ("", 1, "Chased on")


def test_an_answer_before_it_leaves_takes_its_notice_out(desk: Desk) -> None:
    answered, silent = overdue(desk), overdue(desk, lines=1)
    chaser = chasers.chase([answered, silent], by=desk.first)

    answer(answered, desk)
    dispatch.send_due()

    [letter] = mail.outbox
    chaser.refresh_from_db()
    assert [notice.reference in letter.body for notice in (answered, silent)] == [False, True]
    assert letter.extra_headers["Message-ID"] == chaser.message_id
    assert list(chaser.lines.values_list("item", flat=True)) == list(
        silent.lines.values_list("item", flat=True)
    )
    assert list(Chase.objects.exclude(why="").values_list("notice", "why")) == [
        (answered.pk, "It is answered; nothing is owed now.")
    ]
    assert (
        Event.objects.filter(kind="notice.chased").values_list("notice", flat=True).get() == silent.reference
    )
    assert Event.objects.filter(kind="notice.chaser_stopped").get().notice == answered.reference


def test_with_nothing_left_to_ask_it_does_not_leave(desk: Desk) -> None:
    notice = overdue(desk)
    chaser = chasers.chase([notice], by=desk.first)

    answer(notice, desk)
    dispatch.send_due()

    chaser.refresh_from_db()
    assert (mail.outbox, chaser.status) == ([], NoticeStatus.DISCARDED)
    assert Dispatch.objects.get(notice=chaser).state == DispatchState.FAILED


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_answer_while_it_is_being_handed_over_calls_it_back(
    desk: Desk, mail_server: MailServer, script: Script
) -> None:
    """The look before the final dot is the last word, however late the answer came."""
    notice, other = overdue(desk), overdue(desk)
    script.kept.clear()
    chaser = chasers.chase([notice, other], by=desk.first)
    script.stand_still_at = "DATA"
    thread, counted = sending()
    assert script.reached.wait(60)

    answer(notice, desk)
    script.stand_still_at = ""
    script.go_on.set()
    thread.join(60)
    second = dispatch.send_due(timezone.now() + timedelta(minutes=3))

    chaser.refresh_from_db()
    assert (counted, second, script.message_ids) == ([0], 1, [chaser.message_id])
    assert [each.reference in chaser.body for each in (notice, other)] == [False, True]
    assert list(Dispatch.objects.get(notice=chaser).log.order_by("pk").values_list("outcome", flat=True)) == [
        "later", "accepted",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_chaser_and_an_answer_at_the_same_time_two_connections(desk: Desk) -> None:
    """The answer holds the notice; the sender waits for it, and then does not send."""
    notice = overdue(desk)
    chaser = chasers.chase([notice], by=desk.first)
    with transaction.atomic():
        answer(notice, desk)
        thread, counted = sending()
        wait_for_a_lock()
        assert counted == []
    thread.join(60)

    chaser.refresh_from_db()
    assert (counted, mail.outbox, chaser.status) == ([0], [], NoticeStatus.DISCARDED)


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_chase_once(desk: Desk, manager: User) -> None:
    notice = overdue(desk)
    chasers.set_steps(
        notice.platform, chases=True, every_hours=72, escalates=False, after_chasers=2, by=manager
    )
    together = threading.Barrier(2)

    def sweeps() -> None:
        together.wait(60)
        try:
            chasers.send_automatic()
        finally:
            connection.close()

    threads = [threading.Thread(target=sweeps) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert Notice.objects.filter(kind=NoticeKind.CHASER).count() == 1


def wait_for_a_lock() -> None:
    give_up = threading.Event()
    for _ in range(1200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        give_up.wait(0.05)
    raise AssertionError("nobody waits for the notice")


def test_a_bounced_chaser_stops_further_ones_until_it_is_seen_to(desk: Desk) -> None:
    notice = overdue(desk)
    chaser = chasers.chase([notice], by=desk.first)
    dispatch.send_due()

    dispatch.delivery_failed(chaser, reason="550", at=timezone.now(), by=desk.first)
    bounced = why(notice)
    other = Channel.objects.get(platform=notice.platform, kind=ChannelKind.PORTAL)
    dispatch.queue(chaser, channel=other, by=desk.first)
    sent = dispatch.send_due()

    assert (bounced[:21], sent) == ("A chaser about it cam", 1)
    notice.refresh_from_db()
    assert notice.status == NoticeStatus.SENT
    assert why(notice).startswith("Chased on")


def test_nobody_answers_a_chaser(desk: Desk) -> None:
    notice = overdue(desk)
    chaser = chasers.chase([notice], by=desk.first)
    dispatch.send_due()

    with pytest.raises(TransitionNotAllowed, match="answer those that it names"):
        answer(chaser, desk)
    assert chasing.note_silence(timezone.now() + timedelta(days=30)) == 1


# -- By itself -----------------------------------------------------------------------------------------------------


def test_nothing_happens_by_itself_until_it_is_switched_on(desk: Desk, manager: User) -> None:
    notice = overdue(desk)
    off = (chasers.send_automatic(), escalation.propose())

    chasers.set_steps(
        notice.platform, chases=True, every_hours=72, escalates=False, after_chasers=2, by=manager
    )
    on = chasers.send_automatic()
    again = chasers.send_automatic()

    assert (off, on, again) == ((0, 0), 1, 0)
    assert Notice.objects.get(kind=NoticeKind.CHASER).queued_by is None
    assert sentence(Event.objects.get(kind="steps.changed")) == (
        "set the automatic steps of X: chasers leave by themselves, 72 hours apart; "
        "escalations are drafted by a person."
    )


def test_after_two_chasers_the_escalation_is_drafted_and_tells_of_them(desk: Desk, manager: User) -> None:
    head = Channel.objects.create(
        platform=Platform.objects.get(slug="x"), kind=MAIL, address="h@x.example", rung=2
    )
    notice = overdue(desk, lines=1, kind=ChannelKind.PORTAL, days=6)
    chasers.set_steps(
        notice.platform, chases=False, every_hours=1, escalates=True, after_chasers=2, by=manager
    )
    for days in (3, 2):
        with clock.on(ago(days=days)):
            chasers.chase([notice], by=desk.first)
            dispatch.send_due()
            early = escalation.propose()

    made = escalation.propose()
    again = escalation.propose()

    escalated = Notice.objects.get(kind=NoticeKind.ESCALATION)
    assert (early, made, again) == (0, 1, 0)
    assert (escalated.follows, escalated.channel, escalated.status) == (notice, head, NoticeStatus.DRAFT)
    assert "Reminders were sent on" in chasers.letters.compose(escalated).body
    assert f"An answer to {notice} was due on" in chasers.letters.compose(escalated).body


def test_only_a_manager_switches_within_bounds(desk: Desk, manager: User) -> None:
    x = Platform.objects.get(slug="x")
    values = {"chases": True, "every_hours": 72, "escalates": True, "after_chasers": 2}

    with pytest.raises(PermissionDenied):
        chasers.set_steps(x, **values, by=desk.second)
    with pytest.raises(ValidationError):
        chasers.set_steps(x, **{**values, "every_hours": 0}, by=manager)
    assert chasers.by_itself() == set()


# -- Pages and API -------------------------------------------------------------------------------------------------


def test_the_page_previews_and_sends(desk: Desk, signed_in: Callable[[User], Client], auditor: User) -> None:
    notice, answered = overdue(desk), overdue(desk)
    answers.acknowledge(answered, by=desk.liaison)
    client = signed_in(desk.first)

    page = client.get("/chasers/").content.decode()
    refused = signed_in(auditor).post("/chasers/send/", {"selected": [notice.reference]})
    nothing = client.post("/chasers/send/", {"selected": ["N2026-999999"]}, follow=True)
    sent = client.post("/chasers/send/", {"selected": [notice.reference]})

    chaser = Notice.objects.get(kind=NoticeKind.CHASER)
    assert f"Reminder: our notice {notice}" in page
    assert "Something came in on" in page
    assert (refused.status_code, "Choose the notices to chase." in nothing.content.decode()) == (403, True)
    assert (sent.status_code, sent["Location"]) == (302, f"/notices/{chaser}/")
    assert chaser.reference in client.get(f"/notices/{notice}/").content.decode()


def test_the_api_offers_and_sends(desk: Desk, api: Callable[[User], APIClient], manager: User) -> None:
    notice = overdue(desk)
    client = api(desk.first)

    offered = client.get("/api/v1/chasers/").json()
    made = client.post("/api/v1/chasers/", {"notices": [notice.reference]}, format="json")
    twice = client.post("/api/v1/chasers/", {"notices": [notice.reference]}, format="json")
    none = client.post("/api/v1/chasers/", {"notices": ["N1"]}, format="json")
    steps = {"chases": True, "every_hours": 24, "escalates": False, "after_chasers": 3}
    changed = api(manager).post("/api/v1/ladders/x/steps/", steps, format="json")

    assert [(each["platform"], each["notices"], each["left_out"]) for each in offered] == [
        ("x", [notice.reference], [])
    ]
    assert (made.status_code, made.json()["status"], twice.status_code, none.status_code) == (
        201,
        "queued",
        409,
        400,
    )
    assert (changed.status_code, client.get("/api/v1/ladders/x/steps/").json()) == (200, steps)


def test_a_liaison_reads_the_chaser_and_none_of_another_platform(
    desk: Desk, api: Callable[[User], APIClient]
) -> None:
    ours, other = overdue(desk), desk.sent(platform="facebook", lines=1, at=ago(days=3))
    made = [chasers.chase([each], by=desk.first) for each in (ours, other)]
    dispatch.send_due()
    client = api(desk.liaison)

    assert [client.get(f"/api/v1/notices/{each}/").status_code for each in made] == [200, 404]
    assert client.get("/api/v1/chasers/").status_code == 403


def test_telling_by_telephone_is_no_chaser(desk: Desk) -> None:
    notice = overdue(desk)

    telling.tell(notice, how="telephone", at=ago(hours=1), reason="They will look.", by=desk.first)

    assert why(notice) == ""


def test_looking_at_many_takes_as_many_queries_as_at_one(
    desk: Desk, django_assert_num_queries: Callable[..., Any]
) -> None:
    keys = [overdue(desk).pk for _ in range(3)]

    for some in (keys[:1], keys):
        notices = list(Notice.objects.filter(pk__in=some).select_related("channel"))
        with django_assert_num_queries(4):
            owed.look(notices, timezone.now())
