"""What all commands do alike: with `--format json` a refusal is a document on standard output."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, ManagementUtility, call_command

from accounts.commands import REFUSED, WRONG_ARGUMENTS
from accounts.models import User
from platforms.models import Platform
from tests.factories import make_case

OFFICER = ("--by", "officer1@desk.example")
DAYS = ("--from", "2026-01-01", "--to", "2026-01-31")
IN_CASE = ("--case", "OP-1", *OFFICER)


@pytest.fixture
def case(officer: User, auditor: User) -> None:
    make_case(reference="OP-1", by=officer)


def refusal(capsys: pytest.CaptureFixture, *arguments: str) -> tuple[int, str]:
    """How the command would exit, and the code that it prints with its message."""
    with pytest.raises(CommandError) as refused:
        call_command(*arguments, "--format", "json")
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["message"] == str(refused.value)
    return refused.value.returncode, error["code"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("import_items", "missing.csv", *IN_CASE), "unreadable_file"),
        (("import_items", "README.md", "--case", "OP-2", *OFFICER), "unknown_case"),
        (("import_items", "README.md", "--case", "OP-1", "--by", "nobody@desk.example"), "unknown_person"),
        (("import_items", "README.md", "--case", "OP-1", "--by", "auditor1@desk.example"), "forbidden"),
        (("import_history", "missing.jsonl"), "unreadable_file"),
        (("import_history", "."), "unreadable_file"),
        (("open_case", "OP-1", "--title", "T", *OFFICER), "invalid"),
        (("open_case", "OP-2", "--title", "T" * 201, *OFFICER), "invalid"),
        (("open_case", "OP-2", "--title", "T", "--by", "auditor1@desk.example"), "forbidden"),
        (("add_person", "officer1@desk.example", "--role", "officer"), "invalid"),
        (("add_person", "nonsense", "--role", "officer"), "invalid"),
        (("add_person", "a@desk.example", "--role", "liaison", "--platform", "nowhere"), "unknown_platform"),
    ],
)
def test_refusal_is_printed(
    case: None, capsys: pytest.CaptureFixture, arguments: tuple[str, ...], code: str
) -> None:
    people = User.objects.get_queryset().count()

    assert refusal(capsys, *arguments) == (REFUSED, code)
    assert User.objects.get_queryset().count() == people


@pytest.mark.parametrize(
    "arguments",
    [
        ("add_person", "a@desk.example", "--role", "officer", "--platform", "x"),
        ("takedown_statistics", "--from", "20260101", "--to", "2026-01-31"),
        ("takedown_statistics", "--from", "2026-W01-1", "--to", "2026-01-31"),
        ("takedown_statistics", "--from", "2026-02-30", "--to", "2026-03-31"),
        ("takedown_statistics", "--from", "2026-01-01", "--to", "9999-12-31"),
        ("takedown_statistics", "--from", "1999-12-31", "--to", "2026-01-31"),
        ("takedown_statistics", *DAYS, "--as-at", "0001-01-01T00:00:00+14:00"),
        ("takedown_statistics", *DAYS, "--as-at", "9999-12-31T23:59:59-14:00"),
        ("takedown_statistics", *DAYS, "--known-by", "1999-12-31T00:00Z"),
        ("takedown_statistics", *DAYS, "--as-at", "2026-02-01T00:00"),
        ("takedown_statistics", *DAYS, "--as-at", "2099-01-01T00:00Z"),
        ("takedown_statistics", *DAYS, "--known-by", "2099-01-01T00:00Z"),
        ("takedown_statistics", "--from", "2026-02-01", "--to", "2026-01-31"),
        ("takedown_statistics", "--from=--", "--to=2026-01-31"),
        ("takedown_statistics", *DAYS, "--by=--"),
        ("check_claim", ""),
        ("check_claim", "90% of \udcff were removed"),
        ("check_claim", "90%", "--edition", "\udcff"),
        ("verify_edition", "\udcff"),
        ("takedown_statistics", *DAYS, "--by", "platform,platform"),
        ("takedown_statistics", *DAYS, "--by", "colour"),
        ("takedown_statistics", *DAYS, "--platform", "nowhere"),
    ],
)
def test_wrong_arguments_are_printed(
    db: None, capsys: pytest.CaptureFixture, arguments: tuple[str, ...]
) -> None:
    assert refusal(capsys, *arguments) == (WRONG_ARGUMENTS, "wrong_arguments")


@pytest.mark.parametrize(
    "arguments",
    [
        ("add_person", "a@desk.example", "--role", "king"),
        ("import_items", "README.md"),
        ("open_case",),
        ("verify_history", "--loudly"),
    ],
)
@pytest.mark.parametrize("asked", [("--format", "json"), ("--format=json",), ("--format", "text"), ()])
def test_arguments_that_cannot_be_read(
    capsys: pytest.CaptureFixture, arguments: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        ManagementUtility(["manage.py", *arguments, *asked]).execute()

    out, err = capsys.readouterr()
    assert stopped.value.code == WRONG_ARGUMENTS
    if "json" in "".join(asked):
        error = json.loads(out)["error"]
        assert error["code"] == "wrong_arguments"
        assert error["message"] in err
    else:
        assert out == ""


def test_text_prints_nothing_on_standard_output(case: None, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(CommandError):
        call_command("open_case", "OP-1", "--title", "T", *OFFICER)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("import_items", {"rows", "accepted", "duplicates", "refused", "errors", "items"}),
        ("import_history", {"lines", "errors"}),
    ],
)
def test_file_refused_keeps_the_documented_shape(
    case: None, capsys: pytest.CaptureFixture, tmp_path: Path, text: str, shape: set[str]
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("colour,address\nred,https://x.com/a\n")

    with pytest.raises(CommandError) as refused:
        call_command(text, str(file), *(IN_CASE if text == "import_items" else ()), "--format", "json")

    assert refused.value.returncode == REFUSED
    assert set(json.loads(capsys.readouterr().out)) == shape


def test_liaison_of_no_platform_is_added_with_a_warning(db: None, capsys: pytest.CaptureFixture) -> None:
    call_command("add_person", "a@desk.example", "--role", "liaison", "--format", "json")

    out, err = capsys.readouterr()
    said = json.loads(out)
    assert said.pop("warnings") == [err.strip()]
    assert said == {"email": "a@desk.example", "role": "liaison", "name": "a"}
    assert "will see nothing" in err
    assert User.objects.get(email="a@desk.example").role == "liaison"


def test_liaison_of_a_platform_is_added_without(db: None, capsys: pytest.CaptureFixture) -> None:
    call_command("add_person", "a@desk.example", "--role", "liaison", "--platform", "x", "--format", "json")

    out, err = capsys.readouterr()
    assert "warnings" not in json.loads(out)
    assert err == ""
    assert Platform.objects.get(slug="x").liaisons.get().email == "a@desk.example"
