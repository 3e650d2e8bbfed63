"""The commands as programs: what they print, where, and how they exit (0 done, 1 refused, 2 wrong arguments)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from casework.models import Case, Event, Item
from tests.factories import make_case

Run = Callable[..., subprocess.CompletedProcess]
ROWS = "address,category\nhttps://x.com/a/status/1700000000000000001,small_boat_advert\nhttps://x.com/b/status/1700000000000000002,\n"


@pytest.fixture
def run(transactional_db: None, tmp_path: Path) -> Run:
    """Starts `manage.py` against the tests' database."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST'].replace('/', '%2F')}"
    variables = {
        "DATABASE_URL": f"{url}:{database['PORT']}/{database['NAME']}",
        "EVIDENCE_DIR": str(tmp_path / "evidence"),
    }

    def start(*arguments: str, text: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env={**os.environ, **variables},
            input=text, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return start


@pytest.mark.slow
def test_from_an_empty_database_to_items(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(ROWS + "nonsense,\n" + ROWS.splitlines()[1] + "\n")
    by = ["--by", "first@desk.example", "--format", "json"]

    person = run("add_person", "First@Desk.example", "--role", "officer", "--format", "json")
    case = run("open_case", "OP-1", "--title", "Crossings", *by)
    done = run("import_items", str(path), "--case", "OP-1", *by)

    assert [each.returncode for each in (person, case, done)] == [0, 0, 0], done.stderr
    assert json.loads(person.stdout) == {"email": "first@desk.example", "role": "officer", "name": "First"}
    assert json.loads(case.stdout) == {"reference": "OP-1", "title": "Crossings"}
    said = json.loads(done.stdout)
    error = said["errors"].pop()
    assert said == {
        "rows": 4, "accepted": 2, "duplicates": 1, "refused": 1, "errors": [],
        "items": list(Item.objects.order_by("pk").values_list("reference", flat=True)),
    }  # fmt: skip
    assert (error["row"], error["column"], error["code"]) == (4, "address", "not_an_address")
    assert error["message"] in done.stderr


@pytest.mark.slow
def test_refused_is_one_and_wrong_arguments_are_two(run: Run, tmp_path: Path) -> None:
    refused = run("open_case", "OP-1", "--title", "T", "--by", "nobody@desk.example", "--format", "json")
    wrong = run("import_items", "--case", "OP-1")

    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"]["code"] == "unknown_person"
    assert "see add_person" in refused.stderr
    assert (wrong.returncode, wrong.stdout) == (2, "")


def import_items(capsys: pytest.CaptureFixture, *arguments: str) -> dict:
    call_command("import_items", *arguments, "--format", "json")
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "items.csv"
    path.write_text(ROWS)
    return path


def test_dry_run_counts_and_stores_nothing(capsys: pytest.CaptureFixture, file: Path, officer: User) -> None:
    case = make_case(by=officer)
    before = Event.objects.count()

    said = import_items(capsys, str(file), "--case", case.reference, "--by", officer.email, "--dry-run")

    assert said == {"rows": 2, "accepted": 2, "duplicates": 0, "refused": 0, "errors": [], "items": []}
    assert (Item.objects.count(), Event.objects.count()) == (0, before)


def test_file_refused_whole_stores_nothing_and_names_the_place(
    capsys: pytest.CaptureFixture, file: Path, officer: User
) -> None:
    case = make_case(by=officer)
    file.write_text(ROWS.replace("category", "colour"))

    with pytest.raises(CommandError) as refused:
        import_items(capsys, str(file), "--case", case.reference, "--by", officer.email)

    said = json.loads(capsys.readouterr().out)
    assert refused.value.returncode == 1
    assert {key: said[key] for key in ("rows", "accepted", "duplicates", "refused", "items")} == {
        "rows": 0, "accepted": 0, "duplicates": 0, "refused": 0, "items": [],
    }  # fmt: skip
    assert [(error["row"], error["column"], error["code"]) for error in said["errors"]] == [
        (1, "colour", "unknown_column")
    ]
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("file_name", "case", "by", "message"),
    [
        ("missing.csv", "OP-1", "officer1@desk.example", "No such file"),
        ("items.csv", "OP-2", "officer1@desk.example", "see open_case"),
        ("items.csv", "OP-1", "nobody@desk.example", "see add_person"),
        ("items.csv", "OP-1", "auditor1@desk.example", "permission"),
    ],
)
def test_import_is_refused(
    file_name: str, case: str, by: str, message: str, file: Path, officer: User, auditor: User
) -> None:
    make_case(reference="OP-1", by=officer)

    with pytest.raises(CommandError, match=message) as refused:
        call_command("import_items", str(file.with_name(file_name)), "--case", case, "--by", by)

    assert refused.value.returncode == 1
    assert not Item.objects.exists()


def test_reference_that_is_taken_opens_no_case(officer: User) -> None:
    make_case(reference="OP-1", by=officer)

    with pytest.raises(CommandError) as refused:
        call_command("open_case", "OP-1", "--title", "Again", "--by", officer.email)

    assert (refused.value.returncode, Case.objects.count()) == (1, 1)


def test_liaison_is_added_to_the_platforms_named(db: None) -> None:
    call_command(
        "add_person", "desk@x.example", "--role", "liaison", "--platform", "x", "--platform", "telegram"
    )

    person = User.objects.get(email="desk@x.example")
    assert sorted(person.platforms.values_list("slug", flat=True)) == ["telegram", "x"]
    assert not person.has_usable_password()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--role", "officer", "--platform", "x"), 2),
        (("--role", "liaison", "--platform", "nothing"), 1),
    ],
)
def test_person_is_refused(arguments: tuple[str, ...], code: int, db: None) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("add_person", "somebody@desk.example", *arguments)

    assert refused.value.returncode == code
    assert not User.objects.exists()
