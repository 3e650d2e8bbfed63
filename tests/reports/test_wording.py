"""Sentences that carry all that a percentage must be printed with."""

from typing import Any

import pytest

from reports.claim_words import read_claim
from reports.measures import OUTCOMES, proportion
from reports.periods import day, instant, last_second
from reports.wording import briefing_sentences, said


def document(numerator: int, refused: int, pending: int, kind: str = "post") -> dict[str, Any]:
    eligible = numerator + refused + pending
    outcomes = {
        **dict.fromkeys(OUTCOMES, 0), "DOWN_UNATTRIBUTED": numerator, "REFUSED": refused, "PENDING": pending,
    }  # fmt: skip
    beside = {"indeterminate": 2, "immature": 1, "held": 0}
    group = {
        "group": {}, "S01": {"by_kind": {kind: eligible}}, "S03": {"outcomes": outcomes},
        "S04": proportion(numerator, eligible), "S06": proportion(numerator, numerator + refused),
        "S05": {name: {**proportion(numerator, eligible), **beside} for name in ("24h", "7d")},
        "S07": proportion(numerator, numerator),
    }  # fmt: skip
    return {
        "period": {"from": "2025-12-01", "to": "2026-01-31"}, "as_at": "2026-03-01T14:05:00Z",
        "filters": {"platform": "x"}, "groups": [group],
    }  # fmt: skip


def test_sentence_within_a_window_says_what_could_not_be_told() -> None:
    asked = document(60, 30, 30)

    assert said(asked, asked["groups"][0], "S05", "24h") == (
        "Of 120 posts notified from 1 December 2025 to 31 January 2026 (platform x) and due, 60 (50.0%; 95% interval"
        " 41.2% to 58.8%) were taken down within 24 hours of notice, as at 1 March 2026, 14:05 GMT; 2 could not be told"
        " and 1 had not had that time. Verified: 100% of 60 removals claimed or seen were looked at since."
    )


def test_few_items_have_no_percentage_and_low_bases_are_marked() -> None:
    few, low = document(3, 3, 3, "story"), document(10, 10, 10)

    assert "Of 9 stories" in said(few, few["groups"][0])
    assert "3 of 9 (too few for a percentage) were down" in said(few, few["groups"][0])
    assert "10 (33%; 95% interval 19% to 51%; low base) were down" in said(low, low["groups"][0])


def test_interval_over_batches_is_printed_under_its_name() -> None:
    asked = document(60, 30, 30)
    asked["groups"][0]["S04"]["cluster_interval"] = [0.3, 0.7]

    assert "50.0%; 95% interval over batches 30.0% to 70.0%" in said(asked, asked["groups"][0])


def withheld(**values: Any) -> dict[str, Any]:
    """A document in which S04, the outcomes and S07 are as given."""
    asked = document(60, 30, 30)
    group = asked["groups"][0]
    group["S04"] |= values.get("S04", {})
    group["S05"]["24h"] |= values.get("S05", {})
    group["S03"]["outcomes"] |= values.get("S03", {})
    group["S07"] |= values.get("S07", {})
    return asked


def test_sentence_about_a_withheld_rate_says_so() -> None:
    hidden = {"numerator": "c", "rate": "c", "interval": "c"}
    asked, base = withheld(S04=hidden, S05=hidden), withheld(S04={**hidden, "denominator": "c"})
    begun = "Of 120 posts notified from 1 December 2025 to 31 January 2026 (platform x), how many were"
    why = "is not shown: the number is small, or would give a small one away."

    assert said(asked, asked["groups"][0]) == f"{begun} down as at 1 March 2026, 14:05 GMT {why}"
    assert said(asked, asked["groups"][0], "S05", "24h") == (
        f"{begun} taken down within 24 hours of notice, as at 1 March 2026, 14:05 GMT, {why}"
    )
    assert said(base, base["groups"][0]) == (
        "How many of the posts notified from 1 December 2025 to 31 January 2026 (platform x) were down as at"
        f" 1 March 2026, 14:05 GMT {why}"
    )


def test_sentence_leaves_out_what_is_withheld_beside_the_rate() -> None:
    asked = withheld(S03={"PENDING": "c"}, S07={"rate": "c"}, S05={"immature": "c"})

    assert said(asked, asked["groups"][0]).endswith(
        "down as at 1 March 2026, 14:05 GMT; 30 had been left up and how the others stood is not shown."
        " Verified: the share is not shown, because a count behind it is small."
    )
    other = withheld(S03={"LIMITED": "c", "DOWN_UPLOADER": "c"})
    assert (
        "; 30 had been left up, 30 awaited a decision and how the others stood is not shown. Verified"
        in said(other, other["groups"][0])
    )
    assert "; 2 could not be told. Verified" in said(asked, asked["groups"][0], "S05", "24h")


def test_briefing_has_three_sentences() -> None:
    first, second, third = briefing_sentences(document(60, 30, 30), "X")

    assert first.startswith("X: of 120 posts notified from 1 December 2025")
    assert second.endswith("Within 24 hours: 60 (50.0%; 95% interval 41.2% to 58.8%).")
    assert third.startswith("Of the items that X decided or that are down, 60 (67%")


def test_briefing_without_items_says_so() -> None:
    assert briefing_sentences(document(0, 0, 0), "X") == [
        "No items were notified to X from 1 December 2025 to 31 January 2026."
    ]


@pytest.mark.parametrize(
    ("as_at", "printed"),
    [
        ("2026-03-01T00:00:00Z", "1 March 2026, 00:00 UTC"),
        ("2026-05-01T00:00:00Z", "1 May 2026, 00:00 UTC"),
        ("2026-04-30T23:00:00Z", "1 May 2026, 00:00 BST"),
        ("2026-03-01T23:59:59Z", "1 March 2026"),
        ("2026-05-01T22:59:59Z", "1 May 2026"),
        ("2026-03-01T14:05:07.5Z", "1 March 2026, 14:05:07 GMT"),
        ("2026-10-25T00:30:00Z", "25 October 2026, 01:30 BST"),
        ("2026-10-25T01:30:00Z", "25 October 2026, 01:30 GMT"),
    ],
)
def test_as_at_is_read_back_as_the_instant_that_was_printed(as_at: str, printed: str) -> None:
    asked = {**document(60, 30, 30), "as_at": as_at}
    sentence = said(asked, asked["groups"][0])

    read = read_claim(sentence).claim.as_at

    meant = last_second(day(read)) if len(read) == 10 else instant(read)
    assert f"down as at {printed};" in sentence
    assert meant == instant(as_at).replace(microsecond=0)
