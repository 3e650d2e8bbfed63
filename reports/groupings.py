"""What people call the values that figures are grouped by, and in which order they come."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import quote, unquote

from platforms.models import Severity

Names = Mapping[str, Mapping[str, str]]  # by grouping, then by value
GROUPING_WORDS = {
    "platform": "Platform", "category": "Category", "kind": "Kind", "language": "Language", "channel": "Channel",
    "severity": "Severity", "month": "Month",
}  # fmt: skip
IN_ORDER = tuple(Severity.values)


def named(by: str, value: str | None, names: Names) -> str:
    """A group's value in words: `Facebook`, `January 2026`, `None recorded`."""
    if not value:
        return "None recorded"
    if by == "month":
        try:
            return f"{date.fromisoformat(f'{value}-01'):%B %Y}"
        except ValueError:
            return value
    return names.get(by, {}).get(value, value)


def written(group: Mapping[str, str | None]) -> str:
    """A group as an address names it: `kind:post;language:`; nothing after the colon is for those without one."""
    return ";".join(f"{by}:{quote(value or '', safe='')}" for by, value in group.items())


def read(text: str) -> dict[str, str]:
    """What `written` wrote; raises `ValueError` for what it cannot have written."""
    group = {}
    for part in filter(None, text.split(";")):
        by, colon, value = part.partition(":")
        group[by] = unquote(value)
        if by not in GROUPING_WORDS or not colon or not group[by].isprintable():
            raise ValueError(
                f"“group” cannot have {part!r}: write kind:post, or another grouping and its value."
            )
    return group


def rank(by: str, value: str | None, names: Names) -> tuple[bool, int, str]:
    """The order of groups: months and severities as they follow each other, others by name, none at the end."""
    place = IN_ORDER.index(value) if by == "severity" and value in IN_ORDER else 0
    name = value if by == "month" else named(by, value, names).casefold()
    return not value, place, name or ""
