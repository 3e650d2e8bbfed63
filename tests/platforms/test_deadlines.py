"""When an answer is due, worked out by hand."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.deadlines import Allowed, Span, Unit, due_at, overdue
from platforms.working_days import is_working

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def hours(*spans: tuple[float, float]) -> list[Span]:
    """Spans in hours after START."""
    return [(START + timedelta(hours=start), START + timedelta(hours=end)) for start, end in spans]


@pytest.mark.parametrize(
    ("paused", "due_after"),
    [
        ([], 24),
        ([(5, 8)], 27),
        ([(0, 2), (10, 11)], 27),
        ([(10, 11), (0, 2)], 27),
        ([(20, 30)], 34),
        ([(24, 30)], 24),
        (
            [(23, 30), (30, 40)],
            41,
        ),  # the first pause moves the due time to 31, so that the second lies before it
        ([(23, 30), (32, 40)], 31),
        ([(-5, 3)], 27),
        ([(-5, -3)], 24),
        ([(5, 10), (6, 8)], 29),
        ([(5, 10), (8, 12)], 31),
        ([(5, 5)], 24),
    ],
)
def test_pauses_before_the_due_time_move_it(paused: list[tuple[float, float]], due_after: float) -> None:
    assert due_at(START, 24, hours(*paused)) == START + timedelta(hours=due_after)


def test_hours_are_elapsed_hours_across_a_change_of_clocks() -> None:
    received = datetime(2026, 3, 28, 12, 0, tzinfo=LONDON)  # clocks go forward in the night

    due = due_at(received, 24)

    assert due == datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
    assert due.tzinfo is UTC
    assert due.astimezone(LONDON).hour == 13


def test_hours_are_elapsed_hours_when_clocks_go_back() -> None:
    assert due_at(datetime(2026, 10, 24, 12, 0, tzinfo=LONDON), 24) == datetime(
        2026, 10, 25, 11, 0, tzinfo=UTC
    )


def test_a_due_time_is_overdue_only_afterwards() -> None:
    due = due_at(START, 1)

    assert not overdue(due, due - timedelta(microseconds=1))
    assert not overdue(due, due)
    assert overdue(due, due + timedelta(microseconds=1))
    assert overdue(due, (due + timedelta(hours=1)).astimezone(LONDON))


@pytest.mark.parametrize(
    ("received", "allowed", "paused", "message"),
    [
        (datetime(2026, 3, 2, 9, 0), 24, [], "zone"),
        (START, 24, [(datetime(2026, 3, 2, 9, 0), START)], "zone"),
        (START, -1, [], "negative"),
        (START, 24, hours((5, 4)), "end before it starts"),
    ],
)
def test_what_cannot_be_reckoned_is_refused(
    received: datetime, allowed: int, paused: list[Span], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        due_at(received, allowed, paused)


spans = st.lists(
    st.tuples(st.integers(-50, 200), st.integers(0, 50)).map(lambda span: (span[0], span[0] + span[1]))
)


@given(st.integers(0, 100), spans)
def test_the_time_that_counts_until_the_due_time_is_the_time_allowed(
    allowed: int, paused: list[tuple[int, int]]
) -> None:
    due = due_at(START, allowed, hours(*paused))

    length = (due - START) // timedelta(hours=1)
    counted = [hour for hour in range(length) if not any(start <= hour < end for start, end in paused)]
    assert len(counted) == allowed


# -- Working time --------------------------------------------------------------------------------------------------

OFFICE = {"opens": time(9), "closes": time(17)}


@pytest.mark.parametrize(
    ("received", "allowed", "due"),
    [
        ("2026-11-23T10:00Z", Allowed(3, Unit.WORKING_DAYS), "2026-11-26T10:00Z"),
        (
            "2026-11-28T10:00Z",
            Allowed(1, Unit.WORKING_DAYS),
            "2026-12-01T00:00Z",
        ),  # a Saturday: all of Monday
        (
            "2026-12-24T12:00Z",
            Allowed(1, Unit.WORKING_DAYS),
            "2026-12-29T12:00Z",
        ),  # Christmas and its days
        ("2026-11-27T16:00Z", Allowed(2, Unit.WORKING_HOURS, **OFFICE), "2026-11-30T10:00Z"),
        ("2026-11-27T20:00Z", Allowed(8, Unit.WORKING_HOURS, **OFFICE), "2026-11-30T17:00Z"),
        ("2026-11-27T20:00Z", Allowed(1, Unit.WORKING_DAYS, **OFFICE), "2026-11-30T17:00Z"),
        ("2026-11-27T20:00Z", Allowed(1, Unit.WORKING_DAYS, "scotland", **OFFICE), "2026-12-01T17:00Z"),
        ("2027-07-09T12:00Z", Allowed(1, Unit.WORKING_DAYS, "northern_ireland"), "2027-07-13T12:00Z"),
        (
            "2026-03-27T12:00Z",
            Allowed(1, Unit.WORKING_DAYS),
            "2026-03-30T11:00Z",
        ),  # noon stays noon in summer time
        ("2026-03-27T16:00Z", Allowed(8, Unit.WORKING_HOURS, **OFFICE), "2026-03-30T15:00Z"),
        ("2026-10-23T15:00Z", Allowed(8, Unit.WORKING_HOURS, **OFFICE), "2026-10-26T16:00Z"),
        ("2026-03-28T12:00Z", Allowed(24), "2026-03-29T12:00Z"),  # elapsed hours know no summer time
        (
            "2026-11-27T08:00Z",
            Allowed(1, Unit.WORKING_DAYS, zone=ZoneInfo("Asia/Tokyo"), **OFFICE),
            "2026-11-30T08:00Z",
        ),
    ],
)
def test_working_time(received: str, allowed: Allowed, due: str) -> None:
    assert due_at(datetime.fromisoformat(received), allowed) == datetime.fromisoformat(due)


def test_a_pause_over_the_weekend_takes_only_the_office_hours_that_it_covers() -> None:
    received, asked, replied = (
        datetime.fromisoformat(f"2026-{day}Z") for day in ("11-27T10:00", "11-27T15:00", "11-30T11:00")
    )

    came = due_at(received, Allowed(10, Unit.WORKING_HOURS, **OFFICE), [(asked, replied)])

    assert came == datetime(2026, 11, 30, 16, tzinfo=UTC)  # five hours on Friday, five from Monday at eleven


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    st.integers(1, 15),
    st.sampled_from([Unit.WORKING_HOURS, Unit.WORKING_DAYS]),
)
def test_working_time_is_never_shorter_than_elapsed_and_ends_while_the_office_is_open(
    received: datetime, amount: int, unit: Unit
) -> None:
    due = due_at(received, Allowed(amount, unit, **OFFICE))

    local = due.astimezone(LONDON)
    assert due > received
    assert is_working(local.date())
    assert time(9) < local.time() <= time(17)
