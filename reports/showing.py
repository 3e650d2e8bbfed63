"""Figures made ready for page and PDF: labelled, marked where the base is small, linked to their rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from accounts.showing import places_for
from reports.facts import WINDOWS, Scope
from reports.groupings import Names
from reports.measures import EXCLUSIONS, NUMERATOR, OUTCOMES, share
from reports.periods import stamp

LEAST_SHOWN, LOW_BASE = 10, 50
WINDOW_NAMES = {"1h": "1 hour", "24h": "24 hours", "48h": "48 hours", "7d": "7 days", "28d": "28 days"}


@dataclass(frozen=True)
class Rows:
    """Addresses of the rows behind numbers; the as-at is in each, so that rows and number agree for ever."""

    base: str
    scope: Scope
    names: Names = field(default_factory=dict)  # what people call the values of filters

    def about(self, **changes: Any) -> "Rows":
        """Of the same scope with other filters, or another period."""
        return replace(self, scope=replace(self.scope, **changes))

    def of(self, **choice: str) -> str:
        return f"{self.base}?{query(self.scope)}{'&' if choice else ''}{urlencode(choice)}"


def query(scope: Scope, **changes: str) -> str:
    """The scope as an address's parameters."""
    values = {
        "from": scope.period.first.isoformat(),
        "to": scope.period.last.isoformat(),
        "as_at": stamp(scope.as_at),
        "known_by": stamp(scope.known_by),
        **scope.filters,
        **changes,
    }
    return urlencode(values)


def outcome_rows(s03: Mapping[str, Any], rows: Rows) -> list[dict[str, Any]]:
    """S03 line by line; shares as they are printed, which sum to 100."""
    counts, eligible = s03["outcomes"], s03["eligible"]
    return [
        {
            "name": OUTCOMES[name],
            "count": count,
            "share": part,
            "counted": name in NUMERATOR,
            "url": rows.of(outcome=name),
        }
        for (name, count), part in zip(counts.items(), shares(counts.values(), eligible), strict=True)
    ]


def shares(counts: Iterable[int], whole: int) -> list[str]:
    """Shares of what the counts sum to, by largest remainders, so that they sum to 100%.

    One place from a base of 100, whole numbers below, none where the base says too little (statistics.md, section 5).
    """
    counts = list(counts)
    if whole < LEAST_SHOWN:
        return ["too few" if whole else "no items" for _ in counts]
    places = places_for(whole)
    units = 100 * 10**places
    parts = [units * count // whole for count in counts]
    remainders = sorted(range(len(counts)), key=lambda place: -(units * counts[place] % whole))
    for place in remainders[: units - sum(parts)]:
        parts[place] += 1
    return [f"{part / 10**places:.{places}f}%" for part in parts]


def window_rows(s05: Mapping[str, Any], rows: Rows) -> list[dict[str, Any]]:
    """S05 line by line."""
    return [
        {
            "name": WINDOW_NAMES[name],
            "figure": s05[name],
            "base": base_mark(s05[name]["denominator"]),
            "low_verification": (share(s05[name]["indeterminate"], s05[name]["denominator"]) or 0) > 0.1,
            "yes_url": rows.of(window=name, within="yes"),
            "mature_url": rows.of(window=name, within="yes,no,indeterminate"),
            "indeterminate_url": rows.of(window=name, within="indeterminate"),
            "immature_url": rows.of(window=name, within="immature"),
            "held_url": rows.of(window=name, within="held"),
        }
        for name in WINDOWS
    ]


def exclusion_rows(s02: Mapping[str, int], notified: int, rows: Rows) -> list[dict[str, Any]]:
    """S02 line by line; `much` where an exclusion is more than a twentieth of what was notified."""
    return [
        {
            "code": code,
            "name": EXCLUSIONS[code],
            "count": count,
            "share": share(count, notified),
            "much": (share(count, notified) or 0) > 0.05,
            "url": rows.of(exclusion=code),
        }
        for code, count in s02.items()
    ]


def base_mark(denominator: int) -> str:
    """`few` where a rate says too little to be shown, `low` where it needs the mark “low base”."""
    return "few" if denominator < LEAST_SHOWN else "low" if denominator < LOW_BASE else ""
