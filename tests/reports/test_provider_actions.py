"""The annual table (S20), counted a second time from the records, and what of it may be published."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from casework.models import Category
from casework.models.item import Claim
from reports import provider_actions
from reports.article_22 import of_scope
from reports.provider_actions import ACTIONS, CODES, COLUMNS, OF_ANSWER, Row, keywords_of, publishable_rows
from tests.reports.conftest import scope

AS_AT = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = datetime(2026, 1, 5, 12, tzinfo=UTC)
PLATFORMS = {"x": "https://x.com/nobody/status/{}", "facebook": "https://www.facebook.com/10000000000{}"}
CATEGORIES = ("small_boat_advert", "phishing", None)
SAID = [
    ("removed", {}), ("removed", {}), ("refused", {"refusal_code": "no_policy_breach"}),
    ("refused", {"refusal_code": "under_review"}), ("access_disabled", {"territories": ["FR"]}),
    ("access_disabled", {}), ("restricted_geo", {}), ("restricted_age", {}), ("account_suspended", {}),
    ("account_terminated", {}), ("already_gone", {}), ("not_hosted_here", {}), ("more_information", {}),
    ("labelled", {}), ("preserved_only", {}),
]  # fmt: skip
UNDECIDED = {"more_information", "preserved_only"}


def iso(at: datetime) -> str:
    return at.isoformat()


def made(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Records of some forty notices, and each line as this test knows it."""
    draw, records, lines = Random(seed), [], []
    number = 1000
    for notice in range(40):
        platform, t0 = draw.choice([*PLATFORMS]), FIRST + timedelta(hours=draw.randrange(500))
        undelivered, acknowledged = draw.random() < 0.1, draw.choice([None, True, False])
        refs = []
        for _ in range(draw.randrange(1, 5)):
            number += 1
            ref, category = f"i{number}", draw.choice(CATEGORIES)
            refs.append(ref)
            item = {"type": "item", "ref": ref, "address": PLATFORMS[platform].format(number),
                    "platform": platform, "identified_at": iso(t0 - timedelta(minutes=30))}  # fmt: skip
            records.append({**item, "category": category} if category else item)
            said = [] if undelivered else answers(draw, ref, f"n{notice}", t0)
            records += said
            if draw.random() < 0.1:
                records.append({"type": "withdrawn", "item": ref, "at": iso(t0 + timedelta(days=1))})
            lines.append({"platform": platform, "category": category, "notice": notice, "t0": t0, "said": said,
                          "undelivered": undelivered, "acknowledged": acknowledged is False})  # fmt: skip
        sent = {"type": "notice", "ref": f"n{notice}", "lines": refs, "channel": "mail", "sent_at": iso(t0)}
        records.append(sent if undelivered else {**sent, "received_at": iso(t0)})
        if undelivered:
            at = iso(t0 + timedelta(minutes=5))
            records.append({"type": "delivery_failed", "notice": f"n{notice}", "at": at, "reason": "bounced"})
        elif acknowledged is not None:
            at = iso(t0 + timedelta(hours=1))
            records.append(
                {"type": "acknowledged", "notice": f"n{notice}", "at": at, "automatic": acknowledged}
            )
    return records, lines


def answers(draw: Random, ref: str, notice: str, t0: datetime) -> list[dict[str, Any]]:
    """None to three; some after the as-at."""
    found = []
    for turn in range(draw.randrange(4)):
        said, more = draw.choice(SAID)
        at = t0 + timedelta(days=turn * 20, hours=draw.randrange(1, 400))
        found.append({"type": "answer", "notice": notice, "item": ref, "at": iso(at), "answer": said, **more})
    return found


def decides(said: dict[str, Any]) -> bool:
    return said["answer"] not in UNDECIDED and said.get("refusal_code") != "under_review"


def action(line: dict[str, Any]) -> str:
    """By the words of the definition."""
    heard = sorted((each for each in line["said"] if each["at"] <= iso(AS_AT)), key=lambda each: each["at"])
    decided = [each for each in heard if decides(each)]
    if not decided:
        return "undecided" if heard or line["acknowledged"] else "no_response"
    last = decided[-1]
    if last["answer"] == "access_disabled" and last.get("territories"):
        return "disabled_in_territories"
    return OF_ANSWER[last["answer"]]


def waited(line: dict[str, Any]) -> tuple[float, bool]:
    at = [datetime.fromisoformat(each["at"]) for each in line["said"] if decides(each)]
    first = min((each for each in at if each <= AS_AT), default=None)
    return ((first or AS_AT) - line["t0"]) / timedelta(hours=1), first is not None


def counted(lines: list[dict[str, Any]]) -> list[Row]:
    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        if not line["undelivered"]:
            groups[line["platform"], line["category"]].append(line)
    return [row for place in groups for row in rows(place, groups[place])]


