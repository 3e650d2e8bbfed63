"""The forms in which spreadsheets of several countries write times."""

import re

import pytest

from notices import written_times


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-01T14:30+00:00", "2026-03-01T14:30:00+00:00"),
        ("2026-03-01 14:30", "2026-03-01T14:30:00+00:00"),
        ("2026-07-01", "2026-07-01T00:00:00+01:00"),
        ("25/03/2026 14:30", "2026-03-25T14:30:00+00:00"),
        ("3/25/2026 2:30 PM", "2026-03-25T14:30:00+00:00"),
        ("3/25/2026 12:05 am", "2026-03-25T00:05:00+00:00"),
        ("03/03/2026", "2026-03-03T00:00:00+00:00"),
        ("1.3.2026 14:30:00", "2026-03-01T14:30:00+00:00"),
        ("25-03-2026 14:30", "2026-03-25T14:30:00+00:00"),
        ("2026/03/01 14:30", "2026-03-01T14:30:00+00:00"),
    ],
)
def test_time_is_read(text: str, at: str) -> None:
    assert written_times.read(text).isoformat() == at


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("01/03/2026 14:30", "“01/03/2026 14:30” can be 1 March or 3 January; write it like 2026-03-01."),
        ("31/02/2026", "“31/02/2026” is no time; write it like 2026-03-01T14:30+00:00."),
        ("25/03/2026 14:30 PM", "“25/03/2026 14:30 PM” is no time; write it like 2026-03-01T14:30+00:00."),
        ("Sunday", "“Sunday” is no time; write it like 2026-03-01T14:30+00:00."),
        ("0001-01-01T00:00+14:00", "This is before the year 2000: check the year."),
        ("1969-01-01", "This is before the year 2000: check the year."),
        ("01.01.0001", "This is before the year 2000: check the year."),
        ("9999-12-31T23:59-14:00", "This is after the year 2100: check the year."),
    ],
)
def test_time_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        written_times.read(text)
