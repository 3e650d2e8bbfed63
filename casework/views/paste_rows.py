"""The rows of a paste on its page: what is offered of each, what the person chose, and the part that is shown."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from casework.forms import LANGUAGES, CategoryField, PastedRowForm
from casework.intake import KINDS, Candidate, NewItem
from casework.models import Kind
from platforms.models import Platform

PART = 100  # rows of a group that are shown at a time
MOST_SHOWN = 300  # rows that a page shows in all, so that it stays small however much was pasted
MOST_OPEN = 20
UNREAD = "unread"


@dataclass
class Row:
    """A line of the preview. `token` names its item in the form, wherever in the text it moves to."""

    candidate: Candidate
    token: str
    is_saveable: bool
    is_selected: bool
    first_line: int | None = None  # of the text, where the same item stands before
    own: dict[str, str] = field(default_factory=dict)
    said: str = ""  # its own values in words
    form: PastedRowForm | None = None  # while it is being corrected

    @property
    def is_offered(self) -> bool:
        """Selected unless the person says otherwise: it can be saved, and is known from nowhere."""
        return self.is_saveable and not self.candidate.known

    @property
    def group(self) -> str:
        return self.candidate.platform or UNREAD

    @property
    def kind(self) -> str:
        return str(Kind(self.own.get("kind") or self.candidate.kind).label)

    def new_item(self, shared: Mapping[str, Any]) -> NewItem:
        return NewItem(**{"address": self.candidate.address, **shared, **self.own})


@dataclass
class Group:
    """The rows of one platform, or those that could not be read; `shown` is the part on the page."""

    slug: str
    name: str
    rows: list[Row] = field(default_factory=list)
    part: int = 1
    shown: list[Row] = field(default_factory=list)

    @property
    def parts(self) -> int:
        return -(-len(self.rows) // PART)

    @property
    def first(self) -> int:
        return (self.part - 1) * PART + 1

    @property
    def last(self) -> int:
        return min(self.part * PART, len(self.rows))

    @property
    def saveable(self) -> int:
        return sum(row.is_saveable for row in self.rows)

    @property
    def selected(self) -> int:
        return sum(row.is_selected for row in self.rows)

    @property
    def known(self) -> int:
        return sum(bool(row.candidate.known) for row in self.rows)

    @property
    def twice(self) -> int:
        return sum(row.first_line is not None for row in self.rows)


SELECTING: dict[str, Callable[[Row], bool]] = {
    "all": lambda row: row.is_saveable,
    "none": lambda row: False,
    "offered": lambda row: row.is_offered,
}


class Board:
    """All rows of a paste with the choices of `sent`; those of rows not on the page come in its field `kept`."""

    def __init__(self, candidates: Sequence[Candidate], sent: QueryDict) -> None:
        self.sent = sent
        self.platforms = dict(Platform.objects.values_list("slug", "name"))
        tree = CategoryField()
        self.categories = {row.slug: tree.label_from_instance(row) for row in tree.queryset or ()}
        self.rows = [_row(candidate) for candidate in candidates]
        for row in self.rows:
            if earlier := row.candidate.duplicate_in_paste:
                row.first_line = self.rows[earlier - 1].candidate.line
        self.by_token = {row.token: row for row in self.rows if row.is_saveable}
        self._take_kept()
        self._take_shown()
        self.groups = self._grouped()

    # -- What the person chose ---------------------------------------------------------------------------------

    def _take_kept(self) -> None:
        for token, choice in _object(self.sent.get("kept", "")).items():
            row = self.by_token.get(token)
            if row is None or not isinstance(choice, dict):
                continue
            row.is_selected = bool(choice.get("on", row.is_selected))
            row.own = self._on_offer(row, choice)

    def _take_shown(self) -> None:
        selected = set(self.sent.getlist("selected"))
        for row in self._named("shown"):
            row.is_selected = row.token in selected
        for row in self._named("opened"):
            row.own = self._form(row, self.sent).own()

    def _named(self, field_name: str) -> list[Row]:
        tokens = dict.fromkeys(self.sent.getlist(field_name))
        return [self.by_token[token] for token in tokens if token in self.by_token]

    def _on_offer(self, row: Row, given: Mapping[str, Any]) -> dict[str, str]:
        """Those of the values that a row may have of its own."""
        known: dict[str, Collection[str]] = {
            "kind": KINDS,
            "category": self.categories,
            "language": dict(LANGUAGES),
            "platform": self.platforms if row.candidate.platform == "web" else (),
        }
        named = {name: given.get(name) for name in known}
        return {
            name: value
            for name, value in named.items()
            if isinstance(value, str) and value and value in known[name]
        }

    def _form(self, row: Row, sent: QueryDict | None = None) -> PastedRowForm:
        has_platform = row.candidate.platform == "web"
        return PastedRowForm(sent, prefix=row.token, initial=row.own, has_platform=has_platform)

    def choose(self, action: str, value: str) -> None:
        """What a button other than reading and saving does to the rows."""
        if action == "set":
            given = {name: self.sent.get(f"set_{name}", "") for name in ("category", "language")}
            for row in self.selected():
                row.own = {**row.own, **self._on_offer(row, given)}
        if rule := SELECTING.get(action):
            for row in self.rows:
                if value in ("", row.group):
                    row.is_selected = rule(row)

    def selected(self) -> list[Row]:
        return [row for row in self.rows if row.is_selected]

    # -- What the page shows -----------------------------------------------------------------------------------

    def _grouped(self) -> list[Group]:
        """By platform in the order of the text, what could not be read last."""
        groups: dict[str, Group] = {}
        for row in sorted(self.rows, key=lambda row: bool(row.candidate.problem)):
            name = row.candidate.platform_name or "Could not be read"
            groups.setdefault(row.group, Group(row.group, name)).rows.append(row)
        for group in groups.values():
            group.part = _within(self.sent.get(f"part.{group.slug}", "1"), group.parts)
        return list(groups.values())

    def lay_out(self, action: str, value: str) -> None:
        """Choose the rows to show: the group just asked for first, then those shown before, up to the most."""
        asked, _, part = value.partition(":")
        if action == "change" and value in self.by_token:
            asked = self.by_token[value].group
        before, left = self.sent.getlist("showing"), MOST_SHOWN
        for group in sorted(self.groups, key=lambda group: (group.slug != asked, group.slug not in before)):
            if action == "part" and group.slug == asked:
                group.part = _within(part, group.parts)
            rows = group.rows[group.first - 1 : group.last]
            if len(rows) <= left:
                group.shown, left = rows, left - len(rows)
        self._open(action, value)
        for row in self.rows:
            row.said = self._said(row) if row.own else ""

    def _open(self, action: str, value: str) -> None:
        """Give the rows that are being corrected their forms."""
        shown = {row.token for group in self.groups for row in group.shown}
        tokens = [value] if action == "change" else []
        tokens += [row.token for row in self._named("opened") if (action, value) != ("done", row.token)]
        for token in tokens[:MOST_OPEN]:
            if token in self.by_token and token in shown:
                self.by_token[token].form = self._form(self.by_token[token])

    def _said(self, row: Row) -> str:
        own = row.own
        names = (
            ("Kind as corrected", own.get("kind")),
            (f"Platform: {self.platforms.get(own.get('platform', ''))}", own.get("platform")),
            (f"Category: {self.categories.get(own.get('category', ''))}", own.get("category")),
            (f"Language: {dict(LANGUAGES).get(own.get('language', ''))}", own.get("language")),
        )
        return "; ".join(words for words, value in names if value)

    def kept(self) -> str:
        """The choices that are not those offered, as the form's field `kept`; a shown row's box speaks for itself."""
        shown = {row.token for group in self.groups for row in group.shown}
        choices: dict[str, dict[str, Any]] = {}
        for token, row in self.by_token.items():
            on = {} if token in shown or row.is_selected == row.is_offered else {"on": row.is_selected}
            if row.own or on:
                choices[token] = {**row.own, **on}
        return json.dumps(choices, separators=(",", ":")) if choices else ""

    @property
    def unread(self) -> int:
        return sum(bool(row.candidate.problem) for row in self.rows)

    @property
    def addresses(self) -> int:
        return len(self.rows) - self.unread

    @property
    def known(self) -> int:
        return sum(group.known for group in self.groups)

    @property
    def twice(self) -> int:
        return sum(group.twice for group in self.groups)

    @property
    def selected_beyond(self) -> int:
        """How many of those selected are not on the page."""
        return len(self.selected()) - sum(row.is_selected for group in self.groups for row in group.shown)


def _row(candidate: Candidate) -> Row:
    is_saveable = not (candidate.problem or candidate.open_here or candidate.duplicate_in_paste is not None)
    return Row(candidate, candidate.key[:16], is_saveable, is_saveable and not candidate.known)


def _within(number: str, most: int) -> int:
    is_number = number.isascii() and number.isdigit() and len(number) < 6
    return min(max(int(number), 1), most) if is_number else 1


def _object(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
