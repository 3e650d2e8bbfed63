"""Rules as they come in a job: their form is checked, and each condition counts."""

from dataclasses import asdict
from typing import Any

import pytest

from checker.rules import BadRules, Rules
from checker.verdict import fingerprint, judge

ITEM = {"platform": "chirp", "kind": "post", "identifier": "4711", "canonical": "https://chirp.example/4711"}
RULE: dict[str, Any] = {
    "name": "flew away",
    "verdict": "gone",
    "cause": "author",
    "told": ["it flew (away|off)"],
}
PAGE = {
    "status": 200,
    "final_url": "https://chirp.example/4711",
    "body": "<title>Chirp</title><h1>It flew away</h1><script>X=1</script>",
}


def found(page: dict[str, Any], **changes: Any) -> tuple[str, str | None, str]:
    finding = judge(page, expected=ITEM, rules={"platform": "chirp", "rules": [{**RULE, **changes}]})
    return finding.verdict, finding.cause, finding.confidence


@pytest.mark.parametrize(
    ("changes", "applies"),
    [
        ({}, True),
        ({"told": ["nobody says"]}, False),
        ({"title": ["chirp"]}, True),
        ({"title": ["flew"]}, False),
        ({"source": ["x=1"]}, True),
        ({"source": ["x=2"]}, False),
        ({"missing": ["x=2"]}, True),
        ({"missing": ["x=1"]}, False),
        ({"landed": ["chirp.example/4711"]}, True),
        ({"landed": ["chirp.example/login"]}, False),
        ({"kinds": ["post"]}, True),
        ({"kinds": ["account"]}, False),
        ({"status": [200]}, True),
        ({"status": [403]}, False),
    ],
)
def test_a_rule_applies_where_all_of_its_conditions_hold(changes: dict[str, Any], applies: bool) -> None:
    assert found(PAGE, **changes) == (
        ("gone", "author", "high") if applies else ("inconclusive", None, "medium")
    )


def test_the_first_rule_that_applies_counts() -> None:
    rules = {"rules": [{**RULE, "verdict": "private", "cause": None}, RULE]}

    assert judge(PAGE, expected=ITEM, rules=rules).verdict == "private"


def test_a_rule_of_removal_gives_way_to_what_was_captured_and_is_still_shown() -> None:
    body = (
        "<title>Chirp</title><p>It flew away.</p><p>And with it all that was known of birds and the sea</p>"
    )
    captured = asdict(fingerprint({"status": 200, "body": body}))
    page, rules = {**PAGE, "body": body}, {"rules": [RULE]}

    assert judge(page, expected=ITEM, rules=rules).verdict == "gone"
    assert judge(page, expected={**ITEM, "fingerprint": captured}, rules=rules).verdict == "live"


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(
    ("not_found", "sure"), [("high", "high"), ("medium", "medium"), ("inconclusive", "medium")]
)
def test_how_sure_a_404_is(status: int, not_found: str, sure: str) -> None:
    page = {**PAGE, "status": status, "body": "<title>Not found</title><h1>Not found</h1>"}

    finding = judge(page, expected=ITEM, rules={"not_found": not_found})

    if status == 410:
        assert (finding.verdict, finding.confidence) == ("gone", "high")
    else:
        assert finding.verdict == ("inconclusive" if not_found == "inconclusive" else "gone")
        assert finding.confidence == sure


@pytest.mark.parametrize("status", [404, 200])
def test_a_stated_removal_counts_also_where_a_404_does_not(status: int) -> None:
    page = {**PAGE, "status": status, "body": "<h1>This post was deleted by its author</h1>"}

    assert judge(page, expected=ITEM, rules={"not_found": "inconclusive"}).verdict == "gone"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "rule without a name: a name and a verdict must be given"),
        ({"verdict": "away"}, "rule flew away: a name and a verdict must be given"),
        ({"cause": "wind"}, "rule flew away: gone and account_gone, and they alone, have a cause"),
        ({"cause": None}, "rule flew away: gone and account_gone, and they alone, have a cause"),
        ({"verdict": "live"}, "rule flew away: gone and account_gone, and they alone, have a cause"),
        ({"confidence": "sure"}, "rule flew away: confidence must be one of low, medium, high"),
        ({"status": ["404"]}, "rule flew away: status must be a list of numbers"),
        ({"status": [503]}, "rule flew away: status must be of 200, 400, 401, 403, 404, 410, 451, 999"),
        ({"kinds": "post"}, "rule flew away: kinds must be a list of texts"),
        ({"told": []}, "rule flew away: told must list phrases in lower case"),
        ({"told": ["It flew"]}, "rule flew away: told must list phrases in lower case"),
        ({"told": ["it\u2019s"]}, "rule flew away: told must list phrases in lower case"),
        ({"told": ["it (flew"]}, "rule flew away: the brackets of this phrase do not match: it (flew"),
        ({"told": ["it flew)"]}, "rule flew away: the brackets of this phrase do not match: it flew)"),
        ({"source": ["X"]}, "rule flew away: a phrase is text in lower case: 'X'"),
        ({"regex": "x"}, "rule flew away: unknown field regex; known are"),
    ],
)
def test_a_rule_that_does_not_hold_to_the_form_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRules) as refused:
        Rules.of({"rules": [{**RULE, **changes}]})

    assert str(refused.value)[: len(message)] == message


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"rule": []}, "rules: unknown field rule; known are examples, not_found, platform, rules, scripts"),
        ({"rules": "all"}, "rules must be a list"),
        ({"rules": ["all"]}, "rule without a name must be given by names"),
        ({"not_found": "low"}, "not_found must be high, medium or inconclusive"),
        (
            {"rules": [{"name": "n", "verdict": "live", "missing": ["x"]}]},
            "rule n: nothing is named to show it",
        ),
    ],
)
def test_rules_that_do_not_hold_to_the_form_are_refused(rules: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRules) as refused:
        judge(PAGE, expected=ITEM, rules=rules)

    assert str(refused.value) == message
