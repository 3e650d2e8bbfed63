"""Cohorts whose whole split was published, rebuilt item by item; docs/cohorts.md names sources and assumptions.

`python -m tests.reports.cohorts NAME > cohort.jsonl` writes the file that `import_history` takes.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Record = dict[str, object]
FACEBOOK = "https://www.facebook.com/reports/posts/{}"
TWITTER = "https://x.com/reports/status/{}"
YOUTUBE = "https://www.youtube.com/watch?v=aaaa{:07d}"
WEB = "https://items.example/{}"


@dataclass(frozen=True)
class Fate:
    """So many items with one end: the platform's answer after a day, and what a person saw, by hours from receipt."""

    count: int
    answer: str = ""
    looks: tuple[tuple[int, str], ...] = ()
    address: str = WEB


@dataclass(frozen=True)
class Cohort:
    """Received evenly over `span` from `since` on, one letter an item; asked for `first` to `last`, as at `as_at`."""

    first: str
    last: str
    as_at: str
    since: datetime
    span: timedelta
    kind: str
    category: str
    fates: tuple[Fate, ...]

    def records(self) -> Iterator[Record]:
        every = self.span / sum(fate.count for fate in self.fates)
        numbered = (fate for fate in self.fates for _ in range(fate.count))
        for number, fate in enumerate(numbered):
            yield from self._item(f"i{number:04d}", number, fate, self.since + number * every)

    def _item(self, ref: str, number: int, fate: Fate, received: datetime) -> Iterator[Record]:
        at, letter = received.isoformat(), f"n-{ref}"
        yield {
            "type": "item", "ref": ref, "address": fate.address.format(1000 + number), "kind": self.kind,
            "category": self.category, "identified_at": at,
        }  # fmt: skip
        yield {
            "type": "notice", "ref": letter, "lines": [ref], "channel": "mail", "sent_at": at, "received_at": at,
        }  # fmt: skip
        if fate.answer:
            yield {
                "type": "answer", "notice": letter, "item": ref, "at": (received + timedelta(days=1)).isoformat(),
                "answer": fate.answer, "refusal_code": "no_policy_breach" if fate.answer == "refused" else None,
            }  # fmt: skip
        for hours, verdict in fate.looks:
            seen_at = (received + timedelta(hours=hours)).isoformat()
            yield {"type": "check", "item": ref, "at": seen_at, "verdict": verdict, "method": "person"}


def _nca_2020() -> Cohort:
    """1,218 pages: 578 closed, 485 left open, 155 not decided."""
    return Cohort(
        "2020-01-01", "2020-05-31", "2020-09-03T00:00Z", datetime(2020, 1, 1, 9, tzinfo=UTC), timedelta(days=151),
        "page", "people_smuggling",
        (Fate(578, "removed", ((144, "gone"),)), Fate(485, "refused", ((144, "live"),)), Fate(155)),
    )  # fmt: skip


def _respect_2025(*, looked: bool) -> Cohort:
    """1,457 items: 1,163 removed or restricted, 278 refused, 16 without a reaction."""
    gone = ((48, "gone"),) if looked else ()
    return Cohort(
        "2025-01-01", "2025-09-30", "2025-11-01T00:00Z", datetime(2025, 1, 1, 9, tzinfo=UTC), timedelta(days=272),
        "post", "hate", (Fate(1163, "removed", gone), Fate(278, "refused"), Fate(16)),
    )  # fmt: skip


def _bka_2014() -> Cohort:
    """1,146 items hosted in Germany: 879 gone within two days, 1,105 within a week, all within two weeks."""
    return Cohort(
        "2014-01-01", "2014-12-31", "2015-02-01T00:00Z", datetime(2014, 1, 1, 9, tzinfo=UTC), timedelta(days=364),
        "web_page", "child_sexual_abuse",
        (
            Fate(879, looks=((24, "gone"),)),
            Fate(1105 - 879, looks=((48, "live"), (96, "gone"))),
            Fate(1146 - 1105, looks=((48, "live"), (168, "live"), (216, "gone"))),
        ),
    )  # fmt: skip


def _parliamentarians_2022() -> Cohort:
    """125 items reported on one day: after 24 hours one of 50, of 41 and of 34 was gone."""
    gone, live = ((24, "gone"),), ((24, "live"),)
    return Cohort(
        "2022-10-25", "2022-10-25", "2022-10-26T12:00Z", datetime(2022, 10, 25, 10, tzinfo=UTC), timedelta(hours=2),
        "post", "hate",
        tuple(
            fate
            for address, reported in ((FACEBOOK, 50), (TWITTER, 41), (YOUTUBE, 34))
            for fate in (Fate(1, looks=gone, address=address), Fate(reported - 1, looks=live, address=address))
        ),
    )  # fmt: skip


def _ccdh_2023() -> Cohort:
    """200 posts on X reported on one day: 196 live after a week."""
    return Cohort(
        "2023-10-31", "2023-10-31", "2023-11-08T00:00Z", datetime(2023, 10, 31, 10, tzinfo=UTC), timedelta(hours=2),
        "post", "hate",
        (Fate(4, looks=((168, "gone"),), address=TWITTER), Fate(196, looks=((168, "live"),), address=TWITTER)),
    )  # fmt: skip


COHORTS = {
    "nca_2020": _nca_2020(),
    "respect_2025": _respect_2025(looked=True),
    "respect_2025_by_answers": _respect_2025(looked=False),
    "bka_2014": _bka_2014(),
    "parliamentarians_2022": _parliamentarians_2022(),
    "ccdh_2023": _ccdh_2023(),
}


def written(name: str) -> str:
    """The records of a cohort as JSON Lines."""
    return "".join(f"{json.dumps(record)}\n" for record in COHORTS[name].records())


if __name__ == "__main__":
    sys.stdout.write(written(sys.argv[1]))
