"""Scripted behaviours of platforms, and what a look at each must come to."""

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from checker.observed import ERRORS, GONE, Expected, Finding, Response
from checker.verdict import fingerprint, judge, settle

LOOKS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "behaviours.toml").read_text(encoding="utf-8")
)["looks"]
LONG = (
    "The sea was calm that night and everybody kept to themselves while the lights of the town went by. " * 30
)
POST = {
    "platform": "chirp",
    "kind": "post",
    "identifier": "4711000111",
    "canonical": "https://chirp.example/ana/post/4711000111",
}


def expected(row: dict[str, Any]) -> dict[str, Any]:
    captured = row.get("captured", "").replace("{{long}}", LONG)
    taken = asdict(fingerprint({"status": 200, "body": captured})) if captured else None
    return {**POST, **{name: row[name] for name in POST if name in row}, "fingerprint": taken}


def response(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": row.get("status", 200),
        "final_url": row.get("final_url", row.get("canonical", POST["canonical"])),
        "redirects": row.get("redirects", []),
        "headers": row.get("headers", {}),
        "body": row.get("body", "").replace("{{long}}", LONG),
        "error": row.get("error"),
    }


def allowed(row: dict[str, Any]) -> list[str]:
    return [row["found"]] if isinstance(row["found"], str) else row["found"]


@pytest.mark.parametrize("row", LOOKS, ids=lambda row: row["name"])
def test_behaviour(row: dict[str, Any]) -> None:
    finding = judge(response(row), expected=expected(row))

    assert finding.verdict in allowed(row), finding
    assert finding.cause == row.get("cause", finding.cause)
    assert finding.confidence == row.get("sure", finding.confidence)
    assert (finding.cause is not None) == (finding.verdict in GONE)
    assert finding.reason


def test_nothing_is_called_gone_that_is_not_known_to_be() -> None:
    looked = [(allowed(row), judge(response(row), expected=expected(row)).verdict) for row in LOOKS]
    false_gone = sum(found in GONE and not GONE & set(allowed) for allowed, found in looked)
    open_ones = sum(found == "inconclusive" for _, found in looked)

    print(f"{len(looked)} behaviours, {false_gone} false gone, {open_ones / len(looked):.0%} inconclusive")
    assert (len(looked) >= 80, false_gone) == (True, 0)


@pytest.mark.parametrize(
    "status", [*range(100, 200), *range(201, 404), *range(405, 410), *range(411, 600), 999]
)
def test_no_other_status_says_gone(status: int) -> None:
    tombstone = "<title>Page not found</title><h1>This post has been removed by its author</h1>"

    found = judge(
        {"status": status, "final_url": POST["canonical"], "body": tombstone}, expected=POST
    ).verdict

    assert found not in GONE or status == 203


@pytest.mark.parametrize("error", sorted(ERRORS))
@pytest.mark.parametrize("status", [0, 200, 404, 410])
def test_an_error_says_nothing_whatever_came_with_it(error: str, status: int) -> None:
    finding = judge(
        {"status": status, "body": "<h1>This post was removed</h1>", "error": error}, expected=POST
    )

    assert (finding.verdict, finding.marker) == ("inconclusive", error)


def test_records_and_mappings_are_judged_alike() -> None:
    row = next(row for row in LOOKS if row["name"] == "text replaced, page there")

    assert judge(Response(**response(row)), expected=Expected.of(expected(row))) == judge(
        response(row), expected=expected(row)
    )
    assert judge({}, expected={}).verdict == "inconclusive"
    assert judge({"status": 404, "unknown": 1}, expected={"identifier": None, "later": 2}).verdict == "gone"


SOFT = (
    "<title>Chirp</title><h1>Nothing found</h1><p>There is no such page on Chirp. Try a search instead.</p>"
)
SHELL = "<title>Chirp</title><noscript>Enable JavaScript</noscript><div id=root>Loading</div>"