def half(waits: list[tuple[float, bool]]) -> float | None:
    """When half of the lines had a decision, by Kaplan and Meier in fractions; None with fewer than ten decisions."""
    left = Fraction(1)
    for hours in sorted({hours for hours, had in waits if had}):
        at_risk = sum(other >= hours for other, _ in waits)
        left *= 1 - Fraction(sum(had and other == hours for other, had in waits), at_risk)
        if left <= Fraction(1, 2):
            return hours if sum(had for _, had in waits) >= 10 else None
    return None


def rows(place: tuple[str, str | None], lines: list[dict[str, Any]]) -> Iterator[Row]:
    waits = [waited(line) for line in lines]
    median = half(waits)
    keyword = {"small_boat_advert": "KEYWORD_GOODS_SERVICES_NOT_PERMITTED", "phishing": "KEYWORD_PHISHING"}
    for name, count in Counter(map(action, lines)).items():
        values = ("2026-01-01", "2026-01-31", *place, keyword.get(place[1] or "", "KEYWORD_OTHER"),
                  len({line["notice"] for line in lines}), len(lines), name, count, median)  # fmt: skip
        yield dict(zip(COLUMNS, values, strict=True))


def ordered(table: list[Row]) -> list[Row]:
    return sorted(table, key=lambda row: (row["provider"], row["category"] or "", row["action"]))


@pytest.mark.parametrize("seed", range(6))
def test_table_is_what_a_count_of_the_records_gives(seed: int, bring_in: Callable[..., None]) -> None:
    records, lines = made(seed)
    bring_in(records)

    found, expected = ordered([*of_scope(scope()).rows]), ordered(counted(lines))

    plain = [{**row, "median_hours_to_decision": None} for row in found]
    assert plain == [{**row, "median_hours_to_decision": None} for row in expected]
    assert [row["median_hours_to_decision"] for row in found] == pytest.approx(
        [row["median_hours_to_decision"] for row in expected]
    )
    assert sum(row["count"] for row in found) == sum(not line["undelivered"] for line in lines)


def test_table_without_providers_has_the_same_lines(bring_in: Callable[..., None]) -> None:
    records, lines = made(1)
    bring_in(records)

    found = provider_actions.read(scope(), {}, by_provider=False)

    assert {row["provider"] for row in found} == {"all"}
    assert Counter({(row["category"], row["action"]): row["count"] for row in found}) == Counter(
        (line["category"], action(line)) for line in lines if not line["undelivered"]
    )


def test_every_answer_of_a_platform_has_its_action() -> None:
    undecided = {"more_information", "preserved_only"}

    assert sorted(OF_ANSWER) == sorted(set(Claim.values) - undecided)
    assert {*OF_ANSWER.values()} | {"disabled_in_territories", "undecided", "no_response"} == {*ACTIONS}
    assert {answer for answer in OF_ANSWER if answer not in CODES} == {
        answer for answer, said in OF_ANSWER.items() if said == "no_action"
    }


def test_category_has_the_keyword_of_the_nearest_above_it(db: None) -> None:
    found = keywords_of(dict(Category.objects.values_list("slug", "parent__slug")))

    assert {name: found[name] for name in ("small_boat_advert", "phishing", "advance_fee", "hate")} == {
        "small_boat_advert": "KEYWORD_GOODS_SERVICES_NOT_PERMITTED",
        "phishing": "KEYWORD_PHISHING",
        "advance_fee": "KEYWORD_OTHER",
        "hate": "KEYWORD_OTHER",
    }
    assert {*provider_actions.KEYWORDS} <= {*found}


def entry(provider: str, name: str, count: int, *, notices: int = 9) -> Row:
    given = ("2026-01-01", "2026-01-31", provider, "hate", "KEYWORD_OTHER", notices, 0, name, count, 12.5)
    return dict(zip(COLUMNS, given, strict=True))


def test_small_counts_of_the_table_are_withheld_with_what_gives_them_away() -> None:
    table = [entry("x", "removed", 3), entry("x", "restricted", 40), entry("x", "no_action", 60),
             entry("facebook", "removed", 50), entry("facebook", "restricted", 30), entry("facebook", "no_action", 6),
             entry("tiktok", "removed", 2, notices=1)]  # fmt: skip

    found = {(row["provider"], row["action"]): row for row in publishable_rows(table, 5)}

    assert sorted(place for place, row in found.items() if row["count"] == "c") == [
        ("tiktok", "removed"),
        ("x", "removed"),
    ]
    assert {place[0]: row["lines"] for place, row in found.items()} == {
        "x": "c",
        "facebook": 86,
        "tiktok": "c",
    }
    (small,) = (row for place, row in found.items() if place == ("tiktok", "removed"))
    assert [small[name] for name in ("notices", "lines", "median_hours_to_decision")] == ["c", "c", "c"]
    assert found["facebook", "removed"]["keyword"] == "KEYWORD_OTHER"


def test_no_table_where_nothing_was_delivered(db: None) -> None:
    assert [*of_scope(scope()).rows] == publishable_rows([], 5) == []
