"""The rule files `rules/*.toml`: read, checked and compiled when the program starts.

One file is one platform; docs/addresses.md tells what stands in it. A file that does not hold to the form
stops the program with a `RuleError` that names the file and the rule.
"""

import hashlib
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from platforms.characters import BUILT_IN, CharacterClass, ShapeError, compile_class
from platforms.printed import fitting
from platforms.rulebook import (
    ORDINARY_ROLES,
    AccountForm,
    Entry,
    Index,
    PlatformRules,
    Rule,
    index_entries,
)
from platforms.shapes import Classes, compile_host, compile_shape

FOLDER = Path(__file__).parent / "rules"
KINDS = frozenset(
    {
        "post", "video", "short", "story", "live", "comment", "account", "channel", "group", "page",
        "hashtag", "invite", "advert", "listing", "photo", "audio", "playlist", "board", "app", "place",
        "event", "web_page", "web_site",
    }
)  # fmt: skip
_FILE_FIELDS = {
    "name", "confirm_hours", "watch_days", "imitated", "hosts", "reserved", "classes", "partial", "scheme", "tracking",
    "fragments", "accounts", "rules", "examples", "counterexamples",
}  # fmt: skip
_RULE_FIELDS = {
    "name", "shapes", "on", "kind", "namespace", "identifier", "owner", "account", "canonical", "printed",
    "needs_network", "unwrap", "plain",
}  # fmt: skip
_OWN = frozenset(
    {"account", "channel", "group", "page"}
)  # kinds that are themselves an account, or act as one
_ROLE = re.compile(r"([a-z]+) (?=[/{])")
_LEADING = re.compile(r"https://([^/?]+)/@?\{[^?#]*$")
_WEB_TEMPLATE = re.compile(r"https?://[^/]+/")
_VARIABLE = re.compile(r"\{(\w+)\}")

Row = dict[str, Any]
Hosts = dict[str, tuple[str, ...]]
Owners = dict[str, tuple[AccountForm, ...]]


class RuleError(ValueError):
    """A rule file does not hold to the form; the message names file, rule and what to mend."""


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


def compile_file(slug: str, content: Row) -> PlatformRules:
    """Return a platform from the content of its file. Raises RuleError."""
    where = f"{slug}.toml"
    _known(where, content, _FILE_FIELDS)
    classes = {name: _class(where, name, row) for name, row in content.get("classes", {}).items()}
    hosts = _hosts(where, content)
    owners = _owners(where, content)
    rules = [(_rule(where, row, hosts, owners), row) for row in content.get("rules", [])]
    _unique(where, [rule.name for rule, _ in rules])
    return PlatformRules(
        slug=slug,
        name=_text(where, content, "name"),
        kinds=frozenset(rule.kind for rule, _ in rules if rule.kind),
        hosts=hosts,
        confirm_hours=_number(where, content, "confirm_hours", "hours", 1),
        watch_days=_number(where, content, "watch_days", "days", 180),
        imitated=tuple(content.get("imitated", ())),
        tracking=frozenset(content.get("tracking", ())),
        scheme=content.get("scheme", ""),
        fragments=bool(content.get("fragments", False)),
        account=_account([rule for rule, _ in rules], owners),
        partial=frozenset(content.get("partial", ())),
        index=_index(_by_role(where, rules, BUILT_IN | classes, hosts), content.get("reserved", [])),
        examples=tuple(content.get("examples", ())),
        counterexamples=content.get("counterexamples", {}),
    )


def _known(where: str, row: Row, fields: set[str]) -> None:
    unknown = sorted(row.keys() - fields)
    if unknown:
        raise RuleError(f"{where}: unknown field {', '.join(unknown)}; known are {', '.join(sorted(fields))}")


