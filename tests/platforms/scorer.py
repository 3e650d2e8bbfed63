"""Scores address recognition and extraction against the corpus: `python -m tests.platforms.scorer`.

Prints a table, every miss to the file named by `--misses`, and one line of JSON at the end. `corpus/README.md` says
what the lines of the corpus mean. Pure and offline: no database, no settings.
"""

import argparse
import contextlib
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from statistics import quantiles
from typing import Any

from platforms.extraction import extract
from platforms.recognition import NotAnAddress, recognise

CORPUS = Path(__file__).parent / "corpus"
OTHERS = {"pairs", "texts"}
NAMED = {"account", "channel", "page", "group", "hashtag"}  # kinds whose identifiers are handles: case folds
REFUSED = "none"
PLAIN = {"web", REFUSED}
SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):(?://)?", re.IGNORECASE)
WAYS = ("plain", "bare", "defanged", "mixed", "none")


@dataclass
class Share:
    """So many right of so many; `rate` is None for an empty whole."""

    right: int = 0
    whole: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.whole += 1

    @property
    def rate(self) -> float | None:
        return self.right / self.whole if self.whole else None


@dataclass
class Reading:
    """One line of the corpus and what the product made of it; `platform` is "none" where it was refused."""

    line: dict[str, Any]
    platform: str = REFUSED
    kind: str | None = None
    identifier: str | None = None
    key: tuple[Any, ...] | None = None
    error: str | None = None  # anything raised but NotAnAddress


@dataclass
class Score:
    """Everything that is counted. Misses are sentences, one for each line, pair or text."""

    platform_recall: Share = field(default_factory=Share)
    platform_precision: Share = field(default_factory=Share)
    kind_recall: Share = field(default_factory=Share)
    kind_precision: Share = field(default_factory=Share)
    identifier_recall: Share = field(default_factory=Share)
    identifier_precision: Share = field(default_factory=Share)
    items_that_meet: Share = field(default_factory=Share)
    false_merges: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        shares = {name: value.rate for name, value in vars(self).items() if isinstance(value, Share)}
        return {**shares, "false_merges": len(self.false_merges), "errors": len(self.errors)}


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The lines of one file of the corpus."""
    with (CORPUS / f"{name}.jsonl").open(encoding="utf-8") as file:
        yield from (json.loads(row) for row in file)


def lines() -> list[dict[str, Any]]:
    """All addresses of the corpus, with the file they stand in."""
    names = sorted(path.stem for path in CORPUS.glob("*.jsonl"))
    return [{**row, "file": name} for name in names if name not in OTHERS for row in rows(name)]


def allowed(expected: Any) -> list[Any]:
    return expected if isinstance(expected, list) else [expected]


def read(line: dict[str, Any]) -> Reading:
    """What the product says of one address; never raises."""
    try:
        found = recognise(line["address"])
    except NotAnAddress:
        return Reading(line)
    except Exception as problem:
        return Reading(line, error=f"{type(problem).__name__}: {problem}")
    platform = str(found.platform or "web")
    return Reading(line, platform, str(found.kind), found.identifier, tuple(found.key))


def right_platform(reading: Reading) -> bool:
    return reading.error is None and reading.platform in allowed(reading.line["platform"])


def right_kind(reading: Reading) -> bool:
    return right_platform(reading) and reading.kind in allowed(reading.line["kind"])


def folded(identifier: str) -> str:
    return identifier.lstrip("@#~").casefold()


def right_identifier(reading: Reading) -> bool:
    if reading.identifier is None or not right_platform(reading):
        return False
    expected = [str(one) for one in allowed(reading.line["identifier"])]
    if reading.identifier in expected:
        return True
    named = bool(NAMED & set(allowed(reading.line["kind"])))
    return named and folded(reading.identifier) in map(folded, expected)


def judge(reading: Reading, score: Score) -> None:
    """Count one reading; kinds and identifiers only where the corpus says what they should be."""
    line, wrong = reading.line, []
    score.platform_recall.add(right_platform(reading))
    if reading.platform not in PLAIN:
        score.platform_precision.add(right_platform(reading))
    if not right_platform(reading):
        wrong.append(f"platform {reading.platform} for {line['platform']}")
    if REFUSED not in allowed(line["platform"]):
        wrong += judge_parts(reading, score)
    if reading.error:
        score.errors.append(f"{line['address']!r}: {reading.error}")
    if wrong:
        score.misses.append(f"[{line['item']}] {line['address']!r}: {'; '.join(wrong)}")


def judge_parts(reading: Reading, score: Score) -> list[str]:
    line, wrong = reading.line, []
    if None not in allowed(line["kind"]):
        score.kind_recall.add(right_kind(reading))
        if reading.key is not None:
            score.kind_precision.add(right_kind(reading))
        if not right_kind(reading):
            wrong.append(f"kind {reading.kind} for {line['kind']}")
    if line["identifier"] is not None:
        score.identifier_recall.add(right_identifier(reading))
        if reading.identifier is not None:
            score.identifier_precision.add(right_identifier(reading))
        if not right_identifier(reading):
            wrong.append(f"identifier {reading.identifier!r} for {line['identifier']!r}")
    return wrong


def judge_items(readings: Iterable[Reading], score: Score) -> None:
    """Do all forms of an item meet in one key, and does no key hold two items?"""
    keys: dict[str, Counter[Any]] = defaultdict(Counter)
    examples: dict[Any, dict[str, str]] = defaultdict(dict)
    for reading in readings:
        keys[reading.line["item"]][reading.key] += 1
        if reading.key is not None:
            examples[reading.key].setdefault(reading.line["item"], reading.line["address"])
    for item, found in keys.items():
        if found.total() < 2:
            continue
        meet = len(found) == 1 and None not in found
        score.items_that_meet.add(meet)
        if not meet:
            score.misses.append(f"[{item}] {found.total()} forms under {len(found)} keys: {list(found)}")
    for key, items in examples.items():
        for (one, a), (other, b) in combinations(items.items(), 2):
            score.false_merges.append(f"{one} and {other} under {key}: {a!r} and {b!r}")


def judge_pairs(score: Score) -> int:
    """The pairs that must not merge; returns how many there are."""
    pairs = list(rows("pairs"))
    for pair in pairs:
        a, b = (read({"address": pair[side]}) for side in "ab")
        if a.key is not None and a.key == b.key:
            score.false_merges.append(f"{pair['why']}: {pair['a']!r} and {pair['b']!r} under {a.key}")
        score.errors += [f"{one.line['address']!r}: {one.error}" for one in (a, b) if one.error]
    return len(pairs)


def loosely(address: str) -> str:
    """An address without the differences that do not matter in extraction: scheme of the web, case of host, end."""
    scheme = SCHEME.match(address)
    name = scheme[1].lower() if scheme and "." not in scheme[1] else ""
    rest = address[scheme.end() :] if name and scheme else address
    host, cut, path = re.match(r"([^/?#]*)([/?#]?)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    bare = f"{host.lower()}{cut}{path}".rstrip("/")
    return bare if name in {"", "http", "https"} else f"{name}:{bare}"


def judge_texts(misses: list[str]) -> dict[str, dict[str, Share]]:
    """Extraction: found of those there are (recall) and right of those given (precision), by kind of text.

    An address that stands twice in a text counts once.
    """
    result: dict[str, dict[str, Share]] = {way: {"precision": Share(), "recall": Share()} for way in WAYS}
    for row in rows("texts"):
        try:
            given = Counter(set(map(loosely, extract(row["text"]))))
        except Exception as problem:
            given = Counter([f"{type(problem).__name__}: {problem}"])
        wanted = Counter(set(map(loosely, row["addresses"])))
        both = (given & wanted).total()
        for name, whole in (("precision", given.total()), ("recall", wanted.total())):
            share = result[row["sort"]][name]
            share.right, share.whole = share.right + both, share.whole + whole
        if given != wanted:
            lost, new = list((wanted - given).elements()), list((given - wanted).elements())
            misses.append(f"({row['sort']}) {row['text']!r}: lost {lost}, invented {new}")
    return result


def speed(addresses: list[str], rounds: int = 3) -> dict[str, float]:
    """Addresses a second of one core, and the 99th percentile of one call in microseconds; the best of the rounds.

    Processor time is counted, not the clock, so that other work on the machine does not count.
    """
    best: list[int] = []
    for _ in range(rounds):
        taken = []
        for address in addresses:
            start = time.thread_time_ns()
            with contextlib.suppress(NotAnAddress):
                recognise(address)
            taken.append(time.thread_time_ns() - start)
        best = min(best or taken, taken, key=sum)
    return {"per_second": len(best) / sum(best) * 1e9, "p99_us": quantiles(best, n=100)[98] / 1000}


def by_platform(readings: Iterable[Reading]) -> dict[str, Score]:
    """One score for each file of the corpus (one a platform)."""
    groups: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[reading.line["file"]].append(reading)
    result = {}
    for name, group in groups.items():
        result[name] = Score()
        for reading in group:
            judge(reading, result[name])
        judge_items(group, result[name])
    return result


def percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate * 100:.1f}"


def table(whole: Score, parts: dict[str, Score]) -> str:
    head = f"{'':14}{'lines':>7}{'platform':>14}{'kind':>14}{'identifier':>14}{'items':>7}{'meet':>7}{'merged':>8}"
    body = [head]
    for name, score in {**parts, "all": whole}.items():
        cells = [
            f"{percent(precision.rate)}/{percent(recall.rate)}"
            for precision, recall in (
                (score.platform_precision, score.platform_recall),
                (score.kind_precision, score.kind_recall),
                (score.identifier_precision, score.identifier_recall),
            )
        ]
        meet = score.items_that_meet
        body.append(
            f"{name:14}{score.platform_recall.whole:>7}{cells[0]:>14}{cells[1]:>14}{cells[2]:>14}"
            f"{meet.whole:>7}{percent(meet.rate):>7}{len(score.false_merges):>8}"
        )
    return "\n".join(body)


def measure() -> tuple[Score, dict[str, Score], dict[str, dict[str, Share]], list[str], int]:
    """The whole score, one a platform, the extraction, its misses, and the number of pairs."""
    readings = [read(line) for line in lines()]
    whole, text_misses = Score(), list[str]()
    for reading in readings:
        judge(reading, whole)
    judge_items(readings, whole)
    pairs = judge_pairs(whole)
    return whole, by_platform(readings), judge_texts(text_misses), text_misses, pairs


def main() -> None:
    """Print table, extraction, speed, false merges and, last, everything as one line of JSON."""
    parser = argparse.ArgumentParser(description="Score recognition and extraction against the corpus.")
    parser.add_argument("--misses", type=Path, help="write every miss to this file")
    options = parser.parse_args()
    whole, parts, texts, text_misses, pairs = measure()
    pace = speed([line["address"] for line in lines()])
    print("precision/recall in per cent")
    print(table(whole, parts))
    for way, shares in texts.items():
        print(f"texts, {way:9}{percent(shares['precision'].rate)}/{percent(shares['recall'].rate)}")
    print(f"texts read otherwise than expected: {len(text_misses)} of {sum(1 for _ in rows('texts'))}")
    print(f"pairs that must not merge: {pairs}; false merges over all: {len(whole.false_merges)}")
    print(f"{pace['per_second']:,.0f} addresses a second, 99th percentile {pace['p99_us']:.0f} µs")
    problems = [*whole.errors, *whole.false_merges, *whole.misses, *text_misses]
    if options.misses:
        options.misses.write_text("\n".join(problems) + "\n", encoding="utf-8")
    found = {way: {name: share.rate for name, share in shares.items()} for way, shares in texts.items()}
    print(json.dumps({**whole.as_dict(), "texts": found, **pace}))


if __name__ == "__main__":
    main()
