"""Several public copies of the same month, read as an outsider reads them: what they tell by subtraction."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from reports import public_copies
from reports.public import publishable, published_counts
from tests.reports.conftest import Records, answer, check, item, notice
from tests.reports.editions_at import Office
from tests.reports.test_public_copies import SHARED, january

ADDRESSES = {
    "x": ("post", "https://x.com/nobody/status/{}"),
    "facebook": ("post", "https://www.facebook.com/nobody/posts/{}"),
    "tiktok": ("video", "https://www.tiktok.com/@nobody/video/{}"),
}
PLANS: tuple[dict[str, Any], ...] = (
    {"grouped_by": "platform"}, {"grouped_by": "kind"}, {"platform": "tiktok"},
    {"period": january(1, 14), "grouped_by": "platform"}, {"period": january(15, 31)}, {"period": january(1, 29)},
)  # fmt: skip


class Told(NamedTuple):
    """A group as it is published: its days, what it is of, and its counts."""

    first: str
    last: str
    only: Mapping[str, str]
    counts: Mapping[tuple[str, ...], Any]

    def holds(self, other: "Told") -> bool:
        within = self.first <= other.first and other.last <= self.last
        return within and self.only.items() <= other.only.items()

    def apart_from(self, other: "Told") -> bool:
        days = self.last < other.first or other.last < self.first
        return days or any(other.only.get(name, value) != value for name, value in self.only.items())


def month(draw: Random, size: int) -> Records:
    """Notices of one item each, over January; some removed, refused or left unanswered."""
    found: Records = []
    for number in range(size):
        platform, ref, sent = draw.choice(["x", "x", "facebook", "tiktok"]), f"i{number}", f"n{number}"
        kind, address = ADDRESSES[platform]
        at = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(
            days=draw.randrange(31), minutes=draw.randrange(500)
        )
        told = (at + timedelta(hours=draw.choice([3, 10, 30, 90, 200]))).isoformat()
        seen = (at + timedelta(days=20)).isoformat()
        found += [
            item(ref, at=at.isoformat(), platform=platform, kind=kind, address=address.format(9000 + number)),
            notice((at + timedelta(minutes=30)).isoformat(), ref, ref=sent),
        ]  # fmt: skip
        end = draw.choices(["removed", "refused", "nothing"], [6, 2, 1])[0]
        if end == "removed":
            found += [answer(told, "removed", ref=ref, to=sent), check(seen, "gone", ref=ref)]
        elif end == "refused":
            found += [answer(told, "refused", ref=ref, to=sent, refusal_code="no_policy_breach")]
    return found


def read(document: Mapping[str, Any]) -> Iterator[Told]:
    period = document["period"]
    for group in document["groups"]:
        only = {**document["filters"], **group["group"]}
        yield Told(period["from"], period["to"], only, published_counts(group))


def differences(told: list[Told]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Of every group less one, two or three of its parts that do not overlap: each count that is given."""
    for whole in told:
        inner = [part for part in told if whole.holds(part) and not part.holds(whole)]
        for size in (1, 2, 3):
            for parts in combinations(inner, size):
                if all(one.apart_from(other) for one, other in combinations(parts, 2)):
                    for path, count in whole.counts.items():
                        less = [part.counts.get(path, 0) for part in parts]
                        if "c" not in (count, *less):
                            yield path, count - sum(less)


def small(documents: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    """Where a count of 1 to 4 is given away."""
    told = [each for document in documents for each in read(document)]
    return {path for path, left in differences(told) if 0 < left < 5}


@pytest.mark.parametrize("order", [1, -1])
def test_no_small_count_is_left_when_parts_are_taken_from_a_whole(
    order: int, bring_in: Callable[..., None], person: Callable[..., User], settings: Any
) -> None:
    settings.PUBLIC_TRANSPARENCY = True
    office = Office(person(Role.MANAGER), person(Role.MANAGER, number=2))
    bring_in(month(Random(7), 110))
    editions = [office.published(**plan) for plan in PLANS[::order]]

    for edition in editions:
        public_copies.make_public(edition, by=office.first, names_platforms=True, shared=SHARED)
    documents = [Client().get(f"/transparency/{edition}/figures.json").json() for edition in editions]

    alone = [publishable(edition.figures or {}) for edition in editions]
    assert small(alone) != set()
    assert small(documents) == set()
