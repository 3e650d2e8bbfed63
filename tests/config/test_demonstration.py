"""The demonstration's own parts: diary, truths and files; the story itself runs with `make demo`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework.intake import NewItem
from casework.models import Item
from casework.spreadsheets import read_rows
from config.demonstration import content, writing_back
from config.demonstration.diary import Diary
from config.demonstration.looking import Truth
from config.demonstration.troubles import BY_WEEK, FATES, bring_history_in
from notices.incoming import settling
from notices.models import MailReading
from platforms.models import ChannelKind
from reports.facts import Scope, episodes
from reports.periods import Period
from tests.notices.letters_at import Desk, ago

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_diary_is_done_in_the_order_of_time_each_entry_at_its_own() -> None:
    diary = Diary(NOON)
    done: list[tuple[str, datetime]] = []

    def note(name: str) -> None:
        done.append((name, timezone.now()))

    def first() -> None:
        note("first")
        diary.plan(NOON - 2 * HOUR, lambda: note("entered"))

    diary.plan(NOON - HOUR, lambda: note("later"))
    diary.plan(NOON - 3 * HOUR, first)
    diary.plan(NOON, lambda: note("today's"))
    diary.live()

    assert done == [("first", NOON - 3 * HOUR), ("entered", NOON - 2 * HOUR), ("later", NOON - HOUR)]


@pytest.mark.parametrize(
    ("hours", "shown"),
    [(-1, ("live", "")), (0, ("gone", "author")), (4, ("gone", "author")), (5, ("live", ""))],
)
def test_address_is_gone_between_its_times(hours: int, shown: tuple[str, str]) -> None:
    truth = Truth(gone_at=NOON, cause="author", back_at=NOON + 5 * HOUR)

    assert truth.shows(NOON + hours * HOUR) == shown


def test_partners_table_reads_as_the_items_in_it() -> None:
    item = NewItem(
        "https://x.com/a/status/17", category="fraud", language="ar", source="Partner", found_at=NOON
    )

    (row,) = read_rows(content.table([item]), "list.csv").rows

    assert row.cells["address"] == item.address
    assert (row.cells["category"], row.cells["language"]) == ("fraud", "ar")


def test_everything_that_figures_leave_out_happens_twice_at_least() -> None:
    happened = [trouble for troubles in BY_WEEK.values() for trouble in troubles]

    assert {name: happened.count(name) >= 2 for name in (*FATES, "gone_already", "bounced")} == dict.fromkeys(
        (*FATES, "gone_already", "bounced"), True
    )


@pytest.fixture
def desk(person: Callable[..., User], settings: Any, tmp_path: Any) -> Desk:
    settings.EVIDENCE_DIR = tmp_path
    return Desk(person(Role.OFFICER), person(Role.REVIEWER), person(Role.LIAISON, platform="x"))


@pytest.mark.django_db
def test_earlier_desk_notified_two_items_again_while_they_were_up(settings: Any, tmp_path: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path
    begins = NOON - timedelta(days=60)

    bring_history_in(begins)

    period = Period(begins.date(), NOON.date())
    scope = Scope(period, as_at=NOON, known_by=timezone.now())
    excluded = [row.exclusion for row in episodes(scope)]
    assert (excluded.count("X2"), excluded.count(None), len(excluded)) == (2, 6, 8)
    assert Item.objects.count() == 6


def test_mail_comes_back_of_every_kind_and_is_read_as_what_it_is(desk: Desk, settings: Any) -> None:
    settings.REPLY_DOMAIN, settings.MAIL_AUTHSERV_ID = "replies.desk.example", ""
    letters = [desk.sent(kind=ChannelKind.MAIL, lines=lines, at=ago(hours=2)) for lines in (1, 1, 1, 2)]
    back = desk.sent(kind=ChannelKind.MAIL, lines=1, at=ago(hours=2))

    came_back = writing_back.come_back(back)
    writing_back.arrive()

    found = MailReading.objects.order_by("pk").values_list("kind", "notice", "is_verified")
    fourth, third, second, first = letters
    assert (came_back, settings.MAIL_AUTHSERV_ID) == (True, "")
    assert list(found) == [
        ("bounce", back.pk, True), ("reply", first.pk, True), ("receipt", second.pk, True),
        ("out_of_office", third.pk, True), ("reply", fourth.pk, False), ("reply", None, False),
    ]  # fmt: skip
    back.refresh_from_db()
    assert back.status == "delivery_failed"
    read = MailReading.objects.get(notice=first)
    said = settling.suggestion(read, settling.letter_of(read)).lines
    assert {position: each.answer for position, each in said.items()} == {1: "refused", 2: "removed"}


def test_no_mail_comes_where_none_is_taken(desk: Desk, settings: Any) -> None:
    settings.REPLY_DOMAIN = ""
    letter = desk.sent(kind=ChannelKind.MAIL, lines=1)

    came_back = writing_back.come_back(letter)
    writing_back.arrive()

    assert (came_back, MailReading.objects.exists()) == (False, False)
