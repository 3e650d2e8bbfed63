"""The rule files hold to the form, and their own examples and counter-examples come out as they say."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from platforms import recognition, rulefile
from platforms.recognition import NotAnAddress, recognise
from platforms.rulebook import PlatformRules
from platforms.rulefile import KINDS, RuleError, compile_file

PLATFORMS = recognition.platforms()
NOT_KINDS = {"namespace", "identifier", "owner", "needs_network"}


def groups() -> list[Any]:
    """Every group of examples: the addresses of one item."""
    return [
        pytest.param(
            platform.slug, group, id=f"{platform.slug}-{group['namespace']}-{group['identifier'][:40]}"
        )
        for platform in PLATFORMS
        for group in platform.examples
    ]


def addresses(group: dict[str, Any]) -> list[tuple[str, str]]:
    return [(kind, address) for kind in group.keys() - NOT_KINDS for address in group[kind]]


def counterexamples(which: str) -> list[Any]:
    return [
        pytest.param(platform.slug, address, id=f"{platform.slug}-{address[:60]}")
        for platform in PLATFORMS
        for address in platform.counterexamples.get(which, [])
    ]


@pytest.mark.parametrize(("slug", "group"), groups())
def test_examples_of_one_item_meet(slug: str, group: dict[str, Any]) -> None:
    found = [(kind, address, recognise(address)) for kind, address in addresses(group)]

    wanted = [(slug, kind, group["namespace"], group["identifier"], address) for kind, address, _ in found]
    assert [
        (it.platform, it.kind, it.namespace, it.identifier, address) for _, address, it in found
    ] == wanted
    assert len({it.canonical for *_, it in found}) == 1
    assert {it.key for *_, it in found} == {recognise(it.canonical).key for *_, it in found}


@pytest.mark.parametrize(("slug", "group"), [case for case in groups() if "owner" in case.values[1]])
def test_examples_name_their_owner(slug: str, group: dict[str, Any]) -> None:
    owners = {recognise(address).owner for _, address in addresses(group)} - {None}

    assert owners == {group["owner"]}


def test_examples_of_different_items_never_meet() -> None:
    keys = [
        (slug, group["namespace"], group["identifier"]) for slug, group in (case.values for case in groups())
    ]
    canonicals = {
        recognise(address).canonical for case in groups() for _, address in addresses(case.values[1])
    }

    assert len(set(keys)) == len(keys)
    assert len(canonicals) == len(keys)


@pytest.mark.parametrize(("slug", "address"), counterexamples("foreign"))
def test_foreign_addresses_are_not_taken_for_the_platform(slug: str, address: str) -> None:
    assert recognise(address).platform != slug


@pytest.mark.parametrize(("slug", "address"), counterexamples("unmatched"))
def test_other_pages_of_a_platform_have_no_identifier(slug: str, address: str) -> None:
    found = recognise(address)

    assert (found.platform, found.identifier) == (slug, None)
    assert recognise(found.canonical).key == found.key


@pytest.mark.parametrize(("slug", "address"), counterexamples("refused"))
def test_refused_addresses_raise(slug: str, address: str) -> None:
    with pytest.raises(NotAnAddress):
        recognise(address)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.slug)
def test_every_rule_has_an_example(platform: PlatformRules) -> None:
    shown = {recognise(address).rule for group in platform.examples for _, address in addresses(group)}
    rules = {
        f"{platform.slug}.{rule.name}"
        for index in platform.index.values()
        for by_second in index.values()
        for entries in by_second.values()
        for _, rule in entries.every
        if not rule.unwrap and not rule.plain
    }

    assert shown == rules


def test_kinds_are_those_of_the_interface() -> None:
    assert {kind for platform in PLATFORMS for kind in platform.kinds} <= KINDS


def test_no_two_platforms_claim_a_whole_host() -> None:
    claims = [
        {host for role, hosts in platform.hosts.items() if role not in platform.partial for host in hosts}
        for platform in PLATFORMS
    ]

    assert [one & other for one, other in combinations(claims, 2) if one & other] == []


def test_version_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "A"')
    before = rulefile.version(tmp_path)
    (tmp_path / "a.toml").write_text('name = "B"')

    assert rulefile.version(tmp_path) != before
    assert rulefile.version() == recognition.RULES_VERSION


RULE = {
    "name": "post", "shapes": ["/{id:digits}"], "kind": "post", "namespace": "post", "identifier": "{id}",
    "canonical": "https://a.test/{id}",
}  # fmt: skip
FILE: dict[str, Any] = {"name": "A", "hosts": {"main": ["a.test"]}, "rules": [RULE]}


def test_a_file_that_holds_to_the_form_is_compiled() -> None:
    assert compile_file("a", FILE).kinds == {"post"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nmae": "A"}, "a.toml: unknown field nmae"),
        ({"name": ""}, "a.toml: name must be given"),
        ({"confirm_hours": 0}, "a.toml: confirm_hours must be a whole number of hours, at least 1"),
        ({"hosts": ["a.test"]}, r"a.toml: \[hosts\] must give"),
        ({"hosts": {"main": ["https://a.test"]}}, "a.toml, host https://a.test"),
        ({"hosts": {"main": ["{name:thing}.a.test"]}}, "a.toml, host .* uses the unknown class thing"),
        ({"classes": {"id": {"chars": "a]+["}}}, "a.toml, class id: chars must list"),
        ({"classes": {"id": {"chars": "z-a"}}}, "a.toml, class id: chars cannot be read"),
        ({"classes": {"id": {"chars": "a-z", "min": 9, "max": 3}}}, "a.toml, class id: min and max"),
        ({"classes": {"id": {"regex": ".*"}}}, "a.toml, class id: unknown field regex"),
        ({"rules": [RULE | {"kind": "thing"}]}, "a.toml, rule post: kind must be one of"),
        ({"rules": [RULE | {"kinds": "post"}]}, "a.toml, rule post: unknown field kinds"),
        ({"rules": [RULE | {"identifier": ""}]}, "a.toml, rule post: identifier must be given"),
        ({"rules": [RULE | {"shapes": []}]}, "a.toml, rule post: shapes must list"),
        (
            {"rules": [RULE | {"shapes": ["{id:digits}.test"]}]},
            "a.toml, rule post: shape .* must begin with a slash",
        ),
        ({"rules": [RULE | {"shapes": ["/{id:number}"]}]}, "a.toml, rule post: .* unknown class number"),
        (
            {"rules": [RULE | {"shapes": ["/{id:digits}/{id:digits}"]}]},
            "a.toml, rule post: .* captures a name twice",
        ),
        ({"rules": [RULE | {"shapes": ["/{name:word}"]}]}, "a.toml, rule post: .* does not capture id"),
        ({"rules": [RULE | {"shapes": ["/{id:digits}*"]}]}, "a.toml, rule post: .* is not a capture"),
        ({"rules": [RULE | {"on": ["embed"]}]}, "a.toml, rule post: embed has no hosts"),
        ({"rules": [RULE | {"shapes": ["app /{id:digits}"]}]}, "a.toml, rule post: app has no hosts"),
        ({"rules": [RULE | {"owner": "user"}]}, "a.toml, rule post: no shape captures the owner user"),
        ({"rules": [RULE | {"printed": "https://a.test/{id}"}]}, "a.toml, rule post: printed must be a list"),
        (
            {"rules": [RULE | {"printed": ["/{id}"]}]},
            "a.toml, rule post: printed must be a list of templates",
        ),
        (
            {"rules": [RULE | {"printed": ["https://a.test/u/{user}"]}]},
            "a.toml, rule post: no shape can fill in printed https://a.test/u/{user}",
        ),
        ({"rules": [RULE, RULE]}, "a.toml, rule post: there are two rules of this name"),
    ],
)
def test_a_file_that_does_not_hold_to_the_form_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        compile_file("a", FILE | change)


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("name = ")

    with pytest.raises(RuleError, match=r"a\.toml: not valid TOML"):
        rulefile.load(tmp_path)