@pytest.mark.parametrize(
    ("body", "control", "found"),
    [
        (SOFT, {"status": 200, "body": SOFT}, ("gone", "medium")),
        (SOFT, {"status": 404, "body": SOFT}, ("inconclusive", "medium")),
        (SOFT, {"status": 200, "body": SHELL}, ("inconclusive", "medium")),
        (SOFT, {"status": 0, "error": "timeout"}, ("inconclusive", "medium")),
        (SHELL, {"status": 200, "body": SHELL}, ("inconclusive", "medium")),
        ("<h1>Please try again later</h1>" + SOFT, {"status": 200, "body": SOFT}, ("inconclusive", "medium")),
    ],
)  # fmt: skip
def test_a_control_address_tells_a_soft_404(
    body: str, control: dict[str, Any], found: tuple[str, str]
) -> None:
    finding = judge(
        {"status": 200, "final_url": POST["canonical"], "body": body}, expected=POST, control=control
    )

    assert (finding.verdict, finding.confidence) == found


GONE_ONCE = Finding("gone", "unknown", "high")
BY_POLICY = Finding("gone", "platform_policy", "high")
ACCOUNT = Finding("account_gone", "account_suspended", "high")
PERHAPS = Finding("gone", "unknown", "medium")
LIVE = Finding("live", None, "high")
BLOCKED = Finding("geo_blocked", None, "high")
NOTHING = Finding("inconclusive", None, "high")
WALL = Finding("login_required", None, "high")


@pytest.mark.parametrize(
    ("looks", "settled"),
    [
        ([], ("inconclusive", None, "low")),
        ([LIVE], ("live", None, "high")),
        ([WALL], ("login_required", None, "high")),
        ([NOTHING, WALL, NOTHING], ("inconclusive", None, "high")),
        ([LIVE, WALL, NOTHING], ("live", None, "high")),
        ([GONE_ONCE], ("inconclusive", None, "low")),
        ([LIVE, GONE_ONCE], ("live", None, "low")),
        ([GONE_ONCE, GONE_ONCE], ("gone", "unknown", "high")),
        ([LIVE, GONE_ONCE, GONE_ONCE], ("gone", "unknown", "high")),
        ([GONE_ONCE, BY_POLICY], ("gone", "platform_policy", "high")),
        ([BY_POLICY, GONE_ONCE], ("gone", "platform_policy", "high")),
        ([GONE_ONCE, ACCOUNT], ("account_gone", "account_suspended", "high")),
        ([PERHAPS, PERHAPS, PERHAPS], ("inconclusive", None, "low")),
        ([GONE_ONCE, PERHAPS], ("inconclusive", None, "low")),
        ([GONE_ONCE, NOTHING, WALL, GONE_ONCE], ("gone", "unknown", "high")),
        ([GONE_ONCE, GONE_ONCE, NOTHING, WALL], ("gone", "unknown", "high")),
        ([GONE_ONCE, GONE_ONCE, PERHAPS], ("gone", "unknown", "high")),
        ([GONE_ONCE, LIVE, GONE_ONCE], ("live", None, "low")),
        ([GONE_ONCE, BLOCKED, GONE_ONCE], ("geo_blocked", None, "low")),
        ([LIVE, GONE_ONCE] * 5, ("live", None, "low")),
        ([GONE_ONCE, GONE_ONCE, LIVE], ("live", None, "high")),
        ([GONE_ONCE, GONE_ONCE, LIVE, GONE_ONCE], ("live", None, "low")),
        ([LIVE] + [NOTHING] * 600, ("live", None, "high")),
    ],
)  # fmt: skip
def test_two_looks(looks: list[Finding], settled: tuple[str, str | None, str]) -> None:
    finding = settle(looks)

    assert (finding.verdict, finding.cause, finding.confidence) == settled
    assert settle([asdict(look) for look in looks]) == finding
