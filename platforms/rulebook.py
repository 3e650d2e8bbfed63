"""The rules of recognition: read from `rules/*.toml`, checked, compiled.

One file is one platform; docs/addresses.md tells what stands in it. A file that does not hold to the form
stops the program with a `RuleError` that names the file and the rule.
"""

import hashlib
import re
import tomllib
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
    "name", "shapes", "on", "kind", "namespace", "identifier", "owner", "canonical", "needs_network", "unwrap", "plain",
}  # fmt: skip
_ROLE = re.compile(r"[a-z]+ [/{]")
_LEADING = re.compile(r"https://([^/]+)/\{(\w+)\}(?:/|$)")
_VARIABLE = re.compile(r"\{(\w+)\}")


class RuleError(ValueError):
    """A rule file does not hold to the form; the message names file, rule and what to mend."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What an address of certain shapes names.

    Instead of an identifier: `unwrap`, it only carries another address; `plain`, it is the platform's, no more.
    """

    name: str
    kind: str = ""
    namespace: str = ""
    identifier: str = ""
    canonical: str = ""
    owner: str = ""
    needs_network: bool = False
    unwrap: str = ""
    plain: bool = False
    roams: bool = False  # the canonical address is on a host that the address names
    lead: str = ""  # the capture that the canonical address begins its path with, such as user in x.com/{user}


