"""What two or more published documents give away together."""

from collections.abc import Iterator
from itertools import permutations
from random import Random
from typing import Any

import pytest

from reports.giveaways import Part, giveaways, parts
from reports.measures import EXCLUSIONS, OUTCOMES
from tests.reports.test_public import measured

BELOW = {"fraud": ["fraud", "phishing"]}


def group(down: int, refused: int = 0, **named: str | None) -> dict[str, Any]:
    outcomes = {**dict.fromkeys(OUTCOMES, 0), "DOWN_PLATFORM_VERIFIED": down, "REFUSED": refused}
    counted = measured(outcomes, dict.fromkeys(EXCLUSIONS, 0), 0)
    return {"group": named, **{name: counted[name] for name in ("S01", "S02", "S03", "S04", "S06")}}


def document(
    first: str, last: str, *groups: dict[str, Any], as_at: str = "2026-06-01T00:00:00Z", **filters: str
) -> Any:
    return {
        "period": {"from": f"2026-{first}", "to": f"2026-{last}"}, "as_at": as_at, "known_by": as_at,
        "filters": filters, "groups": [*groups],
    }  # fmt: skip


def read(reference: str, *given: Any, **filters: str) -> list[Part]:
    return parts(reference, document(*given, **filters), BELOW)


def found(new: list[Part], *earlier: list[Part], **more: Any) -> set[tuple[str, str, tuple[str, ...]]]:
    """Group, statistic and number of each, and the editions."""
    known = [part for each in earlier for part in each]
    return {(each.group, " ".join(each.place[1]), each.earlier) for each in giveaways(new, known, 5, **more)}


def test_whole_less_part() -> None:
    year, half = read("E1", "01-01", "12-31", group(43, 20)), read("E2", "01-01", "06-30", group(40, 20))

    assert ("All", "S04 numerator", ("E1",)) in found(half, year)
    assert ("All", "S04 numerator", ("E2",)) in found(year, half)
    assert ("All", "S03 outcomes REFUSED", ("E1",)) not in found(half, year)


def test_difference_that_is_none_or_large_gives_nothing_away() -> None:
    year = read("E1", "01-01", "12-31", group(43, 20))

    assert found(read("E2", "01-01", "06-30", group(43, 20)), year) == set()
    assert found(read("E2", "01-01", "06-30", group(38, 15)), year) == set()


def test_what_the_share_not_down_tells() -> None:
    """The numerator and the denominator differ by much, what is left of both by two."""
    year, half = read("E1", "01-01", "12-31", group(60, 22)), read("E2", "01-01", "06-30", group(40, 20))

    assert ("All", "S04 numerator", ("E1",)) in found(half, year)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_year_less_three_quarters_in_any_order(order: tuple[int, ...]) -> None:
    made = [
        read("Q1", "01-01", "03-31", group(30)),
        read("Q2", "04-01", "06-30", group(30)),
        read("Q3", "07-01", "09-30", group(30)),
        read("Y", "01-01", "12-31", group(93)),
    ]
    *earlier, last = (made[place] for place in order)

    assert "S04 numerator" in {path for _, path, _ in found(last, *earlier)}


def test_periods_that_overlap_without_one_in_the_other_are_not_compared() -> None:
    assert found(read("E2", "02-01", "04-30", group(40)), read("E1", "01-01", "03-31", group(42))) == set()


def test_group_of_one_document_is_the_whole_of_another() -> None:
    grouped = read("E1", "01-01", "12-31", group(83), group(40, platform="x"), group(43, platform="facebook"))

    assert ("All", "S04 numerator", ("E1",)) in found(
        read("E2", "01-01", "06-30", group(42), platform="x"), grouped
    )
    assert found(read("E2", "01-01", "12-31", group(40), platform="x"), grouped) == set()
    assert found(read("E2", "01-01", "06-30", group(30), platform="tiktok"), grouped) == set()


def test_all_less_the_other_platforms() -> None:
    everything = read("E1", "01-01", "12-31", group(83))
    one = read("E2", "01-01", "12-31", group(40), platform="x")
    other = read("E3", "01-01", "12-31", group(40), platform="facebook")

    assert ("All", "S04 numerator", ("E1", "E2")) in found(other, everything, one)


