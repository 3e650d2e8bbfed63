"""When an answer is due, and whether it came in time: worked out by hand, and from the records of real notices."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from config.demonstration import clock
from notices import answers, clocks, dispatch, drafting
from notices.clocks import Course, Fact, What, tell
from notices.models import ClockState, Notice
from platforms.models import ChannelKind, Commitment, Platform, binding
from tests.notices.letters_at import Desk, ago

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return START + hours * HOUR


def promise(**given: Any) -> Commitment:
    return Commitment(**{"amount": 24, **given})


# -- The course, by hand -------------------------------------------------------------------------------------------

RECEIVED, FAILED, CAME_IN = What.RECEIVED, What.FAILED, What.CAME_IN
ASKED, RESUMED, ENDED = What.ASKED, What.RESUMED, What.ENDED


@pytest.mark.parametrize(
    ("facts", "answered", "now", "state", "due"),
    [
        ([(0, RECEIVED)], None, 5, "running", 24),
        ([(0, RECEIVED)], None, 24, "running", 24),
        ([(0, RECEIVED)], None, 25, "missed", 24),
        ([(0, RECEIVED)], 24, 90, "met", 24),
        ([(0, RECEIVED)], 25, 90, "missed", 24),
        ([(0, RECEIVED), (3, RECEIVED)], None, 5, "running", 27),  # proof of a later receipt
        ([(0, RECEIVED), (10, ASKED)], None, 15, "paused", 29),
        ([(0, RECEIVED), (30, ASKED)], None, 35, "missed", 24),
        ([(0, RECEIVED), (10, ASKED), (15, RESUMED)], None, 20, "running", 29),
        ([(0, RECEIVED), (10, ASKED), (15, RESUMED), (20, ASKED), (21, RESUMED)], 30, 40, "met", 30),
        ([(0, RECEIVED), (3, FAILED)], None, 50, "paused", 71),
        ([(0, RECEIVED), (3, FAILED), (9, RECEIVED)], None, 12, "running", 33),  # it had never been there
        ([(0, RECEIVED), (2, CAME_IN), (3, FAILED), (9, RECEIVED)], None, 12, "running", 30),  # it had
        ([(0, RECEIVED), (3, FAILED), (9, ENDED)], None, 12, "lifted", 33),
        ([(0, RECEIVED), (9, ENDED)], None, 99, "lifted", 24),
        ([(0, RECEIVED), (30, ENDED)], None, 99, "missed", 24),
    ],
)
def test_the_course_of_a_clock(
    facts: list[tuple[float, What]], answered: float | None, now: float, state: str, due: float
) -> None:
    course = Course().follow(Fact(at(hours), at(hours), what) for hours, what in reversed(facts))

    told = tell(course, promise(), None if answered is None else at(answered), at(now))

    assert (told.state, told.due_at) == (state, at(due))


def test_without_a_promise_there_is_no_due_time() -> None:
    course = Course().follow([Fact(START, START, What.RECEIVED)])

    assert tell(course, None, None, at(1)).state == ClockState.NOT_PROMISED
    assert tell(course, promise(amount=None), None, at(1)).state == ClockState.NOT_PROMISED


# -- Which promise -------------------------------------------------------------------------------------------------


def test_the_most_particular_promise_binds_and_of_its_versions_the_last_begun() -> None:
    general = promise(amount=72)
    high = promise(amount=48, severity="high")
    adverts = promise(amount=12, item_kind="advert")
    fraud = promise(amount=6, category="fraud")
    later = promise(amount=36, severity="high", valid_from=date(2026, 3, 1))
    withdrawn = promise(amount=None, severity="high", valid_from=date(2026, 4, 1))
    kept = [general, high, adverts, fraud, later, withdrawn]

    def bound(
        severity: str, kind: str = "", category: str = "", day: str = "2026-03-02"
    ) -> Commitment | None:
        return binding(kept, severity, kind, category, datetime.fromisoformat(f"{day}T00:00Z"))

    assert bound("low") is general
    assert bound("high") is later
    assert bound("high", day="2026-02-28") is high
    assert bound("high", day="2026-04-02") is withdrawn
    assert bound("high", "advert") is adverts
    assert bound("high", "advert", "fraud") is fraud
    assert binding(kept, "low", "", "", datetime(1999, 1, 1, tzinfo=UTC)) is None


def test_a_version_begins_at_midnight_where_the_office_is() -> None:
    tokyo = promise(valid_from=date(2026, 3, 2), zone="Asia/Tokyo")

    assert binding([tokyo], "", "", "", datetime(2026, 3, 1, 14, 59, tzinfo=UTC)) is None
    assert binding([tokyo], "", "", "", datetime(2026, 3, 1, 15, 0, tzinfo=UTC)) is tokyo


# -- From the records ----------------------------------------------------------------------------------------------


def at_every_stage(desk: Desk) -> dict[str, Notice]:
    """Sent three days ago under a promise of 48 hours, and what came of it since."""
    sent = ago(days=3)
    made = {name: desk.sent(lines=2, at=sent) for name in (
        "silent", "in_time", "late", "part", "asked", "asked_late", "clarified", "withdrawn", "withdrawn_late",
        "bounced", "closed",
    )}  # fmt: skip
    made["fresh"] = desk.sent(lines=1)
    made["draft"] = desk.draft(lines=1)
    with clock.on(sent + 5 * HOUR):
        answer(made["in_time"], desk)
        answer(made["closed"], desk)
        answer(made["part"], desk, lines=1)
        answers.clarify(made["asked"], reason="Which?", by=desk.liaison)
        answers.clarify(made["clarified"], reason="Which?", by=desk.liaison)
        answers.withdraw(made["withdrawn"], reason="Our error", by=desk.second)
        dispatch.delivery_failed(made["bounced"], reason="550", at=timezone.now(), by=desk.first)
    with clock.on(sent + 9 * HOUR):
        answers.reply(made["clarified"], reason="That one", by=desk.first)
    with clock.on(sent + 50 * HOUR):
        answer(made["late"], desk)
        answers.clarify(made["asked_late"], reason="Which?", by=desk.liaison)
        answers.withdraw(made["withdrawn_late"], reason="Our error", by=desk.second)
        answers.close(made["closed"], reason="Done", by=desk.second)
    for notice in made.values():
        notice.refresh_from_db()
    return made


def answer(notice: Notice, desk: Desk, *, lines: int = 2) -> None:
    some = list(notice.lines.order_by("position")[:lines])
    answers.answer_lines(some, answer="removed", source="portal", by=desk.liaison)


EXPECTED = {
    "silent": ("missed", 48), "in_time": ("met", 48), "late": ("missed", 48), "part": ("missed", 48),
    "asked": ("paused", None), "asked_late": ("missed", 48), "clarified": ("missed", 52), "withdrawn": ("lifted", 48),
    "withdrawn_late": ("missed", 48), "bounced": ("paused", None), "closed": ("met", 48), "fresh": ("running", 48),
}  # fmt: skip


def test_states_are_read_from_the_records_also_after_closing(desk: Desk) -> None:
    made = at_every_stage(desk)

    found = clocks.read_all(list(made.values()))

    told = {name: found[notice.pk] for name, notice in made.items() if notice.pk in found}
    hours = {
        name: (one.due_at - one.started_at) / HOUR if one.due_at and one.started_at else None
        for name, one in told.items()
    }
    assert {name: str(one.state) for name, one in told.items()} == {
        name: state for name, (state, _) in EXPECTED.items()
    }
    assert {name: after for name, after in hours.items() if told[name].state != "paused"} == {
        name: after for name, (_, after) in EXPECTED.items() if after
    }


def test_columns_say_the_same_as_the_records(desk: Desk) -> None:
    made = at_every_stage(desk)

    by_columns = {notice.pk: notice.clock for notice in Notice.objects.with_clock(timezone.now())}
    by_records = clocks.read_all(list(made.values()))

    assert by_columns == {
        notice.pk: str(by_records[notice.pk].state) if notice.pk in by_records else None
        for notice in made.values()
    }
    lasting = [one for one in made.values() if by_columns[one.pk] not in {None, "paused"}]
    assert [one.due_at for one in lasting] == [by_records[one.pk].due_at for one in lasting]


def test_the_clock_is_read_as_it_was_known(desk: Desk) -> None:
    sent = ago(days=3)
    with clock.on(sent):
        notice = desk.sent(lines=1, at=sent)
    with clock.on(sent + 60 * HOUR):  # an answer of hour 10 that we learned of at hour 60
        answers.answer_lines(
            list(notice.lines.all()), answer="removed", source="portal", by=desk.first, at=sent + 10 * HOUR
        )

    def state(known: float) -> str | None:
        told = clocks.read(notice, at=sent + 61 * HOUR, known_by=sent + known * HOUR)
        return told and str(told.state)

    assert [state(hours) for hours in (-1, 59, 60, 61)] == [None, "missed", "met", "met"]


def test_reading_many_takes_as_many_queries_as_reading_one(
    desk: Desk, django_assert_num_queries: Callable[..., Any]
) -> None:
    made = [desk.sent(lines=2) for _ in range(3)]

    for some in (made[:1], made):
        with django_assert_num_queries(5):
            assert len(clocks.read_all(some)) == len(some)


def test_working_days_over_a_bank_holiday_with_office_hours(desk: Desk) -> None:
    Commitment.objects.create(
        platform=Platform.objects.get(slug="x"), severity="high", amount=2, unit="working_days",
        opens=time(9), closes=time(17), valid_from=date(2020, 1, 1),
    )  # fmt: skip
    sent = datetime(2026, 8, 27, 12, tzinfo=UTC)  # a Thursday, 13:00 in London; Monday is the bank holiday

    notice = desk.sent(lines=1, at=sent)

    assert notice.due_at == datetime(2026, 9, 1, 12, tzinfo=UTC)


def test_a_promise_for_one_kind_of_item_binds_when_all_are_of_it(desk: Desk) -> None:
    x = Platform.objects.get(slug="x")
    Commitment.objects.create(platform=x, category="small_boat_advert", amount=6, valid_from=date(2020, 1, 1))

    notice = desk.sent(lines=2)

    assert notice.due_at == notice.received_at + 6 * HOUR
    assert "within 6 hours" in notice.body


@pytest.mark.django_db
def test_what_was_promised_cannot_be_rewritten_or_deleted() -> None:
    for attempt in (
        lambda: Commitment.objects.update(amount=1),
        lambda: Commitment.objects.update(valid_from=date(2030, 1, 1)),
        lambda: Commitment.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()

    assert Commitment.objects.update(source="Letter of March 2026") > 0


def test_page_list_and_api_show_the_state(
    desk: Desk, signed_in: Callable[[User], Client], api: Callable[[User], APIClient]
) -> None:
    made = at_every_stage(desk)
    client = signed_in(desk.first)

    page = client.get(f"/notices/{made['in_time'].reference}/").content.decode()
    missed = client.get("/notices/?clock=missed").content.decode()
    listed = api(desk.liaison).get("/api/v1/notices/?clock=met").json()["results"]

    assert "Answered in time" in page
    assert "48 hours from receipt" in page
    assert [made[name].reference in missed for name in ("late", "silent", "in_time")] == [True, True, False]
    assert {row["reference"] for row in listed} == {made["in_time"].reference, made["closed"].reference}
    assert {row["clock"] for row in listed} == {"met"}


def test_the_list_of_what_is_due_soon(desk: Desk, signed_in: Callable[[User], Client]) -> None:
    soon, fresh = desk.sent(lines=1, at=ago(hours=30)), desk.sent(lines=1)

    page = signed_in(desk.first).get("/notices/?queue=due_soon").content.decode()

    assert [soon.reference in page, fresh.reference in page] == [True, False]


def test_a_clock_can_be_read_of_a_letter_that_never_left(desk: Desk) -> None:
    notice = drafting.discard(desk.draft(lines=1, kind=ChannelKind.MAIL), reason="Not needed", by=desk.first)

    assert clocks.read(notice) is None
