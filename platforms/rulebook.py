"""The rules of recognition: read from `rules/*.toml`, checked, compiled.

One file is one platform; docs/addresses.md tells what stands in it. A file that does not hold to the form
stops the program with a `RuleError` that names the file and the rule.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platforms import shapes
from platforms.shapes import CharacterClass, Shape, ShapeError

FOLDER = Path(__file__).parent / "rules"
KINDS = frozenset(
    "post video short story live comment account channel group page hashtag invite advert listing photo audio"
    " playlist board app place event web_page web_site".split()
)
# Hosts of these roles carry the platform's ordinary pages; rules hold there unless they say `on`.
ORDINARY_ROLES = ("main", "mobile", "embed", "mirror", "onion")
_FILE_FIELDS = {
    "name", "confirm_hours", "watch_days", "imitated", "hosts", "reserved", "classes", "partial", "tracking",
    "rules", "examples", "counterexamples", "about",
}  # fmt: skip
_RULE_FIELDS = {
    "name", "shapes", "on", "kind", "namespace", "identifier", "owner", "canonical", "needs_network", "unwrap",
}  # fmt: skip
_VARIABLE = re.compile(r"\{(\w+)\}")


class RuleError(ValueError):
    """A rule file does not hold to the form; the message names file, rule and what to mend."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What an address of certain shapes names. `unwrap` instead of `identifier`: it only carries another address."""

    name: str
    kind: str = ""
    namespace: str = ""
    identifier: str = ""
    canonical: str = ""
    owner: str = ""
    needs_network: bool = False
    unwrap: str = ""


Entry = tuple[Shape, Rule]


@dataclass(frozen=True, slots=True)
class PlatformRules:
    """One platform as its file describes it."""

    slug: str
    name: str
    kinds: frozenset[str]
    hosts: dict[str, tuple[str, ...]]  # role: host patterns
    confirm_hours: int
    watch_days: int
    imitated: tuple[str, ...]
    tracking: frozenset[str]
    partial: frozenset[str]  # roles on whose hosts only an address that a rule knows is the platform's
    index: dict[str, dict[str, tuple[Entry, ...]]] = field(repr=False)  # role: first segment: entries
    examples: tuple[dict[str, Any], ...] = field(repr=False)
    counterexamples: dict[str, list[str]] = field(repr=False)

    def entries(self, role: str, first_segment: str) -> tuple[Entry, ...]:
        """Return the shapes to try, in the order of the file; `first_segment` as it stands in the address."""
        index = self.index.get(role)
        if index is None:
            return ()
        found = index.get(first_segment.lower())
        return index["*"] if found is None else found


@dataclass(frozen=True, slots=True)
class HostEntry:
    """A host, or the hosts one label below a suffix, and whose it is."""

    platform: PlatformRules
    role: str
    label: re.Pattern[str] | None = None  # what the labels before the suffix look like; None: an exact host


class HostTable:
    """Whose is a host? Walks from the whole host to its last label, the longest match first."""

    def __init__(self, platforms: tuple[PlatformRules, ...]) -> None:
        self._exact: dict[str, list[HostEntry]] = {}
        self._below: dict[str, list[HostEntry]] = {}
        for platform in platforms:
            for role, patterns in platform.hosts.items():
                for pattern in patterns:
                    self._add(platform, role, pattern)

    def _add(self, platform: PlatformRules, role: str, pattern: str) -> None:
        label, suffix = shapes.compile_host(pattern)
        if label is None:
            self._exact.setdefault(suffix, []).append(HostEntry(platform, role))
        else:
            self._below.setdefault(suffix, []).append(HostEntry(platform, role, label))

    def find(self, host: str) -> Iterator[tuple[HostEntry, dict[str, str]]]:
        """Yield the entries for `host` with what their pattern captured from it, and the host itself."""
        for entry in self._exact.get(host, ()):
            yield entry, {"host": host}
        dot = host.find(".")
        while dot >= 0:
            for entry in self._below.get(host[dot + 1 :], ()):
                match = entry.label.fullmatch(host[:dot]) if entry.label else None
                if match is not None:
                    yield entry, {"host": host, **match.groupdict()}
            dot = host.find(".", dot + 1)
        for entry in self._below.get("", ()):
            yield entry, {"host": host}


def load(folder: Path = FOLDER) -> tuple[PlatformRules, ...]:
    """Return the platforms of all rule files, by slug. Raises RuleError."""
    return tuple(read(path) for path in sorted(folder.glob("*.toml")))


