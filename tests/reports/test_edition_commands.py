"""Editions by command: prepared, and computed again."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from reports.models import Edition
from tests.reports.editions_at import Office
from tests.reports.histories import ten_items

JANUARY = ("--from=2026-01-01", "--to=2026-01-31", "--title=January 2026")


@pytest.fixture(autouse=True)
def _january(bring_in: Callable[..., None]) -> None:
    bring_in(ten_items())


def run(*arguments: str) -> tuple[Any, int]:
    """What the command printed, as JSON, and how it ended."""
    out, code = StringIO(), 0
    try:
        call_command(*arguments, "--format=json", stdout=out, stderr=StringIO())
    except CommandError as refusal:
        code = refusal.returncode
    return json.loads(out.getvalue()), code


def test_edition_is_prepared_at_the_default_publication(manager: User) -> None:
    said, code = run("prepare_edition", *JANUARY, "--by=kind", f"--prepared-by={manager.email}")

    edition = Edition.objects.get()
    assert code == 0
    assert (said["reference"], said["status"], said["rows"]) == (edition.reference, "draft", 10)
    assert (said["as_at"], said["known_by"]) == ("2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z")
    assert (said["provisional"], edition.by, edition.prepared_by) == (False, ["kind"], manager)


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("--platform=nowhere", "wrong_arguments"),
        ("--as-at=2026-03-01", "wrong_arguments"),
        ("--by=colour", "wrong_arguments"),
        ("--as-at=2099-01-01T00:00Z", "wrong_arguments"),
        ("--threshold=--", "wrong_arguments"),
        ("--title=", "invalid"),
        (f"--title={'x' * 201}", "invalid"),
        ("--prepared-by=nobody@desk.example", "unknown_person"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_prepared(manager: User, argument: str, code: str) -> None:
    said, _ = run("prepare_edition", *JANUARY, f"--prepared-by={manager.email}", argument)

    assert said["error"]["code"] == code
    assert not Edition.objects.exists()


def test_officers_prepare_no_edition(officer: User) -> None:
    said, code = run("prepare_edition", *JANUARY, f"--prepared-by={officer.email}")

    assert (said["error"]["code"], code) == ("forbidden", 1)


def test_edition_is_verified(manager: User, reviewer: User) -> None:
    edition = Office(manager, reviewer).computed()

    said, code = run("verify_edition", edition.reference)

    assert (code, said["equal"], said["differences"]) == (0, True, [])
    assert said["document_sha256"] == edition.frozen.document_sha256


def test_edition_that_is_not_the_same_is_refused_with_what_differs(manager: User, reviewer: User) -> None:
    edition = Office(manager, reviewer).computed()
    with connection.cursor() as cursor:  # slipped in with a time of the past
        cursor.execute(
            "INSERT INTO casework_hold (item_id, authority, reason, placed_at, placed_recorded_at)"
            " SELECT id, 'Desk', '', '2026-01-20T12:00Z', '2026-01-20T12:00Z' FROM casework_item"
            " WHERE import_reference = 'i6'"
        )

    said, code = run("verify_edition", edition.reference)
    with pytest.raises(CommandError, match=r"is not the same: \d+ figures differ"):
        call_command("verify_edition", edition.reference, stdout=StringIO())

    assert (code, said["equal"]) == (1, False)
    assert {"group": "All", "figure": "S02 X6", "old": 1, "new": 2} in said["differences"]
    assert edition.figures["groups"][0]["S03"]["eligible"] == 9


@pytest.mark.parametrize(("given", "code"), [("E2020-000001", "unknown_edition"), ("", "not_frozen")])
def test_what_cannot_be_verified(manager: User, given: str, code: str) -> None:
    edition = Office(manager, manager).draft()

    said, ended = run("verify_edition", given or edition.reference)

    assert (said["error"]["code"], ended) == (code, 1)
