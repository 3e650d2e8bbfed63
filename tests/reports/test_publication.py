"""The default publication, and the months and quarters that have come to it."""

from datetime import UTC, date, datetime

import pytest

from reports.periods import Period
from reports.publication import default_as_at, default_known_by, is_provisional, periods

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))


def test_default_publication_of_a_month() -> None:
    """28 days after 31 January is 28 February; the as-at is its end, a Saturday's."""
    as_at = default_as_at(JANUARY)

    assert as_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert default_known_by(as_at) == datetime(2026, 3, 4, tzinfo=UTC)
    assert not is_provisional(JANUARY, as_at, default_known_by(as_at))


def test_as_at_in_summer_is_midnight_in_london() -> None:
    assert default_as_at(Period(date(2026, 6, 1), date(2026, 6, 30))) == datetime(2026, 7, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("frequency", "until", "firsts"),
    [
        ("monthly", "2026-03-03T23:59Z", ["2025-12-01"]),
        ("monthly", "2026-03-04T00:00Z", ["2025-12-01", "2026-01-01"]),
        ("monthly", "2025-12-31T00:00Z", []),
        ("quarterly", "2026-04-01T00:00Z", ["2025-12-01"]),
        ("quarterly", "2026-07-02T00:00Z", ["2025-12-01", "2026-03-01"]),
    ],
)
def test_periods_whose_default_known_by_has_passed(frequency: str, until: str, firsts: list[str]) -> None:
    found = periods(frequency, date(2025, 12, 1), until=datetime.fromisoformat(until))

    assert [str(period.first) for period in found] == firsts


def test_periods_follow_on_one_another_without_a_gap() -> None:
    found = list(periods("quarterly", date(2024, 10, 1), until=datetime(2026, 1, 1, tzinfo=UTC)))

    assert [(str(period.first), str(period.last)) for period in found] == [
        ("2024-10-01", "2024-12-31"),
        ("2025-01-01", "2025-03-31"),
        ("2025-04-01", "2025-06-30"),
        ("2025-07-01", "2025-09-30"),
    ]