def version(folder: Path = FOLDER) -> str:
    """Return a short hash that changes whenever a rule file does."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def read(path: Path) -> PlatformRules:
    """Return one platform from its rule file. Raises RuleError."""
    try:
        return compile_file(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path.name}: not valid TOML: {error}") from error


def compile_file(slug: str, content: dict[str, Any]) -> PlatformRules:
    """Return a platform from the content of its file. Raises RuleError."""
    where = f"{slug}.toml"
    _known(where, content, _FILE_FIELDS)
    classes = shapes.BUILT_IN | _each(where, "class", content.get("classes", {}), shapes.compile_class)
    hosts = _hosts(where, content.get("hosts"))
    rules = [(_rule(where, row), row) for row in content.get("rules", [])]
    return PlatformRules(
        slug=slug,
        name=_text(where, content, "name"),
        kinds=frozenset(rule.kind for rule, _ in rules if rule.kind),
        hosts=hosts,
        confirm_hours=content.get("confirm_hours", 1),
        watch_days=content.get("watch_days", 180),
        imitated=tuple(content.get("imitated", ())),
        tracking=frozenset(content.get("tracking", ())),
        partial=frozenset(content.get("partial", ())),
        index=_index(where, rules, classes, hosts, content.get("reserved", [])),
        examples=tuple(content.get("examples", ())),
        counterexamples=content.get("counterexamples", {}),
    )


def _known(where: str, row: dict[str, Any], fields: set[str]) -> None:
    unknown = sorted(row.keys() - fields)
    if unknown:
        raise RuleError(f"{where}: unknown field {', '.join(unknown)}; known are {', '.join(sorted(fields))}")


def _text(where: str, row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise RuleError(f"{where}: {name} must be given, as text")
    return value


def _each(
    where: str, what: str, rows: dict[str, Any], compile_one: Callable[[dict[str, Any]], CharacterClass]
) -> dict[str, CharacterClass]:
    compiled = {}
    for name, row in rows.items():
        try:
            compiled[name] = compile_one(row)
        except ShapeError as error:
            raise RuleError(f"{where}, {what} {name}: {error}") from error
    return compiled


def _hosts(where: str, hosts: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(hosts, dict) or not all(isinstance(patterns, list) for patterns in hosts.values()):
        raise RuleError(f"{where}: [hosts] must give, for each role, the list of its hosts")
    for pattern in (pattern for patterns in hosts.values() for pattern in patterns):
        try:
            shapes.compile_host(pattern)
        except ShapeError as error:
            raise RuleError(f"{where}, host {pattern}: {error}") from error
    return {role: tuple(patterns) for role, patterns in hosts.items()}


def _rule(where: str, row: dict[str, Any]) -> Rule:
    name = _text(where, row, "name")
    where = f"{where}, rule {name}"
    _known(where, row, _RULE_FIELDS)
    if "unwrap" in row:
        return Rule(name=name, unwrap=_text(where, row, "unwrap"))
    if row.get("kind") not in KINDS:
        raise RuleError(f"{where}: kind must be one of {', '.join(sorted(KINDS))}")
    return Rule(
        name=name,
        kind=row["kind"],
        namespace=_text(where, row, "namespace"),
        identifier=_text(where, row, "identifier"),
        canonical=_text(where, row, "canonical"),
        owner=row.get("owner", ""),
        needs_network=row.get("needs_network", False),
    )


def _index(
    where: str,
    rules: list[tuple[Rule, dict[str, Any]]],
    classes: dict[str, CharacterClass],
    hosts: dict[str, tuple[str, ...]],
    reserved: list[str],
) -> dict[str, dict[str, tuple[Entry, ...]]]:
    by_role: dict[str, list[Entry]] = {role: [] for role in hosts}
    for rule, row in rules:
        entries = [_entry(f"{where}, rule {rule.name}", rule, text, classes) for text in row.get("shapes", [])]
        if not entries:
            raise RuleError(f"{where}, rule {rule.name}: shapes must list at least one shape")
        for role in row.get("on", [role for role in ORDINARY_ROLES if role in hosts]):
            if role not in hosts:
                raise RuleError(f"{where}, rule {rule.name}: on names {role}, which has no hosts")
            by_role[role] += entries
    return {role: _by_first_segment(entries, reserved) for role, entries in by_role.items()}


def _entry(where: str, rule: Rule, text: str, classes: dict[str, CharacterClass]) -> Entry:
    try:
        shape = shapes.compile_shape(text, classes)
    except ShapeError as error:
        raise RuleError(f"{where}: {error}") from error
    needed = set(_VARIABLE.findall(rule.identifier + rule.canonical + rule.unwrap))
    missing = needed - shape.variables
    if missing:
        raise RuleError(f"{where}: shape {text} does not capture {', '.join(sorted(missing))}")
    return shape, rule


def _by_first_segment(entries: list[Entry], reserved: list[str]) -> dict[str, tuple[Entry, ...]]:
    """A literal or reserved first segment is the platform's own word: a captured name never matches it."""
    words = {shape.first for shape, _ in entries if shape.first != "*"} | {word.lower() for word in reserved}
    index = {word: tuple(entry for entry in entries if entry[0].first == word) for word in words}
    return index | {"*": tuple(entry for entry in entries if entry[0].first == "*")}
