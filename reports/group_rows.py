"""The rates of one grouping line by line: each number with its rows, in an order that the address names."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse

from reports.groupings import Names, named, rank, written
from reports.measures import HIGH, LOW, NUMERATOR, counted, share
from reports.showing import LEAST_SHOWN, Rows, base_mark, query
from reports.tallies import Key, Tally

Row = dict[str, Any]
WINDOWS = {"7d": "7 days", "24h": "24 hours"}
ORDERS: Mapping[str, str] = {
    "name": "",
    "notified": "Notified",
    "eligible": "Eligible",
    "to_date": "Down to date (S04)",
    "low": "Lowest reading",
    "high": "Highest reading",
    **{window: f"Down within {words} (S05)" for window, words in WINDOWS.items()},
}


def group_rows(counts: Mapping[Key, Tally], by: str, names: Names, rows: Rows, order: str = "") -> list[Row]:
    """One row per group; `order` is one of `ORDERS`, with a minus for the greatest first, or nothing for `name`."""
    found = [
        (key[0], _row(by, key[0], named(by, key[0], names), tally, rows))
        for key, tally in counts.items()
        if key
    ]
    found.sort(key=lambda pair: rank(by, pair[0], names), reverse=order == "-name")
    shown = [row for _, row in found]
    name = order.removeprefix("-")
    if name in _VALUES:
        value = _VALUES[name]
        sign = -1 if order.startswith("-") else 1
        shown.sort(key=lambda row: _last_if_unsaid(value(row), sign))
    return shown


def _row(by: str, value: str | None, name: str, tally: Tally, rows: Rows) -> Row:
    figures, group = counted(tally), written({by: value})
    return {
        "name": name,
        "briefing_url": _briefing(value, rows) if by == "platform" and value else "",
        "notified": (tally.notified, rows.of(group=group)),
        "eligible": (tally.eligible, rows.of(group=group, eligible="1")),
        "base": base_mark(tally.eligible),
        "to_date": {
            **figures["S04"],
            "url": rows.of(group=group, outcome=",".join(NUMERATOR)),
            "base_url": rows.of(group=group, eligible="1"),
        },
        "bounds": [
            {
                "count": tally.among(*outcomes),
                "share": share(tally.among(*outcomes), tally.eligible),
                "url": rows.of(group=group, outcome=",".join(outcomes)),
            }
            for outcomes in (LOW, HIGH)
        ],
        "windows": [_window(window, figures["S05"][window], group, rows) for window in WINDOWS],
    }


def _briefing(platform: str, rows: Rows) -> str:
    return f"{reverse('reports:briefing', args=[platform])}?{query(rows.about(platform='').scope)}"


def _window(window: str, figure: Mapping[str, Any], group: str, rows: Rows) -> Row:
    return {
        **figure,
        "base": base_mark(figure["denominator"]),
        "low_verification": (share(figure["indeterminate"], figure["denominator"]) or 0) > 0.1,
        "url": rows.of(group=group, window=window, within="yes"),
        "base_url": rows.of(group=group, window=window, within="yes,no,indeterminate"),
    }


def _rate(figure: Mapping[str, Any]) -> float | None:
    """Too few say nothing, in an order neither."""
    return figure["rate"] if figure["denominator"] >= LEAST_SHOWN else None


_VALUES: Mapping[str, Callable[[Row], float | None]] = {
    "notified": lambda row: row["notified"][0],
    "eligible": lambda row: row["eligible"][0],
    "to_date": lambda row: _rate(row["to_date"]),
    "low": lambda row: row["bounds"][0]["share"] if row["base"] != "few" else None,
    "high": lambda row: row["bounds"][1]["share"] if row["base"] != "few" else None,
    "7d": lambda row: _rate(row["windows"][0]),
    "24h": lambda row: _rate(row["windows"][1]),
}


def _last_if_unsaid(value: float | None, sign: int) -> tuple[bool, float]:
    return value is None, sign * (value or 0.0)


def headings(by_words: str, order: str) -> list[Row]:
    """For each column its words, the order that its link asks for, and the order that it has now."""
    name, falls = order.removeprefix("-") or "name", order.startswith("-")
    return [
        {
            "words": words or by_words,
            "asks": _asked(column, column == name, falls),
            "sorted": ("descending" if falls else "ascending") if column == name else "",
        }
        for column, words in ORDERS.items()
    ]


def _asked(column: str, current: bool, falls: bool) -> str:
    """Names from the first, numbers from the greatest; the order of now the other way round."""
    greatest_first = not falls if current else column != "name"
    return f"-{column}" if greatest_first else column
