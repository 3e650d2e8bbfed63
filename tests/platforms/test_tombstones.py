"""The rules of verdicts: each file holds to the checker's form, and each of its examples comes to what it says."""

import json
from typing import Any

import pytest

from checker.rules import Rules
from checker.verdict import judge
from platforms import tombstones
from platforms.rulefile import FOLDER

EXAMPLES = [(slug, example) for slug in tombstones.slugs() for example in tombstones.read(slug)["examples"]]


def test_every_file_is_of_a_known_platform() -> None:
    assert set(tombstones.slugs()) <= {file.stem for file in FOLDER.glob("*.toml")}


def test_every_file_has_examples() -> None:
    assert {slug for slug, _ in EXAMPLES} == set(tombstones.slugs())


def test_a_platform_without_a_file_has_no_rules() -> None:
    assert tombstones.rules("web") is None


@pytest.mark.parametrize("slug", tombstones.slugs())
def test_rules_travel_as_json_in_the_checkers_form(slug: str) -> None:
    rules = tombstones.rules(slug)

    assert json.loads(json.dumps(rules)) == rules
    assert Rules.of(rules).rules


@pytest.mark.parametrize(("slug", "example"), EXAMPLES)
def test_example(slug: str, example: dict[str, Any]) -> None:
    """An item of the platform, visited at its own address unless the example says otherwise."""
    address = (example.get("redirects") or [f"https://{slug}.example/item-of-the-example"])[0]
    expected = {
        "platform": slug,
        "kind": example.get("kind", "post"),
        "identifier": "item-of-the-example",
        "canonical": address,
    }
    given = {"status": 200, "final_url": address, **example}

    finding = judge(given, expected=expected, rules=tombstones.rules(slug))

    assert (finding.verdict, finding.cause) == (example["verdict"], example.get("cause")), finding
    assert finding.confidence == example.get("confidence", finding.confidence)
