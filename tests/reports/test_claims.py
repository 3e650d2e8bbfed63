"""Sentences read, and checked against figures, by the rules of statistics.md, section 6."""

import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.claim_fields import Claim
from reports.claim_words import read_claim
from reports.claims import check
from reports.figures import figures
from reports.measures import OUTCOMES, proportion
from reports.phrases import PHRASES, amount
from tests.reports.conftest import scope
from tests.reports.histories import ten_items

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
READ = tomllib.loads((Path(__file__).parent / "claims_read.toml").read_text(encoding="utf-8"))["claim"]
PLATFORMS = [("Facebook", "facebook"), ("X", "x"), ("TikTok", "tiktok"), ("Telegram", "telegram")]
LENGTHS = [("an hour", "1h"), ("24 hours", "24h"), ("two days", "48h"), ("a week", "7d"), ("28 days", "28d")]
PERIODS = [
    ("2026 Q1", "01-01", "03-31"), ("Q3 2026", "07-01", "09-30"), ("the first half of 2026", "01-01", "06-30"),
]  # fmt: skip
AUGUST_2023 = (
    "over 90 per cent of online content linked to people smuggling is taken down when social media companies are"
    " notified"
)


def test_there_are_eighty_sentences() -> None:
    assert len({entry["sentence"] for entry in READ}) >= 80


@pytest.mark.parametrize("entry", READ, ids=lambda entry: entry["sentence"][:60])
def test_sentence_is_read_as_it_is_meant(entry: dict[str, Any]) -> None:
    reading = read_claim(entry["sentence"], today=TODAY)

    assert {name: text for name, text in reading.claim.as_dict().items() if text} == entry["fields"]
    assert list(reading.unread) == entry.get("unread", [])
    assert len(reading.problems) == entry.get("problems", 0)
    assert list(reading.causal) == entry.get("causal", [])


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    Claim.of(read_claim(text, today=TODAY).claim.as_dict())


@given(
    st.sampled_from(["more than", "at least", "less than", "at most", "around", "almost", "exactly"]),
    st.decimals(0, 100, places=1),
    st.sampled_from(PLATFORMS),
    st.sampled_from(LENGTHS),
    st.sampled_from(PERIODS),
)  # fmt: skip
def test_what_is_put_in_is_read_out(
    phrase: str, number: Any, platform: tuple[str, str], window: tuple[str, str], period: tuple[str, ...]
) -> None:
    said = f"In {period[0]}, {phrase} {number}% of posts on {platform[0]} were taken down"

    reading = read_claim(f"{said} within {window[0]} of notice.", today=TODAY)

    claim = reading.claim
    assert (reading.unread, reading.problems) == ((), ())
    assert (PHRASES[claim.phrase].words or "exactly") == phrase
    assert (amount(claim.value).value, claim.platform, claim.window) == (
        Fraction(str(number)) / 100, platform[1], window[1],
    )  # fmt: skip
    assert (claim.first, claim.last) == (f"2026-{period[1]}", f"2026-{period[2]}")


@pytest.mark.parametrize(
    ("phrase", "value", "numerator", "denominator", "expected"),
    [
        ("over", "90%", 900, 1000, False),
        ("over", "90%", 901, 1000, True),
        ("at_least", "90%", 900, 1000, True),
        ("at_least", "1/3", 1, 3, True),
        ("under", "10%", 100, 1000, False),
        ("at_most", "10%", 100, 1000, True),
        ("around", "50%", 505, 1000, True),
        ("around", "50%", 506, 1000, False),
        ("almost", "1/3", 3375, 10000, False),
        ("almost", "1/3", 332, 1000, True),
        ("almost", "1/3", 316, 1000, False),
        ("exactly", "47.5%", 578, 1218, True),
        ("exactly", "47%", 578, 1218, True),
        ("exactly", "47.4%", 578, 1218, False),
        ("exactly", "92%", 9275, 10000, False),
        ("exactly", "100%", 997, 1000, False),
        ("exactly", "100%", 1000, 1000, True),
        ("exactly", "0%", 1, 1000, False),
        ("exactly", "0%", 0, 1000, True),
        ("exactly", "33.5%", 3345, 10000, True),
        ("up", "33.6%", 336, 1000, True),
        ("up", "25%", 336, 1000, False),
    ],
)
def test_phrases_hold_by_their_rules(
    phrase: str, value: str, numerator: int, denominator: int, expected: bool
) -> None:
    assert PHRASES[phrase].holds(Fraction(numerator, denominator), amount(value)) is expected