def _text(where: str, row: Row, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise RuleError(f"{where}: {name} must be given, as text")
    return value


def _number(where: str, row: Row, name: str, unit: str, default: int) -> int:
    value = row.get(name, default)
    if type(value) is not int or value < 1:
        raise RuleError(f"{where}: {name} must be a whole number of {unit}, at least 1")
    return value


def _class(where: str, name: str, row: Row) -> CharacterClass:
    try:
        return compile_class(row)
    except ShapeError as error:
        raise RuleError(f"{where}, class {name}: {error}") from error


def _hosts(where: str, content: Row) -> Hosts:
    hosts = content.get("hosts")
    if not isinstance(hosts, dict) or not all(isinstance(patterns, list) for patterns in hosts.values()):
        raise RuleError(f"{where}: [hosts] must give, for each role, the list of its hosts")
    for pattern in (pattern for patterns in hosts.values() for pattern in patterns):
        try:
            compile_host(pattern)
        except ShapeError as error:
            raise RuleError(f"{where}, host {pattern}: {error}") from error
    return {role: tuple(patterns) for role, patterns in hosts.items()}


def _unique(where: str, names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise RuleError(f"{where}, rule {twice}: there are two rules of this name")


def _owners(where: str, content: Row) -> Owners:
    """Return the forms of the accounts that captures name, by the capture."""
    given: dict[str, str | list[str]] = content.get("accounts", {})
    return {
        capture: tuple(_form(where, text) for text in ([forms] if isinstance(forms, str) else forms))
        for capture, forms in given.items()
    }


def _form(where: str, text: str) -> AccountForm:
    namespace, slash, identifier = text.partition("/")
    if not (namespace and slash and identifier):
        raise RuleError(f"{where}: an account is given as namespace/identifier, not as {text}")
    return AccountForm(namespace, identifier, frozenset(_VARIABLE.findall(text)))


def _accounts(where: str, row: Row, owners: Owners) -> tuple[AccountForm, ...]:
    """Return how the account is called that a rule's address names: its own, or the item's owner."""
    if row.get("account"):
        return (_form(where, row["account"]),)
    if owner := row.get("owner"):
        return owners.get(owner) or (AccountForm("owner", f"{{{owner}}}", frozenset({owner})),)
    if row["kind"] in _OWN and not row.get("needs_network"):
        captures = frozenset(_VARIABLE.findall(row["namespace"] + row["identifier"]))
        return (AccountForm(row["namespace"], row["identifier"], captures),)
    return ()


def _account(rules: list[Rule], owners: Owners) -> Rule | None:
    """Return the rule of accounts that people call by name: of the first owner's form, or else of `account`."""
    form = next((forms[0][:2] for forms in owners.values()), None)
    for rule in rules:
        own = rule.accounts[0] if rule.accounts and not rule.owner else None
        if (
            own
            and (own[:2] == form or (form is None and own.namespace == "account"))
            and len(own.captures) == 1
        ):
            return rule
    return None


def _rule(where: str, row: Row, hosts: Hosts, owners: Owners) -> Rule:
    name = _text(where, row, "name")
    where = f"{where}, rule {name}"
    _known(where, row, _RULE_FIELDS)
    if "unwrap" in row:
        return Rule(name=name, unwrap=_text(where, row, "unwrap"))
    if row.get("plain"):
        return Rule(name=name, plain=True)
    if row.get("kind") not in KINDS:
        raise RuleError(f"{where}: kind must be one of {', '.join(sorted(KINDS))}")
    canonical = _text(where, row, "canonical")
    leading = _LEADING.match(canonical)
    return Rule(
        name=name,
        kind=row["kind"],
        namespace=_text(where, row, "namespace"),
        identifier=_text(where, row, "identifier"),
        canonical=canonical,
        owner=row.get("owner", ""),
        accounts=_accounts(where, row, owners),
        needs_network=row.get("needs_network", False),
        leads=leading is not None and leading[1] in hosts.get("main", ()),
        is_fixed="{" not in row["namespace"],
        roams="//{" in canonical and "//{host}" not in canonical,
    )


def _by_role(
    where: str, rules: list[tuple[Rule, Row]], classes: Classes, hosts: Hosts
) -> dict[str, list[Entry]]:
    by_role: dict[str, list[Entry]] = {role: [] for role in hosts}
    for rule, row in rules:
        here = f"{where}, rule {rule.name}"
        for roles, entry in _entries(here, rule, row, classes):
            for role in roles or [role for role in ORDINARY_ROLES if role in hosts]:
                if role not in hosts:
                    raise RuleError(f"{here}: {role} has no hosts")
                by_role[role].append(entry)
    return by_role


def _entries(where: str, rule: Rule, row: Row, classes: Classes) -> list[tuple[list[str], Entry]]:
    """Return the compiled shapes, each with the roles that it or its rule names; none: the ordinary ones."""
    entries = []
    templates = _templates(where, row)
    unused = set(templates)
    for text in row.get("shapes", []):
        role = _ROLE.match(text)
        form = text[role.end() :] if role else text
        shape, _ = _entry(where, rule, form, classes)
        printed = fitting(shape, templates)
        unused.discard(printed)
        own = replace(rule, printed=printed) if printed else rule
        entries.append(([role[1]] if role else row.get("on", []), (shape, own)))
    if not entries:
        raise RuleError(f"{where}: shapes must list at least one shape")
    if rule.owner and not any(rule.owner in shape.variables for _, (shape, _) in entries):
        raise RuleError(f"{where}: no shape captures the owner {rule.owner}")
    if unused:
        raise RuleError(f"{where}: no shape can fill in printed {min(unused)}")
    return entries


def _templates(where: str, row: Row) -> list[str]:
    templates = row.get("printed", [])
    if not isinstance(templates, list) or not all(
        isinstance(template, str) and _WEB_TEMPLATE.match(template) for template in templates
    ):
        raise RuleError(f"{where}: printed must be a list of templates that begin with https:// and a host")
    return templates


def _entry(where: str, rule: Rule, text: str, classes: Classes) -> Entry:
    try:
        shape = compile_shape(text, classes)
    except ShapeError as error:
        raise RuleError(f"{where}: {error}") from error
    missing = set(_VARIABLE.findall(rule.templates())) - shape.variables
    if missing:
        raise RuleError(f"{where}: shape {text} does not capture {', '.join(sorted(missing))}")
    return shape, rule


def _index(by_role: dict[str, list[Entry]], reserved: list[str]) -> dict[str, Index]:
    words = frozenset(word.lower() for word in reserved)
    return {
        role: index_entries(entries, words if role in ORDINARY_ROLES else frozenset())
        for role, entries in by_role.items()
    }
