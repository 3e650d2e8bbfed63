"""Working days against the dates that gov.uk published."""

from datetime import UTC, date, datetime

import pytest

from platforms import working_days

PUBLISHED = {
    2020: "0101 0410 0413 0508 0525 0831 1225 1228",
    2021: "0101 0402 0405 0503 0531 0830 1227 1228",
    2022: "0103 0415 0418 0502 0602 0603 0829 0919 1226 1227",
    2023: "0102 0407 0410 0501 0508 0529 0828 1225 1226",
    2024: "0101 0329 0401 0506 0527 0826 1225 1226",
    2025: "0101 0418 0421 0505 0526 0825 1225 1226",
    2026: "0101 0403 0406 0504 0525 0831 1225 1228",
    2027: "0101 0326 0329 0503 0531 0830 1227 1228",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_bank_holidays_of_a_year(year: int) -> None:
    assert " ".join(f"{day:%m%d}" for day in sorted(working_days.bank_holidays(year))) == PUBLISHED[year]


def test_scotland_and_northern_ireland_have_their_own() -> None:
    days = {
        calendar: " ".join(f"{day:%m%d}" for day in sorted(working_days.bank_holidays(2027, calendar)))
        for calendar in ("scotland", "northern_ireland")
    }

    assert days == {
        "scotland": "0101 0104 0326 0503 0531 0802 1130 1227 1228",
        "northern_ireland": "0101 0317 0326 0329 0503 0531 0712 0830 1227 1228",
    }


@pytest.mark.parametrize(
    ("at", "later"),
    [
        ("2026-03-01T00:00Z", "2026-03-04T00:00Z"),  # from a Sunday
        ("2026-04-02T12:00Z", "2026-04-09T12:00Z"),  # over Easter, in summer time
        ("2026-03-27T00:00Z", "2026-03-31T23:00Z"),  # the clocks go forward: midnight stays midnight
        ("2026-12-24T09:00Z", "2026-12-31T09:00Z"),
    ],
)
def test_three_working_days_later_at_the_same_time_of_day(at: str, later: str) -> None:
    came = working_days.later(datetime.fromisoformat(at), 3)

    assert came == datetime.fromisoformat(later)
    assert came.tzinfo == UTC


def test_weekends_and_holidays_are_no_working_days() -> None:
    week = [date(2026, 5, day) for day in range(23, 30)]

    assert [working_days.is_working(day) for day in week] == [False, False, False, True, True, True, True]