@given(
    st.integers(10, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 100)
)
def test_a_measure_alone_decides_by_the_exact_ratio(counts: tuple[int, int], per_cent: int) -> None:
    numerator, denominator = counts

    verdict = check(
        {"phrase": "at_least", "value": f"{per_cent}%", "statistic": "S04"},
        proportion(numerator, denominator),
    )

    expected = "supported" if 100 * numerator >= per_cent * denominator else "not supported"
    assert (verdict.verdict, verdict.ratio) == (expected, f"{numerator:,}/{denominator:,}")


def group(**named: str) -> dict[str, Any]:
    """The published cohort of 2020, as `takedown_statistics` prints it (test_cohorts)."""
    outcomes = {**dict.fromkeys(OUTCOMES, 0), "DOWN_PLATFORM_VERIFIED": 578, "REFUSED": 485, "PENDING": 155}
    beside = {"indeterminate": 0, "immature": 0, "held": 0}
    return {
        "group": named,
        "S01": {"notified_items": 1218, "notices": 1218, "chasers": 0, "by_kind": {"page": 1218}},
        "S03": {"eligible": 1218, "outcomes": outcomes},
        "S04": {**proportion(578, 1218), "low": 578 / 1218, "high": 578 / 1218},
        "S05": {"24h": {**proportion(0, 1218), **beside}, "7d": {**proportion(578, 1218), **beside}},
        "S06": proportion(578, 1063),
        "S07": proportion(578, 578),
    }


@pytest.fixture
def cohort() -> dict[str, Any]:
    return {
        "period": {"from": "2020-01-01", "to": "2020-05-31"}, "as_at": "2020-09-03T22:59:59Z", "filters": {},
        "groups": [group(), group(platform="facebook")],
    }  # fmt: skip


def test_the_sentence_of_august_2023_is_not_supported_by_the_published_cohort(cohort: dict[str, Any]) -> None:
    smuggling = {**cohort, "filters": {"category": "people_smuggling"}}

    verdict = check(AUGUST_2023, smuggling)

    assert (verdict.verdict, verdict.ratio) == ("not supported", "578/1,218")
    assert verdict.rule == "“more than”: the unrounded value is greater"
    assert verdict.sentence == (
        "Of 1,218 pages notified from 1 January to 31 May 2020 (category people_smuggling), 578 (47.5%; 95% interval"
        " 44.7% to 50.3%) were down as at 3 September 2020; 485 had been left up and 155 awaited a decision."
        " Verified: 100.0% of 578 removals claimed or seen were looked at since."
    )
    assert [(other.claim.statistic, other.claim.window, other.verdict, other.ratio) for other in verdict.readings] == [
        ("S05", "24h", "not supported", "0/1,218"),
        ("S05", "7d", "not supported", "578/1,218"),
        ("S06", "", "not supported", "578/1,063"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("47.5% of pages were taken down, as at 3 September 2020", "supported"),
        ("over 47% of pages notified from 1 January to 31 May 2020 were down", "supported"),
        ("at least half of pages on Facebook were taken down", "not supported"),
        ("around 54% of those decided were taken down", "supported"),
        ("578 pages were taken down in 2020", "cannot be said"),
        ("over 40% of posts were taken down", "cannot be said"),
        ("over 40% of pages on TikTok were taken down", "cannot be said"),
        ("over 40% of pages were taken down as at 4 September 2020", "cannot be said"),
        ("over 40% of pages were taken down in 2021", "cannot be said"),
        ("over 40% of pages were taken down because of our letters", "cannot be said"),
        ("over 40% of pages in Albanian were taken down", "cannot be said"),
        ("1,218 pages were notified", "supported"),
        ("1,300 pages were notified", "not supported"),
        ("removal rate was up 5%", "cannot be said"),
    ],
)
def test_sentences_against_the_published_cohort(cohort: dict[str, Any], sentence: str, expected: str) -> None:
    assert check(sentence, cohort).verdict == expected