def test_month_of_a_group_is_its_period() -> None:
    months = read("E1", "01-01", "02-28", group(80), group(40, month="2026-01"), group(40, month="2026-02"))

    assert ("All", "S04 numerator", ("E1",)) in found(read("E2", "01-01", "01-30", group(38)), months)
    assert found(read("E2", "03-01", "03-31", group(38)), months) == set()


def test_category_has_what_stands_below_it() -> None:
    fraud = read("E1", "01-01", "12-31", group(43), category="fraud")

    assert "S04 numerator" in {
        path for _, path, _ in found(read("E2", "01-01", "12-31", group(40), category="phishing"), fraud)
    }
    assert found(read("E2", "01-01", "12-31", group(40), category="hate"), fraud) == set()
    by_category = read("E3", "01-01", "12-31", group(80), group(41, category="phishing"))
    assert ("category phishing", "S04 numerator", ("E1",)) in found(by_category, fraud)


def hidden(part: dict[str, Any]) -> dict[str, Any]:
    part["S03"]["outcomes"]["REFUSED"] = "c"
    return part


def test_what_an_edition_of_the_same_scope_withholds() -> None:
    earlier = read("E1", "01-01", "12-31", hidden(group(40, 20)))

    assert found(read("E2", "01-01", "12-31", group(40, 20)), earlier) == {
        ("All", "S03 outcomes REFUSED", ("E1",))
    }


def test_whole_that_withholds_what_its_parts_would_sum_to() -> None:
    year = read("Y", "01-01", "12-31", hidden(group(80, 20)))
    first, second = (read(name, *days, group(40, 10)) for name, days in
                     (("H1", ("01-01", "06-30")), ("H2", ("07-01", "12-31"))))  # fmt: skip

    assert found(first, year) == set()
    assert found(second, year, first) == {("All", "S03 outcomes REFUSED", ("Y", "H1"))}


def test_what_an_edition_withholds_in_one_place_and_prints_in_another() -> None:
    earlier = group(40, 20)
    earlier["S06"]["numerator"] = 40
    earlier["S04"]["numerator"] = "c"

    half = read("E2", "01-01", "06-30", group(37, 20))

    assert ("All", "S04 numerator", ("E1",)) in found(half, read("E1", "01-01", "12-31", earlier))


def test_revision_is_compared_in_what_was_added_alone() -> None:
    later = {"as_at": "2026-07-01T00:00:00Z"}
    earlier = read("E1", "01-01", "03-31", group(40, 20))
    changed, added = (
        parts("E2", document("01-01", "03-31", made, **later), BELOW)
        for made in (group(42, 18), group(42, 20))
    )

    assert found(changed, earlier, revised=["E1"]) == set()
    assert {path for _, path, _ in found(added, earlier, revised=["E1"])} == {
        "S01 notified_items",
        "S01 by_kind post",
    }
    assert "S03 outcomes REFUSED" in {path for _, path, _ in found(changed, earlier)}


def documents(draw: Random) -> Iterator[tuple[int, int, int]]:
    """Periods of days with their counts, out of one year whose days have 0 to 3 each."""
    days = [draw.choice([0, 0, 1, 3]) for _ in range(60)]
    for _ in range(6):
        first = draw.randrange(0, 40)
        last = draw.randrange(first + 10, 60)
        yield first, last, sum(days[first : last + 1])


@pytest.mark.parametrize("seed", range(20))
def test_no_two_nested_periods_that_are_left_tell_a_small_count(seed: int) -> None:
    """The attack: subtract every one from every other that holds it."""
    shown: list[tuple[int, int, int]] = []
    known: list[Part] = []
    for number, (first, last, count) in enumerate(documents(Random(seed))):
        new = read(f"E{number}", day(first), day(last), group(count))
        if "S04 numerator" not in {path for _, path, _ in found(new, known)}:
            shown.append((first, last, count))
            known += new

    told = [(one, other) for one in shown for other in shown
            if one[0] <= other[0] and other[1] <= one[1] and 0 < one[2] - other[2] < 5]  # fmt: skip
    assert told == []
    assert shown


def day(number: int) -> str:
    return f"{1 + number // 28:02}-{1 + number % 28:02}"
