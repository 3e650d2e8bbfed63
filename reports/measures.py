"""S01 to S06 (statistics.md, section 2) as pure functions over a tally of episodes.

Rates are unrounded proportions; None where the denominator is 0, never 0.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from reports.facts import VERIFIED_DOWN, WINDOWS
from reports.intervals import wilson
from reports.tallies import Tally

EXCLUSIONS = {
    "X1": "Withdrawn by us before any decision",
    "X2": "Duplicate: notified again while the episode was open",
    "X3": "Invalid: our error, confirmed by a reviewer",
    "X4": "Not shown to be live at notice",
    "X5": "Not delivered",
    "X6": "On hold: left up on request",
}
OUTCOMES = {
    "REINSTATED": "Back after it was gone",
    "DOWN_PLATFORM_VERIFIED": "Down, by the platform, verified",
    "DOWN_UPLOADER": "Down, by the uploader",
    "DOWN_UNATTRIBUTED": "Down, cause not known",
    "RESTRICTED_UK": "Not reachable from the UK",
    "REPORTED_DOWN_UNVERIFIED": "Said to be down, not checked since",
    "CONTRADICTED": "Said to be down, seen live",
    "LIMITED": "Live but limited",
    "REFUSED": "Left up: the platform refused",
    "PENDING": "Live, no decision",
    "UNKNOWN": "No look and no decision",
}
NUMERATOR = ("DOWN_PLATFORM_VERIFIED", "DOWN_UNATTRIBUTED")
LOW = ("DOWN_PLATFORM_VERIFIED",)
HIGH = (*VERIFIED_DOWN, "REPORTED_DOWN_UNVERIFIED")


def proportion(numerator: int, denominator: int) -> dict[str, Any]:
    """Numerator, denominator, rate and its Wilson interval; the last two None for an empty denominator."""
    interval = wilson(numerator, denominator)
    return {
        "numerator": numerator,
        "denominator": denominator,
        "rate": share(numerator, denominator),
        "interval": None if interval is None else list(interval),
    }


def proportions(numerators: Iterable[int], denominators: Iterable[int]) -> list[dict[str, Any]]:
    """`proportion` of each group."""
    return [proportion(*pair) for pair in zip(numerators, denominators, strict=True)]


def each(**parts: Sequence[Any]) -> list[dict[str, Any]]:
    """For each group what the parts, which have one value for each group, say of it, under their names."""
    return [dict(zip(parts, values, strict=True)) for values in zip(*parts.values(), strict=True)]


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def s01(tally: Tally) -> dict[str, Any]:
    """Items and notices with T0 in the period; chasers apart."""
    return {
        "notified_items": tally.notified,
        "notices": tally.notices,
        "chasers": tally.chasers,
        "by_kind": dict(sorted(tally.counts["kind"].items())),
    }


def s02(tally: Tally) -> dict[str, int]:
    """Excluded items by reason."""
    return {code: tally.counts["exclusion"][code] for code in EXCLUSIONS}


def s03(tally: Tally) -> dict[str, Any]:
    """Eligible items by outcome; the outcomes sum to the eligible."""
    return {"eligible": tally.eligible, "outcomes": {name: tally.among(name) for name in OUTCOMES}}


def s04(tally: Tally) -> dict[str, Any]:
    """The takedown rate to date, net, with its bounds and the follow-up of the eligible items, in hours."""
    eligible = tally.eligible
    return {
        **proportion(tally.among(*NUMERATOR), eligible),
        "low": share(tally.among(*LOW), eligible),
        "high": share(tally.among(*HIGH), eligible),
        "follow_up_hours": {"minimum": tally.follow_up_least, "median": tally.follow_up_median},
        "largest_notice_share": share(tally.largest_notice, eligible),
    }


def s05(tally: Tally) -> dict[str, dict[str, Any]]:
    """The takedown rate within each window, over mature eligible items that were not held in it."""
    return {name: _within(tally, name) for name in WINDOWS}


def _within(tally: Tally, window: str) -> dict[str, Any]:
    counts = tally.counts[f"within_{window}"]
    mature = counts["yes"] + counts["no"] + counts["indeterminate"]
    return {
        **proportion(counts["yes"], mature),
        "indeterminate": counts["indeterminate"],
        "immature": counts["immature"],
        "held": counts["held"],
        "high": share(counts["yes"] + counts["indeterminate"], mature),
    }


def s06(tally: Tally) -> dict[str, Any]:
    """The removal rate of items that were decided or verified down; only ever beside S04."""
    return proportion(tally.among(*NUMERATOR), tally.decided)


COUNTED: dict[str, Callable[[Tally], dict[str, Any]]] = {
    "S01": s01, "S02": s02, "S03": s03, "S04": s04, "S05": s05, "S06": s06,
}  # fmt: skip


def counted(tally: Tally) -> dict[str, Any]:
    """S01 to S06 of one group."""
    return {name: measure(tally) for name, measure in COUNTED.items()}