def test_without_period_and_as_at_the_sentence_of_august_2023_cannot_be_said() -> None:
    verdict = check(AUGUST_2023, now=NOW)

    assert verdict.verdict == "cannot be said"
    assert verdict.missing == (
        "Of which notices? Say the period, such as 2026 Q2.",
        "As at when? Say the day, such as “as at 28 July 2026”.",
    )


def test_only_the_as_at_missing_gives_the_usual_one_as_a_reading(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    verdict = check("10 posts were notified in January 2026", now=NOW)

    assert verdict.verdict == "cannot be said"
    assert (verdict.readings[0].claim.as_at, verdict.readings[0].verdict) == (
        "2026-03-01T00:00:00Z",
        "supported",
    )


def test_a_claim_is_computed_from_the_records_and_names_them(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    verdict = check("3 posts on X were taken down within 24 hours in January 2026, as at 1 March", now=NOW)

    assert (verdict.verdict, verdict.ratio) == ("supported", "3/9")
    assert verdict.scope is not None
    assert (verdict.scope["rows"], verdict.scope["as_at"]) == (10, "2026-03-01T23:59:59Z")
    assert verdict.scope["filters"] == {"platform": "x", "kind": "post"}
    assert verdict.as_dict()["claim"]["from"] == "2026-01-01"


def test_a_base_below_ten_supports_no_percentage(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    verdict = check("over 20% of posts were taken down", figures(scope()))

    assert (verdict.verdict, verdict.ratio) == ("cannot be said", "3/9")
    assert verdict.missing == ("9 items are too few for a percentage: it takes 10.",)


def test_a_change_is_taken_from_unrounded_values_of_both_periods() -> None:
    """INHOPE's figures: printed as 25%, in truth 33.6%."""
    claim = {"phrase": "up", "value": "33.6%", "statistic": "S01"}
    later, earlier = (
        {"groups": [{"group": {}, "measure": {"count": n}}], "filters": {}} for n in (1336, 1000)
    )

    assert check(claim, later, earlier=earlier).verdict == "supported"
    assert check({**claim, "value": "25%"}, later, earlier=earlier).verdict == "not supported"
    assert check(claim, later).missing == ("There is no earlier figure to compare with, or it is 0.",)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"colour": "red"}, "has no field colour"),
        ({"phrase": "perhaps"}, "phrase: “perhaps” is not known"),
        ({"value": "many"}, "value: “many” is no number"),
        ({"value": "1/0"}, "divides by nothing"),
        ({"window": "3d"}, "window: “3d” is not computed"),
        ({"from": "0001-01-01", "to": "2020-01-01"}, "before the year 2000"),
        ({"from": "2020-02-01", "to": "2020-01-01"}, "ends"),
        ({"as_at": "9999-01-01T00:00Z"}, "as_at: "),
        ({"to": "yesterday"}, "to: “yesterday” is not a day"),
    ],
)
def test_fields_that_say_nothing_are_refused_by_name(fields: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check(fields)


@pytest.mark.parametrize(
    ("as_at", "expected"),
    [("27 July", "cannot be said"), ("28 July", "supported"), ("29 July", "supported")],
)
def test_midnight_is_as_at_the_day_that_ends_and_the_day_that_begins(as_at: str, expected: str) -> None:
    """28 days after a quarter, an edition's as-at by default, end at midnight in London."""
    document = {
        "period": {"from": "2026-04-01", "to": "2026-06-30"}, "as_at": "2026-07-28T23:00:00Z", "filters": {},
        "groups": [group(platform="facebook")],
    }  # fmt: skip

    verdict = check(f"1,218 pages on Facebook were notified in 2026 Q2, as at {as_at}", document)

    assert verdict.verdict == expected


def test_an_as_at_that_has_not_come_cannot_be_said(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())

    verdict = check("3 posts were taken down within 24 hours in January 2026, as at 1 March 2027", now=NOW)

    assert verdict.missing == ("The as-at, 2027-03-01, has not come yet.",)
