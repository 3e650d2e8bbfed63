"""The limits of every input: years, long texts, and the nights on which the clocks change."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.core.exceptions import ValidationError
from rest_framework import serializers

from accounts import limits
from accounts.fields import DayField, LongTextField, MomentField, needs_offset
from accounts.serializers import Input
from config.forms import DeskRenderer


class Asked(forms.Form):
    day = DayField(required=False)
    at = MomentField(required=False)
    text = LongTextField(required=False)


class Sent(Input):
    day = serializers.DateField(required=False)
    at = serializers.DateTimeField(required=False)
    times = serializers.ListField(child=serializers.DateTimeField(), required=False)
    text = serializers.CharField(required=False)
    short = serializers.CharField(required=False, max_length=5)


OUTSIDE = [
    ("day", "1999-12-31", limits.TOO_EARLY),
    ("day", "2101-01-01", limits.TOO_LATE),
    ("at", "0001-01-01T00:00", limits.TOO_EARLY),
    ("at", "0001-01-01T00:00:00+14:00", limits.TOO_EARLY),
    ("at", "1847-12-01T00:00:30", limits.TOO_EARLY),
    ("at", "1999-12-31T23:59:59Z", limits.TOO_EARLY),
    ("at", "2101-01-01T00:00:00Z", limits.TOO_LATE),
    ("at", "9999-12-31T23:59", limits.TOO_LATE),
    ("at", "9999-12-31T23:59-14:00", limits.TOO_LATE),
]


@pytest.mark.parametrize(("name", "value", "message"), OUTSIDE)
def test_form_refuses_what_is_outside_the_years(name: str, value: str, message: str) -> None:
    assert Asked({name: value}).errors == {name: [message]}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [row for row in OUTSIDE if not row[1].startswith(("0001-01-01T00:00:00+", "9999-12-31T23:59-"))],
)
def test_api_refuses_what_is_outside_the_years(name: str, value: str, message: str) -> None:
    asked = Sent(data={name: value})

    assert not asked.is_valid()
    assert asked.errors == {name: [message]}


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59-14:00"])
def test_api_refuses_a_time_that_no_calendar_holds(value: str) -> None:
    asked = Sent(data={"at": value})

    assert not asked.is_valid()
    assert asked.errors == {"at": ["Datetime value out of range."]}


def test_api_looks_at_each_of_a_list() -> None:
    asked = Sent(data={"times": ["2026-01-01T00:00Z", "1999-01-01T00:00Z"]})

    assert not asked.is_valid()
    assert asked.errors == {"times": {1: [limits.TOO_EARLY]}}


@pytest.mark.parametrize("value", ["2000-01-01T00:00Z", "2100-12-31T23:59:59Z"])
def test_first_and_last_moment_are_taken(value: str) -> None:
    form, asked = Asked({"at": value}), Sent(data={"at": value})

    assert form.is_valid()
    assert asked.is_valid()
    assert form.cleaned_data["at"] == asked.validated_data["at"] == datetime.fromisoformat(value)


def test_long_text_ends_somewhere() -> None:
    longest, wrong = "x" * 10_000, "This is longer than 10,000 characters: shorten it."
    asked = Sent(data={"text": longest + "x"})

    assert Asked({"text": longest}).is_valid()
    assert Sent(data={"text": longest}).is_valid()
    assert Asked({"text": longest + "x"}).errors == {"text": [wrong]}
    assert not asked.is_valid()
    assert asked.errors == {"text": [wrong]}


def test_field_that_says_how_long_keeps_its_own_length() -> None:
    asked = Sent(data={"short": "123456"})

    assert not asked.is_valid()
    assert asked.errors == {"short": ["Ensure this field has no more than 5 characters."]}


def test_browser_cuts_nothing_off_a_long_text() -> None:
    assert "maxlength" not in str(Asked()["text"])


def said(value: str) -> str:
    with pytest.raises(ValidationError) as refused:
        MomentField().clean(value)
    return str(refused.value.message)


def test_time_that_comes_twice_says_how_to_write_each() -> None:
    assert said("2026-10-25T01:30") == (
        "The clocks go back that night, so 01:30 comes twice. Write 2026-10-25T01:30+01:00 for the first (BST), "
        "or 2026-10-25T01:30+00:00 for the second (GMT)."
    )


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-10-25T01:30+01:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T01:30+00:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T00:59", datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        ("2026-10-25T02:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("2026-03-29T02:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_what_is_written_as_told_is_taken(written: str, at: datetime) -> None:
    assert MomentField().clean(written) == at


def test_time_that_never_comes_says_where_the_gap_is() -> None:
    assert said("2026-03-29T01:30") == (
        "The clocks go forward from 01:00 to 02:00 that night, so there is no 01:30. Choose a time before 01:00, "
        "or from 02:00."
    )


def test_api_says_that_there_is_no_such_time() -> None:
    asked = Sent(data={"at": "2026-03-29T01:30"})

    assert not asked.is_valid()
    assert asked.errors["at"][0].startswith("There is no such time in Europe/London")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("2026-10-25T01:30", 'type="text"'),
        ("2026-10-25T01:30+01:00", 'type="text"'),
        ("2026-03-29T01:30", 'type="datetime-local"'),
        ("2026-07-01T01:30", 'type="datetime-local"'),
        ("2026-13-45T01:30", 'type="datetime-local"'),
        ("yesterday", 'type="datetime-local"'),
    ],
)
def test_picker_gives_way_to_text_where_an_offset_must_be_written(written: str, kind: str) -> None:
    shown = str(Asked({"at": written}, renderer=DeskRenderer())["at"])

    assert kind in shown
    assert f'value="{written.replace(" ", "T")}"' in shown
    assert needs_offset(written) == (kind == 'type="text"')
