from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.showing import (
    defang,
    defang_words,
    duration,
    in_a_sentence,
    is_unseen,
    named,
    percent,
    places_for,
    roughly,
    until,
)

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://x.com/a.b?c=d.e", "hxxps://x[.]com/a.b?c=d.e"),
        ("HTTP://X.COM", "HXXP://X[.]COM"),
        ("https://user@x.com:443/", "hxxps://user@x[.]com:443/"),
        ("t.me/+abc.def", "t[.]me/+abc.def"),
        ("//x.com/a", "//x[.]com/a"),
        ("https:\\\\x.com\\a.b", "https:\\\\x[.]com\\a.b"),
        ("https://l.example/?u=https://b.example/c", "hxxps://l[.]example/?u=hxxps://b[.]example/c"),
        ("tg://resolve?domain=abc", "tg://resolve?domain=abc"),
        ("mailto:a@b.example", "mailto:a@b[.]example"),
        ("hxxps://x[.]com/a.b", "hxxps://x[.]com/a.b"),
        ("@handle", "@handle"),
        ("", ""),
    ],
)
def test_defang_breaks_scheme_and_host(address: str, shown: str) -> None:
    assert defang(address) == shown


@given(st.text(alphabet="htps:/\\.?#@ab", max_size=40))
@example("http://https://a.b")
def test_defang_leaves_nothing_that_a_program_would_link(text: str) -> None:
    shown = defang(text)
    assert "http://" not in shown
    assert "https://" not in shown
    assert shown.replace("[.]", ".").lower().replace("hxxp", "http") == text.lower()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("See x.com/a, or HTTPS://y.org. Now.", "See x[.]com/a, or HXXPS://y[.]org. Now."),
        ("(1.2.3.4) “t.me/abc.” wait...", "(1[.]2[.]3[.]4) “t[.]me/abc.” wait..."),
        ("550 5.1.1 says mx.x.com, 4.2.2", "550 5.1.1 says mx[.]x[.]com, 4.2.2"),
        ("5.1.1.1, 5.1.1/a, http://5.1.1", "5[.]1[.]1[.]1, 5[.]1[.]1/a, hxxp://5[.]1[.]1"),
        ("hxxp://a[.]b and भारत.भारत", "hxxp://a[.]b and भारत[.]भारत"),
    ],
)
def test_defang_words_breaks_every_address(words: str, shown: str) -> None:
    assert defang_words(words) == shown


@pytest.mark.parametrize(
    ("month", "shown"), [(1, "5 January 2026 at 09:30 GMT"), (7, "5 July 2026 at 10:30 BST")]
)
def test_a_time_in_a_sentence_says_its_zone(month: int, shown: str) -> None:
    assert in_a_sentence(datetime(2026, month, 5, 9, 30, tzinfo=UTC)) == shown


@pytest.mark.parametrize(
    "letter",
    ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\u00a0", "\u3164", "\u2800", "\ufe0f", "\x00", "\n"],
)
def test_unseen_characters_are_known(letter: str) -> None:
    assert is_unseen(letter)


@pytest.mark.parametrize("letter", ["a", " ", "-", "\u0430", "\u0633", "\u4e2d", "\u00e9", "\U0001f6a4"])
def test_what_can_be_seen_is_left_alone(letter: str) -> None:
    assert not is_unseen(letter)


def test_unseen_characters_have_names() -> None:
    assert named("\u202e") == "RIGHT-TO-LEFT OVERRIDE"
    assert named("\x00") == "a control or unassigned character"


@pytest.mark.parametrize(
    ("length", "exact", "glance"),
    [
        (timedelta(seconds=59), "less than a minute", "less than a minute"),
        (timedelta(minutes=1), "1 minute", "1 minute"),
        (timedelta(minutes=61), "1 hour 1 minute", "1 hour"),
        (timedelta(hours=24), "1 day", "24 hours"),
        (timedelta(hours=26, minutes=59), "1 day 2 hours", "26 hours"),
        (timedelta(hours=24, minutes=5), "1 day", "24 hours"),
        (timedelta(hours=47, minutes=59), "1 day 23 hours", "47 hours"),
        (timedelta(days=2), "2 days", "2 days"),
        (timedelta(days=-3), "3 days", "3 days"),
    ],
)
def test_lengths_in_words(length: timedelta, exact: str, glance: str) -> None:
    assert duration(length) == exact
    assert roughly(length) == glance


@pytest.mark.parametrize(
    ("rate", "places", "shown"),
    [
        (578 / 1218, 1, "47.5%"),
        (578 / 1063, 1, "54.4%"),
        (0.5445, 1, "54.5%"),
        (0.0, 1, "0.0%"),
        (1.0, 1, "100.0%"),
        (0.9997, 1, "99.9%"),
        (0.0001, 1, "0.1%"),
        (0.999, 0, "99%"),
        (3 / 17, 0, "18%"),
        (None, 1, "no rate"),
    ],
)
def test_rates_are_rounded_half_up_and_never_to_all_or_nothing(
    rate: float | None, places: int, shown: str
) -> None:
    assert percent(rate, places) == shown


def test_small_bases_get_no_decimal() -> None:
    assert [places_for(base) for base in (0, 99, 100)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("due", "words", "tone"),
    [
        (NOON + timedelta(days=3), "Due in 3 days", "later"),
        (NOON + DAY, "Due in 24 hours", "soon"),
        (NOON, "Due in less than a minute", "soon"),
        (NOON - timedelta(minutes=1), "Overdue by 1 minute", "late"),
    ],
)
def test_deadlines(due: datetime, words: str, tone: str) -> None:
    assert until(due, NOON, DAY) == (words, tone)