Entry = tuple[Shape, Rule]
Index = dict[str, dict[str, tuple[Entry, ...]]]  # first segment: second segment: entries; "*": any other


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
    words: frozenset[str] = field(repr=False)  # first segments that are the platform's own, never a name
    index: dict[str, Index] = field(repr=False)  # by role
    examples: tuple[dict[str, Any], ...] = field(repr=False)
    counterexamples: dict[str, list[str]] = field(repr=False)

    def entries(self, role: str, path: str) -> tuple[Entry, ...]:
        """Return the shapes that a decoded path can have, in the order of the file."""
        index = self.index.get(role)
        if index is None:
            return ()
        _, first, second, *_ = f"{path}//".lower().split("/", 3)
        by_second = index.get(first) or index["*"]
        found = by_second.get(second)
        return by_second["*"] if found is None else found


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

    def find(self, host: str) -> tuple[tuple[HostEntry, dict[str, str]], ...]:
        """Return the entries for `host` with what their pattern captured from it, and the host itself."""
        found = [(entry, {"host": host}) for entry in self._exact.get(host, ())]
        dot = host.find(".")
        while dot >= 0:
            for entry in self._below.get(host[dot + 1 :], ()):
                match = entry.label.fullmatch(host[:dot]) if entry.label else None
                if match is not None:
                    found.append((entry, {"host": host, **match.groupdict()}))
            dot = host.find(".", dot + 1)
        return *found, *((entry, {"host": host}) for entry in self._below.get("", ()))


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
    classes = {name: _class(where, name, row) for name, row in content.get("classes", {}).items()}
    hosts = _hosts(where, content.get("hosts"))
    rules = [(_rule(where, row, hosts), row) for row in content.get("rules", [])]
    _unique(where, [rule.name for rule, _ in rules])
    index = _index(where, rules, shapes.BUILT_IN | classes, hosts, content.get("reserved", []))
    return PlatformRules(
        slug=slug,
        name=_text(where, content, "name"),
        kinds=frozenset(rule.kind for rule, _ in rules if rule.kind),
        hosts=hosts,
        confirm_hours=_number(where, content, "confirm_hours", "hours", 1),
        watch_days=_number(where, content, "watch_days", "days", 180),
        imitated=tuple(content.get("imitated", ())),
        tracking=frozenset(content.get("tracking", ())),
        partial=frozenset(content.get("partial", ())),
        words=frozenset(word for role in ORDINARY_ROLES for word in index.get(role, ())),
        index=index,
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


def _number(where: str, row: dict[str, Any], name: str, unit: str, default: int) -> int:
    value = row.get(name, default)
    if type(value) is not int or value < 1:
        raise RuleError(f"{where}: {name} must be a whole number of {unit}, at least 1")
    return value


def _class(where: str, name: str, row: dict[str, Any]) -> CharacterClass:
    try:
        return shapes.compile_class(row)
    except ShapeError as error:
        raise RuleError(f"{where}, class {name}: {error}") from error


def _hosts(where: str, hosts: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(hosts, dict) or not all(isinstance(patterns, list) for patterns in hosts.values()):
        raise RuleError(f"{where}: [hosts] must give, for each role, the list of its hosts")
    for pattern in (pattern for patterns in hosts.values() for pattern in patterns):
        try:
            shapes.compile_host(pattern)
        except ShapeError as error:
            raise RuleError(f"{where}, host {pattern}: {error}") from error
    return {role: tuple(patterns) for role, patterns in hosts.items()}


def _unique(where: str, names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise RuleError(f"{where}, rule {twice}: there are two rules of this name")


def _rule(where: str, row: dict[str, Any], hosts: dict[str, tuple[str, ...]]) -> Rule:
    name = _text(where, row, "name")
    where = f"{where}, rule {name}"
    _known(where, row, _RULE_FIELDS)
    if "unwrap" in row:
        return Rule(name=name, unwrap=_text(where, row, "unwrap"))
    if row.get("plain"):
        return Rule(name=name, plain=True)
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
        roams="//{" in row["canonical"] and "//{host}" not in row["canonical"],
        lead=_lead(row["canonical"], hosts),
    )


def _lead(canonical: str, hosts: dict[str, tuple[str, ...]]) -> str:
    leading = _LEADING.match(canonical)
    ordinary = {host for role in ORDINARY_ROLES for host in hosts.get(role, ())}
    return leading[2] if leading and leading[1] in ordinary else ""


def _index(
    where: str,
    rules: list[tuple[Rule, dict[str, Any]]],
    classes: dict[str, CharacterClass],
    hosts: dict[str, tuple[str, ...]],
    reserved: list[str],
) -> dict[str, Index]:
    by_role: dict[str, list[Entry]] = {role: [] for role in hosts}
    for rule, row in rules:
        here = f"{where}, rule {rule.name}"
        for roles, entry in _entries(here, rule, row, classes):
            for role in roles or [role for role in ORDINARY_ROLES if role in hosts]:
                if role not in hosts:
                    raise RuleError(f"{here}: {role} has no hosts")
                by_role[role].append(entry)
    return {
        role: _by_first_segment(entries, reserved if role in ORDINARY_ROLES else [])
        for role, entries in by_role.items()
    }


def _entries(
    where: str, rule: Rule, row: dict[str, Any], classes: dict[str, CharacterClass]
) -> list[tuple[list[str], Entry]]:
    """Return the compiled shapes of a rule, each with the roles that it or the rule names; none: the ordinary ones."""
    if not row.get("shapes"):
        raise RuleError(f"{where}: shapes must list at least one shape")
    entries = []
    for text in row["shapes"]:
        role, _, form = text.partition(" ") if _ROLE.match(text) else ("", "", text)
        entries.append(([role] if role else row.get("on", []), _entry(where, rule, form, classes)))
    if rule.owner and not any(rule.owner in shape.variables for _, (shape, _) in entries):
        raise RuleError(f"{where}: no shape captures the owner {rule.owner}")
    return entries


def _entry(where: str, rule: Rule, text: str, classes: dict[str, CharacterClass]) -> Entry:
    try:
        shape = shapes.compile_shape(text, classes)
    except ShapeError as error:
        raise RuleError(f"{where}: {error}") from error
    needed = set(_VARIABLE.findall(rule.namespace + rule.identifier + rule.canonical + rule.unwrap))
    missing = needed - shape.variables
    if missing:
        raise RuleError(f"{where}: shape {text} does not capture {', '.join(sorted(missing))}")
    return shape, rule


def _by_first_segment(entries: list[Entry], reserved: list[str]) -> Index:
    """A literal or reserved first segment is the platform's own word: a captured name never matches it."""
    words = {shape.first for shape, _ in entries} | {word.lower() for word in reserved} | {"*"}
    return {word: _by_second_segment([e for e in entries if e[0].first in (word, "**")]) for word in words}


def _by_second_segment(entries: list[Entry]) -> dict[str, tuple[Entry, ...]]:
    words = {shape.second for shape, _ in entries} | {"*"}
    return {word: tuple(entry for entry in entries if entry[0].second in (word, "*", "**")) for word in words}
