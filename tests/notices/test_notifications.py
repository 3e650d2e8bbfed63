"""What is new in one's own work, and that nothing of it is missed or told twice."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from casework import events
from casework.models import Event
from config.demonstration import clock
from notices import answers, contacts, digests, dispatch, notifications, turns
from notices.models import Inbox, Notice
from platforms.models import ChannelKind, Platform
from tests import factories
from tests.notices.letters_at import Desk, ago
from tests.notices.mail_server import MailServer, Script

LONDON = ZoneInfo("Europe/London")


def new(user: User) -> list[tuple[str, str, int]]:
    inbox = notifications.inbox_of(user)
    return [(each.sort, each.notice or each.item, each.count) for each in notifications.unread(inbox)]


def answer(notice: Notice, desk: Desk, *lines: int) -> None:
    some = list(notice.lines.filter(position__in=lines) if lines else notice.lines.all())
    answers.answer_lines(some, answer="removed", source="portal", by=desk.liaison)


# -- Whose, and what -----------------------------------------------------------------------------------------------


def test_what_the_platform_does_is_news_to_who_drafted_the_notice(desk: Desk) -> None:
    notice, other = desk.sent(lines=3), desk.sent(lines=1)
    answer(notice, desk, 1)
    answer(notice, desk, 2, 3)
    answers.clarify(other, reason="Which?", by=desk.liaison)
    bounced = desk.sent(lines=1, kind=ChannelKind.MAIL)
    dispatch.delivery_failed(bounced, reason="550", at=timezone.now())

    assert new(desk.first) == [
        ("bounced", bounced.reference, 1),
        ("asked", other.reference, 1),
        ("answered", notice.reference, 3),
    ]
    assert new(desk.second) == []


def test_what_one_does_oneself_is_no_news(desk: Desk) -> None:
    notice = desk.sent(lines=1)

    answers.answer_lines(list(notice.lines.all()), answer="removed", source="portal", by=desk.first)

    assert new(desk.first) == []


def test_a_reappearance_is_news_to_who_assessed_the_item(desk: Desk) -> None:
    item = factories.item_at("watching")
    assessor = item.assessed_by
    assert assessor is not None

    factories.see_live(item)

    assert [sort for sort, _, _ in new(assessor)] == ["reappeared"]


def test_turns_are_noted_once_each(desk: Desk) -> None:
    late, soon = desk.sent(lines=1, at=ago(days=3)), desk.sent(lines=1, at=ago(hours=30))
    said = desk.sent(lines=1)
    answer(said, desk)
    factories.see_live(said.lines.get().item)
    in_a_moment = timezone.now() + timedelta(minutes=1)

    noted, again = turns.note(in_a_moment), turns.note(in_a_moment)

    assert (noted, again) == (3, 0)
    assert sorted(new(desk.first)) == sorted([
        ("answered", said.reference, 1), ("disputed", said.reference, 1), ("due_soon", soon.reference, 1),
        ("overdue", late.reference, 1),
    ])  # fmt: skip
    assert Event.objects.get(kind="notice.overdue").at == late.due_at


def test_a_due_time_that_moved_is_noted_anew(desk: Desk) -> None:
    notice = desk.sent(lines=1, at=ago(hours=30))
    turns.note()
    answers.clarify(notice, reason="Which?", by=desk.liaison)
    with clock.on(timezone.now() + timedelta(hours=40)):
        answers.reply(notice, reason="That one", by=desk.first)

    noted = [turns.note(timezone.now() + timedelta(hours=hours)) for hours in (41, 100)]

    assert noted == [1, 1]
    told = Event.objects.filter(kind__in=["notice.due_soon", "notice.overdue"]).order_by("pk")
    assert list(told.values_list("kind", flat=True)) == [
        "notice.due_soon",
        "notice.due_soon",
        "notice.overdue",
    ]


# -- Read and unread -----------------------------------------------------------------------------------------------


def test_one_entry_is_read_by_itself_until_something_new_happens(desk: Desk) -> None:
    first, second = desk.sent(lines=2), desk.sent(lines=1)
    answer(first, desk, 1)
    answer(second, desk)

    notifications.mark_read(desk.first, f"answered:{first}")
    after = new(desk.first)
    answer(first, desk, 2)

    assert after == [("answered", second.reference, 1)]
    assert new(desk.first) == [("answered", first.reference, 2), ("answered", second.reference, 1)]
    assert [each.key for each in notifications.read(notifications.inbox_of(desk.first))] == []


def test_all_are_read_and_an_older_event_committed_later_is_still_new(desk: Desk) -> None:
    notice, slow = desk.sent(lines=1), desk.sent(lines=1)
    with connection.cursor() as cursor:  # a number taken by somebody who has not committed yet
        cursor.execute("SELECT nextval('casework_event_id_seq')")
        [number] = cursor.fetchone()
    answer(notice, desk)

    notifications.mark_all_read(desk.first)
    after = new(desk.first)
    late = events.build("notice.acknowledged", by=desk.liaison, at=timezone.now(), notice=slow.reference)
    late.pk = number
    late.save(force_insert=True)

    assert after == []
    assert new(desk.first) == [("acknowledged", slow.reference, 1)]


def test_what_was_read_long_ago_becomes_one_number(desk: Desk) -> None:
    notice = desk.sent(lines=1)
    answer(notice, desk)
    last = Event.objects.filter(kind="notice.line_answered").get().pk

    notifications.mark_all_read(desk.first, at=timezone.now() + timedelta(minutes=5))

    assert Inbox.objects.values_list("read_to", "read").get(user=desk.first) == (last, {})


def test_who_has_never_looked_is_not_told_of_what_is_long_past(desk: Desk) -> None:
    with clock.on(ago(days=20)):
        answer(desk.sent(lines=1, at=timezone.now()), desk)
    recent = desk.sent(lines=1)
    answer(recent, desk)

    assert new(desk.first) == [("answered", recent.reference, 1)]


def test_counting_takes_two_queries_whatever_there_is(
    desk: Desk, django_assert_num_queries: Callable[..., Any]
) -> None:
    notifications.keep(desk.first)
    for _ in range(3):
        answer(desk.sent(lines=2), desk)

    with django_assert_num_queries(2):
        assert notifications.count(desk.first) == 3


@pytest.mark.django_db
def test_the_index_of_the_ledger_holds_what_is_news() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'event_notable'")
        [definition] = cursor.fetchone()

    assert [kind for kind in notifications.NOTABLE if f"'{kind}'" not in definition] == []


# -- Pages and API -------------------------------------------------------------------------------------------------


def test_the_page_shows_filters_and_marks(desk: Desk, signed_in: Callable[[User], Client]) -> None:
    notice, asked = desk.sent(lines=1), desk.sent(lines=1)
    answer(notice, desk)
    answers.clarify(asked, reason="Which?", by=desk.liaison)
    contacts.change(
        notice.platform, None, {"desk": "Duty desk", "telephone": "+44 20 7946 0002"}, by=desk.liaison
    )
    client = signed_in(desk.first)

    unread = notifications.unread(notifications.inbox_of(desk.first))
    page = client.get("/news/").content.decode()
    some = client.get("/news/?sort=asked").content.decode()
    one = client.post("/news/read/", {"key": f"asked:{asked}"})
    client.post("/news/read/")

    assert {(each.sort, each.platform_name) for each in unread} == {
        ("answered", "X"), ("asked", "X"), ("contact", "X"),
    }  # fmt: skip
    assert [each.reference in page for each in (notice, asked)] == [True, True]
    assert [each.reference in some for each in (notice, asked)] == [False, True]
    assert (one.status_code, new(desk.first)) == (302, [])
    assert "Nothing new" in client.get("/news/").content.decode()


def test_the_api_lists_and_marks(desk: Desk, api: Callable[[User], APIClient]) -> None:
    notice = desk.sent(lines=1)
    answer(notice, desk)
    client = api(desk.first)

    [entry] = client.get("/api/v1/notifications/").json()
    marked = client.post("/api/v1/notifications/read/", {"key": entry["key"]}, format="json")

    assert (entry["key"], entry["sort"], entry["count"]) == (f"answered:{notice}", "answered", 1)
    assert (marked.status_code, marked.json(), client.get("/api/v1/notifications/").json()) == (200, [], [])
    assert api(desk.liaison).get("/api/v1/notifications/").status_code == 403


# -- The daily mail ------------------------------------------------------------------------------------------------


def on_day(day: int, hour: int, zone: ZoneInfo = LONDON) -> datetime:
    """An hour of a day to come, so that all that is recorded now has settled."""
    then = timezone.now().astimezone(zone) + timedelta(days=day)
    return then.replace(hour=hour, minute=5)


def test_one_mail_a_day_with_what_is_new_and_none_with_nothing(desk: Desk) -> None:
    mail.outbox.clear()
    notice = desk.sent(lines=2)
    answer(notice, desk)

    early = digests.send_due(on_day(1, 7))
    sent = digests.send_due(on_day(1, 8))
    again = digests.send_due(on_day(1, 9))
    quiet = digests.send_due(on_day(2, 8))

    [letter] = mail.outbox
    assert (early, sent, again, quiet) == (0, 1, 0, 0)
    assert (letter.to, letter.subject) == ([desk.first.email], "Takedown Desk: 1 thing new in your work")
    assert f"- {notice}: answered, 2 times" in letter.body
    assert notice.lines.get(position=1).address not in letter.body
    assert Inbox.objects.get(user=desk.first).told_on == on_day(2, 8).date()


def test_the_hour_is_that_of_the_persons_zone_and_it_can_be_switched_off(desk: Desk) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    answer(desk.sent(lines=1), desk)
    notifications.set_mail(desk.first, by_mail=True, hour=20, zone="Asia/Tokyo")

    before, after = (digests.send_due(on_day(1, hour, tokyo)) for hour in (19, 20))
    notifications.set_mail(desk.first, by_mail=False, hour=0, zone="UTC")
    answer(desk.sent(lines=1), desk)

    assert (before, after, digests.send_due(on_day(3, 23))) == (0, 1, 0)


def test_what_was_read_is_not_told(desk: Desk) -> None:
    answer(desk.sent(lines=1), desk)
    notifications.mark_all_read(desk.first)

    assert digests.send_due(on_day(1, 8)) == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_schedulers_and_a_real_server_one_mail(
    desk: Desk, mail_server: MailServer, script: Script
) -> None:
    answer(desk.sent(lines=1), desk)
    notifications.keep(desk.first)
    at, together = on_day(1, 8), threading.Barrier(2)

    def sends() -> None:
        together.wait(60)
        try:
            digests.send_due(at)
        finally:
            connection.close()

    threads = [threading.Thread(target=sends) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert script.message_ids == [f"<digest.{desk.first.pk}.{at.date()}@desk.example>"]


@pytest.mark.slow
def test_a_server_that_says_later_is_asked_again_the_same_day(
    desk: Desk, mail_server: MailServer, script: Script
) -> None:
    answer(desk.sent(lines=1), desk)
    script.replies["RCPT"] = "451 Later"

    refused = digests.send_due(on_day(1, 8))
    script.replies.clear()
    sent = digests.send_due(on_day(1, 9))

    assert (refused, sent, len(script.kept)) == (0, 1, 1)


@pytest.mark.slow
def test_a_server_that_does_not_confirm_is_not_sent_it_twice(
    desk: Desk, mail_server: MailServer, script: Script
) -> None:
    answer(desk.sent(lines=1), desk)
    script.drop_after_dot = True

    first, second = digests.send_due(on_day(1, 8)), digests.send_due(on_day(1, 9))

    assert (first, second, len(script.kept)) == (0, 0, 1)


def test_nobody_without_work_of_their_own_gets_mail(person: Callable[..., User]) -> None:
    for role in (Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR):
        person(role)

    digests.send_due(on_day(1, 8))

    assert Inbox.objects.count() == 0


def test_a_liaison_is_reminded_of_contacts_on_mondays(desk: Desk) -> None:
    values = {"desk": "Duty desk", "telephone": "+44 20 7946 0001"}
    contacts.change(Platform.objects.get(slug="x"), None, values, by=desk.first)
    contacts.change(Platform.objects.get(slug="facebook"), None, values, by=desk.first)
    monday = on_day(200, 8) + timedelta(days=-on_day(200, 8).weekday() % 7)
    mail.outbox.clear()

    sent = [digests.send_due(monday + timedelta(days=days)) for days in (-1, 0, 0, 1)]

    assert (sent, [letter.to for letter in mail.outbox]) == ([0, 1, 0, 0], [[desk.liaison.email]])
    assert mail.outbox[0].subject == "Takedown Desk: 1 contact to confirm"
    assert "- X: is the contact “Duty desk” still right?" in mail.outbox[0].body
