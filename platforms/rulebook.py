"""The compiled rules of recognition: which shapes of address a platform knows, and whose a host is."""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from platforms.shapes import Shape, compile_host

# Hosts of these roles carry the platform's ordinary pages; a shape holds there unless it names another role.
ORDINARY_ROLES = ("main", "mobile", "embed", "mirror", "onion")


class AccountForm(NamedTuple):
    """How the account that an address names is called: namespace and identifier, filled in from the captures."""

    namespace: str
    identifier: str
    captures: frozenset[str]  # without which the address does not tell


@dataclass(frozen=True, slots=True)
class Rule:
    """What an address of certain shapes names.

    Instead of an identifier: `unwrap`, it only carries another address; `plain`, it is just the platform's.
    """

    name: str
    kind: str = ""
    namespace: str = ""
    identifier: str = ""
    canonical: str = ""
    printed: str = (
        ""  # the address for people, where the matched shape has more to say than the canonical one
    )
    owner: str = ""
    accounts: tuple[AccountForm, ...] = ()  # the first that the captures fill in
    needs_network: bool = False
    unwrap: str = ""
    plain: bool = False
    leads: bool = False  # the canonical address begins its path with a capture, such as x.com/{user}
    is_fixed: bool = False  # the namespace captures nothing
    roams: bool = False  # the canonical address is on a host that the address itself names

    def templates(self) -> str:
        """Return all that is filled in from the captures."""
        return self.namespace + self.identifier + self.canonical + self.printed + self.unwrap


_COUNTRY = re.compile(r"(?:\.com|\.com?\.[a-z]{2}|\.[a-z]{2})$")

Entry = tuple[Shape, Rule]


class Entries(NamedTuple):
    """The entries that a path can have, in the order of the file."""

    every: tuple[Entry, ...]
    plain: tuple[Entry, ...]  # those that ask for neither parameters nor fragment


Index = dict[str, dict[str, Entries]]  # first segment: second segment: entries; "*": any other


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
    scheme: str  # that its plain pages are named with; empty: their own
    fragments: bool  # whether its plain pages differ by their fragments
    account: Rule | None  # what an account is recognised by that a person names
    partial: frozenset[str]  # roles on whose hosts only an address that a rule knows is the platform's
    index: dict[str, Index] = field(repr=False)  # by role
    examples: tuple[dict[str, Any], ...] = field(repr=False)
    counterexamples: dict[str, list[str]] = field(repr=False)

    def entries(self, role: str, path: str) -> Entries:
        """Return the shapes that a decoded path can have."""
        index = self.index[role]
        _, first, second, *_ = f"{path}//".lower().split("/", 3)
        by_second = index.get(first) or index["*"]
        found = by_second.get(second)
        return by_second["*"] if found is None else found

    def first_rule(self, path: str) -> Rule | None:
        """Return the rule for a decoded path on the main host, without parameters or fragment."""
        for shape, rule in self.entries("main", path).plain:
            if shape.path.fullmatch(path):
                return rule
        return None


def index_entries(entries: list[Entry], reserved: frozenset[str]) -> Index:
    """Return the entries by their first two segments.

    A literal or reserved first segment is the platform's own word: a captured name never matches it.
    """
    words = {shape.first for shape, _ in entries} | reserved | {"*"}
    return {
        word: _by_second([entry for entry in entries if entry[0].first in (word, "**")]) for word in words
    }


def _by_second(entries: list[Entry]) -> dict[str, Entries]:
    words = {shape.second for shape, _ in entries} | {"*"}
    every = {
        word: tuple(entry for entry in entries if entry[0].second in (word, "*", "**")) for word in words
    }
    return {
        word: Entries(
            found,
            tuple((shape, rule) for shape, rule in found if not shape.query and shape.fragment is None),
        )
        for word, found in every.items()
    }


@dataclass(frozen=True, slots=True)
class HostEntry:
    """A host, or the hosts below a suffix, and whose it is."""

    platform: PlatformRules
    role: str
    label: re.Pattern[str] | None = None  # what the labels before the suffix look like; None: an exact host

    @property
    def is_whole(self) -> bool:
        """Every page of the host is the platform's, known to a rule or not."""
        return self.role not in self.platform.partial


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
        label, suffix = compile_host(pattern)
        table = self._exact if label is None else self._below
        table.setdefault(suffix, []).append(HostEntry(platform, role, label))

    def find(self, host: str) -> tuple[tuple[HostEntry, dict[str, str]], ...]:
        """Return the entries for `host` with what their pattern captured from it, and the host itself."""
        found = [(entry, {"host": host}) for entry in self._exact.get(host, ())]
        country = _COUNTRY.search(host)
        if country:
            found += [
                (entry, {"host": host}) for entry in self._exact.get(f"{host[: country.start()]}.*", ())
            ]
        dot = host.find(".")
        while dot >= 0:
            for entry in self._below.get(host[dot + 1 :], ()):
                match = entry.label.fullmatch(host[:dot]) if entry.label else None
                if match is not None:
                    found.append((entry, {"host": host, **match.groupdict()}))
            dot = host.find(".", dot + 1)
        return *found, *((entry, {"host": host}) for entry in self._below.get("", ()))
