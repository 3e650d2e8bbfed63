"""Hosts that imitate a platform or mix scripts: warned of wherever addresses come in, never refused, never merged."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from casework import imports
from casework.models import Case, Item
from tests.factories import make_case

REAL = "https://www.facebook.com/seller"
ROWS = [REAL, "https://faceb00k.com/seller", "https://f\u0430cebook.com/seller", "https://p\u0430ge.example/"]
EXPECTED = [
    {
        "row": 3,
        "column": "address",
        "code": "lookalike",
        "message": "The host looks like one of Facebook, but is not.",
    },
    {
        "row": 4,
        "column": "address",
        "code": "lookalike",
        "message": "The host looks like one of Facebook, but is not.",
    },
    {
        "row": 4,
        "column": "address",
        "code": "mixed_scripts",
        "message": "The host mixes letters of several scripts, some of which look alike.",
    },
    {
        "row": 5,
        "column": "address",
        "code": "mixed_scripts",
        "message": "The host mixes letters of several scripts, some of which look alike.",
    },
]
CODES = [[], ["lookalike"], ["lookalike", "mixed_scripts"], ["mixed_scripts"]]

Api = Callable[[User], APIClient]

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(officer: User) -> Case:
    return make_case(reference="OP-1", by=officer)


@pytest.mark.parametrize("dry_run", [True, False])
def test_import_warns_and_takes_the_rows(dry_run: bool, case: Case, officer: User) -> None:
    content = "\n".join(["address", *ROWS]).encode()
    started = imports.start_import(content, "a.csv", case=case, dry_run=dry_run, by=officer)

    job = imports.run_import(started.pk)

    assert (job.accepted, job.refused, job.warned) == (4, 0, 3)
    assert job.warnings == EXPECTED
    assert Item.objects.count() == (0 if dry_run else 4)


def test_command_prints_the_warnings(
    case: Case, officer: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["address", *ROWS]), encoding="utf-8")

    call_command("import_items", str(path), "--case", "OP-1", "--by", officer.email, "--format", "json")

    said, told = capsys.readouterr()
    assert json.loads(said)["warnings"] == EXPECTED
    assert "row 3: address: warning: The host looks like one of Facebook, but is not." in told.splitlines()


def test_page_of_an_import_lists_the_rows_to_look_at(
    case: Case, officer: User, signed_in: Callable[[User], Client]
) -> None:
    content = "\n".join(["address", *ROWS]).encode()
    job = imports.run_import(imports.start_import(content, "a.csv", case=case, dry_run=True, by=officer).pk)

    page = signed_in(officer).get(f"/imports/{job.pk}/").content.decode()

    assert page.count("The host looks like one of Facebook, but is not.") == 2
    assert "A doubt leaves no row out." in page


def test_preview_of_the_api_says_where_each_address_stands_and_what_is_doubtful(
    case: Case, officer: User, api: Api
) -> None:
    text = f"first\nlook: {ROWS[1]} and (hxxps://x[.]com/a/status/1700000000000000001)"

    unread, doubtful, post = (
        api(officer).post("/api/v1/items/preview/", {"case": case.reference, "text": text}).json()
    )

    assert (unread["line"], unread["column"], unread["raw"], unread["platform"]) == (1, 1, "first", None)
    assert [warned["code"] for warned in doubtful["warnings"]] == ["lookalike"]
    assert (doubtful["line"], doubtful["column"], doubtful["platform"]) == (2, 7, "web")
    assert {
        name: post[name] for name in ("line", "column", "raw", "kind", "identifier", "owner", "warnings")
    } == {
        "line": 2,
        "column": 40,
        "raw": "hxxps://x[.]com/a/status/1700000000000000001",
        "kind": "post",
        "identifier": "1700000000000000001",
        "owner": "a",
        "warnings": [],
    }
    assert post["duplicate_of"] is None


def test_preview_of_the_api_names_the_item_that_an_address_doubles(
    case: Case, officer: User, api: Api
) -> None:
    address = "https://x.com/a/status/1700000000000000001"
    sent = {"case": case.reference, "items": [{"address": address}]}
    (item,) = api(officer).post("/api/v1/items/", sent).json()["items"]

    (found,) = api(officer).post("/api/v1/items/preview/", {"case": case.reference, "text": address}).json()

    assert found["duplicate_of"] == {
        "reference": item["reference"],
        "case": case.reference,
        "status": "reported",
        "outcome": "Reported",
        "at": item["identified_at"],
        "same_case": True,
        "by_alias": False,
        "by_duplicate": False,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a\n" * 5_001, "These are 5,001 lines. Paste at most 5,000 at a time, or import a file."),
        (f"{REAL} " * 10_001, "There are more than 10,000 addresses here. Paste fewer, or import a file."),
        ("x" * 1_000_001, "Ensure this field has no more than 1000000 characters."),
    ],
)
def test_preview_of_the_api_refuses_too_much(
    text: str, says: str, case: Case, officer: User, api: Api
) -> None:
    answer = api(officer).post("/api/v1/items/preview/", {"case": case.reference, "text": text})

    assert (answer.status_code, answer.json()["errors"]["text"]) == (400, [says])
