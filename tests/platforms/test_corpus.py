"""The bars of recognition and extraction, held against the corpus; a failure prints every miss."""

from collections import Counter

import pytest

from platforms.recognition import recognise
from tests.platforms.scorer import (
    Score,
    Share,
    by_platform,
    judge,
    judge_items,
    judge_pairs,
    judge_texts,
    lines,
    loosely,
    read,
    rows,
    speed,
)

MOST_SHOWN = 200


@pytest.fixture(scope="module")
def score() -> Score:
    readings = [read(line) for line in lines()]
    result = Score()
    for reading in readings:
        judge(reading, result)
    judge_items(readings, result)
    judge_pairs(result)
    return result


@pytest.fixture(scope="module")
def texts() -> tuple[dict[str, dict[str, Share]], list[str]]:
    misses: list[str] = []
    return judge_texts(misses), misses


def shown(misses: list[str]) -> str:
    return "\n".join(misses[:MOST_SHOWN])


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    items = Counter(line["item"] for line in lines())

    assert items.total() >= 1_600
    assert sum(1 for forms in items.values() if forms >= 2) >= 500
    assert sum(1 for _ in rows("pairs")) >= 300
    assert sum(1 for _ in rows("texts")) >= 320
    assert sum(1 for row in rows("texts") if not row["addresses"]) >= 80


def test_no_address_of_the_corpus_stands_in_two_items() -> None:
    twice = [address for address, n in Counter(line["address"] for line in lines()).items() if n > 1]

    assert twice == []


@pytest.mark.parametrize(
    ("figure", "bar"),
    [
        ("platform_recall", 0.97),
        ("platform_precision", 0.99),
        ("kind_recall", 0.95),
        ("identifier_recall", 0.97),
        ("items_that_meet", 0.95),
    ],
)
def test_recognition_meets_the_bar(score: Score, figure: str, bar: float) -> None:
    rate = getattr(score, figure).rate

    assert rate >= bar, shown(score.misses)


def test_no_two_items_merge(score: Score) -> None:
    assert score.false_merges == [], shown(score.false_merges)


def test_every_canonical_form_reads_back_as_the_same_item() -> None:
    readings = [read(line) for line in lines()]
    found = [(one, recognise(one.line["address"])) for one in readings if one.key is not None]
    lost = [
        f"{one.line['address']!r} -> {item.canonical!r}"
        for one, item in found
        if read({"address": item.canonical}).key != one.key
    ]

    assert lost == [], shown(lost)


def test_nothing_is_raised_but_not_an_address(score: Score) -> None:
    assert score.errors == []


@pytest.fixture(scope="module")
def parts() -> dict[str, Score]:
    return by_platform(read(line) for line in lines())


@pytest.mark.parametrize("name", sorted({line["file"] for line in lines()}))
def test_no_platform_is_left_behind(parts: dict[str, Score], name: str) -> None:
    part = parts[name]

    assert (part.platform_recall.rate or 0) >= 0.95, shown(part.misses)
    assert part.items_that_meet.rate is None or part.items_that_meet.rate >= 0.85, shown(part.misses)


@pytest.mark.parametrize(
    ("way", "precision", "recall"), [("plain", 0.93, 0.90), ("bare", 0.86, 0.75), ("defanged", 0.95, 0.90)]
)
def test_extraction_meets_the_bar(
    texts: tuple[dict[str, dict[str, Share]], list[str]], way: str, precision: float, recall: float
) -> None:
    shares, misses = texts

    assert (shares[way]["precision"].rate or 0) >= precision, shown(misses)
    assert (shares[way]["recall"].rate or 0) >= recall, shown(misses)


def test_nothing_is_invented_in_a_text_without_an_address(
    texts: tuple[dict[str, dict[str, Share]], list[str]],
) -> None:
    shares, misses = texts

    assert shares["none"]["precision"].whole == 0, shown(
        [miss for miss in misses if miss.startswith("(none)")]
    )


def test_recognition_is_quick_even_on_a_busy_machine() -> None:
    pace = speed([line["address"] for line in lines()], rounds=1)

    assert pace["per_second"] >= 3_000, pace  # `make bench` measures it; here only a collapse fails


@pytest.mark.parametrize(
    ("address", "loose"),
    [
        ("HTTPS://Example.ORG/A/", "example.org/A"),
        ("example.org:8080/x", "example.org:8080/x"),
        ("tg://resolve?domain=x", "tg:resolve?domain=x"),
        ("tg:resolve?domain=x", "tg:resolve?domain=x"),
        ("http://example.org", "example.org"),
    ],
)
def test_addresses_are_compared_loosely(address: str, loose: str) -> None:
    assert loosely(address) == loose


def test_what_a_letter_prints_names_the_same_item() -> None:
    taken = [line["address"] for line in lines() if read(line).key is not None]
    wanted = [(found.key, found.printed) for found in map(recognise, taken)]

    printed = [recognise(address) for _, address in wanted]

    assert [(found.key, found.printed) for found in printed] == wanted
