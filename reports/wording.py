"""Figures in words, by the rules of statistics.md, sections 5 and 6."""

from typing import Any

from accounts.showing import percent


def stated(measure: dict[str, Any]) -> str:
    """A rate with its interval and its fraction: 47.5% (95% interval 44.7% to 50.3%), 578 of 1,218."""
    if measure["rate"] is None:
        return "no items"
    low, high = measure["interval"]
    fraction = f"{measure['numerator']:,} of {measure['denominator']:,}"
    return f"{percent(measure['rate'])} (95% interval {percent(low)} to {percent(high)}), {fraction}"


def summary(document: dict[str, Any]) -> str:
    """The document for a person at a terminal: every group's headline figures."""
    period = document["period"]
    lines = [
        f"Notified from {period['from']} to {period['to']} (Europe/London), as at {document['as_at']},"
        f" known by {document['known_by']}",
        f"{document['rows']:,} rows, SHA-256 {document['rows_sha256']}",
    ]
    for group in document["groups"]:
        lines += ["", _name(group["group"]), *_figures(group)]
    return "\n".join(lines)


def _name(group: dict[str, str | None]) -> str:
    return ", ".join(f"{name} {value or 'none'}" for name, value in group.items()) or "All"


def _figures(group: dict[str, Any]) -> list[str]:
    s01, s04, s05 = group["S01"], group["S04"], group["S05"]
    bounds = "" if s04["rate"] is None else f"; bounds {percent(s04['low'])} to {percent(s04['high'])}"
    excluded = ", ".join(f"{code} {count}" for code, count in group["S02"].items() if count) or "none"
    outcomes = [f"       {name} {count:,}" for name, count in group["S03"]["outcomes"].items() if count]
    within = [
        f"  S05  Taken down within {name}: {stated(rate)}; indeterminate {rate['indeterminate']}, immature"
        f" {rate['immature']}, held {rate['held']}"
        for name, rate in s05.items()
    ]
    return [
        f"  S01  Notified: {s01['notified_items']:,} items in {s01['notices']:,} notices;"
        f" chasers {s01['chasers']:,}",
        f"  S02  Excluded: {excluded}",
        f"  S03  Eligible: {group['S03']['eligible']:,}",
        *outcomes,
        f"  S04  Taken down to date: {stated(s04)}{bounds}",
        *within,
        f"  S06  Of items decided or verified down: {stated(group['S06'])}",
    ]
