"""When an answer is due, worked out by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.deadlines import Span, due_at, overdue

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
