"""Bringing files in: the command's one transaction, and the job that goes on where it was killed."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import Settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from casework import import_rows, imports, store
from casework.cases import close_case, open_case
from casework.imports import cancel_import, import_file, run_import, start_import
from casework.models import Case, Event, ImportStatus, Item, ItemImport
from casework.spreadsheets import FileRefused
from casework.tasks import resume_imports
from casework.tasks import run_import as run_import_task
from casework.transitions import TransitionNotAllowed
from tests.casework import sheets
from tests.factories import make_case, make_item, make_person

pytestmark = pytest.mark.django_db

MIXED = """address,category,priority,found_at,note
https://x.com/a/status/1111111111111111,Small_Boat_Advert,1,2026-03-01T14:30+01:00,first
hxxps://twitter[.]com/b/status/1111111111111111?s=20,,,,the same post
not an address,,,,
https://x.com/a/status/2222222222222222,no_such,9,yesterday,
https://x.com/a/status/3333333333333333,no_such,,,
https://x.com/a/status/4444444444444444,,,2026-03-02,=1+1
,,,,no address
https://x.com/a/status/5555555555555555
"""


@pytest.fixture
def case() -> Case:
    return make_case(reference="OP-1")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def written(content: str | bytes, name: str = "items.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def posts(count: int, first: int = 1) -> str:
    lines = (f"https://x.com/a/status/{10**15 + number}" for number in range(first, first + count))
    return "\n".join(["address", *lines, ""])


COUNTS = ("rows", "accepted", "duplicates", "refused")


def counts(job: ItemImport) -> tuple[int, ...]:
    return tuple(getattr(job, name) for name in COUNTS)


# -- The file of a command -------------------------------------------------------------------------


def test_rows_are_accepted_known_already_or_refused_each_with_its_reason(
    case: Case, officer: User, write: Callable[..., Path]
) -> None:
    job = import_file(write(MIXED), case=case, by=officer)

    assert (job.status, counts(job)) == (ImportStatus.DONE, (8, 2, 1, 5))
    assert [(error["row"], error["column"], error["code"]) for error in job.errors] == [
        (4, "address", "not_an_address"),
        (5, "found_at", "not_a_time"),
        (5, "priority", "out_of_range"),
        (6, "category", "unknown_value"),
        (8, "address", "missing"),
        (9, "", "ragged_row"),
    ]
    first, second = Item.objects.order_by("pk")
    assert job.items == [first.reference, second.reference]
    assert (first.category.slug, first.priority, first.note) == ("small_boat_advert", 1, "first")
    assert first.found_at.isoformat() == "2026-03-01T13:30:00+00:00"
    assert second.found_at.isoformat() == "2026-03-02T00:00:00+00:00"
    assert (second.note, second.priority, second.category) == ("=1+1", 3, None)


def test_every_error_is_a_sentence(case: Case, officer: User, write: Callable[..., Path]) -> None:
    errors = import_file(write(MIXED), case=case, by=officer).errors

    assert [error["message"] for error in errors if not error["message"].endswith((".", "https://"))] == []


def test_every_form_of_file_brings_the_same_items(officer: User, write: Callable[..., Path]) -> None:
    table = [
        ["address", "note"],
        ["https://x.com/a/status/1111111111111111", "é"],
        ["https://t.me/abc/12", ""],
    ]
    text = "\n".join(",".join(cells) for cells in table)
    forms = {
        "a.csv": text.encode(),
        "b.csv": text.encode("utf-16"),
        "c.xlsx": sheets.xlsx(table),
        "d.ods": sheets.ods(table),
    }

    for name, content in forms.items():
        import_file(write(content, name), case=make_case(reference=name), by=officer)

    assert Item.objects.count() == 8
    brought = Item.objects.order_by("pk").values_list("case__reference", "key", "note")
    by_case = {name: [row[1:] for row in brought if row[0] == name] for name in forms}
    assert len({tuple(rows) for rows in by_case.values()}) == 1


def test_importing_the_same_file_again_adds_nothing(
    case: Case, officer: User, write: Callable[..., Path]
) -> None:
    path = write(posts(3))
    import_file(path, case=case, by=officer)

    again = import_file(path, case=case, by=officer)

    assert (again.accepted, again.duplicates, again.items) == (0, 3, [])
    assert Item.objects.count() == 3


def test_duplicates_are_known_across_batches(
    case: Case, officer: User, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "BATCH", 2)
    content = posts(3) + "https://mobile.twitter.com/b/status/1000000000000001\n"

    for dry_run in (True, False):
        job = import_file(write(content), case=case, by=officer, dry_run=dry_run)
        assert (job.accepted, job.duplicates) == (3, 1)


def test_dry_run_counts_the_same_and_stores_nothing(
    case: Case, officer: User, write: Callable[..., Path]
) -> None:
    path = write(MIXED)
    events = Event.objects.count()

    tried = import_file(path, case=case, by=officer, dry_run=True)

    assert (Item.objects.count(), Event.objects.count()) == (0, events)
    done = import_file(path, case=case, by=officer)
    assert (counts(tried), tried.errors, tried.items) == (counts(done), done.errors, [])
    assert len(done.items) == 2


def test_file_that_breaks_off_midway_stores_nothing(
    case: Case, officer: User, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "BATCH", 2)

    job = import_file(write(posts(5) + '"open quote'), case=case, by=officer)

    assert (job.status, [(error["row"], error["code"]) for error in job.errors]) == (
        "refused",
        [(7, "not_csv")],
    )
    assert (Item.objects.count(), job.rows_done) == (0, 0)


def test_every_item_and_the_case_have_their_event(
    case: Case, officer: User, write: Callable[..., Path]
) -> None:
    import_file(write(MIXED), case=case, by=officer)

    assert (
        list(Event.objects.filter(item__isnull=False).values_list("kind", "new", "actor_name"))
        == [("item.identified", "reported", officer.name)] * 2
    )
    assert Event.objects.get(kind="case.items_imported").details == {
        "file": "items.csv", "accepted": 2, "duplicates": 1, "refused": 5,
    }  # fmt: skip


def test_file_larger_than_the_limit_is_refused(
    case: Case, officer: User, write: Callable[..., Path], settings: Settings
) -> None:
    settings.IMPORT_MAX_BYTES = 20

    with pytest.raises(FileRefused, match="larger than"):
        import_file(write(posts(1)), case=case, by=officer)
    with pytest.raises(ValidationError, match="larger than"):
        start_import(BytesIO(posts(1).encode()), "items.csv", case=case, dry_run=False, by=officer)


@pytest.mark.parametrize("role", [Role.LIAISON, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_import_needs_the_permission_to_identify(
    role: Role, case: Case, person: Callable[..., User], write: Callable[..., Path]
) -> None:
    by = person(role)

    with pytest.raises(PermissionDenied):
        import_file(write(posts(1)), case=case, by=by)
    with pytest.raises(PermissionDenied):
        start_import(posts(1).encode(), "items.csv", case=case, dry_run=False, by=by)
    assert (Item.objects.count(), ItemImport.objects.count()) == (0, 0)


def test_closed_case_takes_nothing(
    case: Case, officer: User, reviewer: User, write: Callable[..., Path]
) -> None:
    close_case(case, reason="Over", by=reviewer)

    with pytest.raises(TransitionNotAllowed, match="OP-1 is closed"):
        import_file(write(posts(1)), case=case, by=officer)
    with pytest.raises(TransitionNotAllowed, match="OP-1 is closed"):
        start_import(posts(1).encode(), "items.csv", case=case, dry_run=False, by=officer)


# -- The job ---------------------------------------------------------------------------------------


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "BATCH", 2)


def test_job_counts_its_rows_and_brings_them_in(case: Case, officer: User, small_batches: None) -> None:
    job = start_import(BytesIO(MIXED.encode()), "items.csv", case=case, dry_run=False, by=officer)
    assert (job.status, job.rows) == (ImportStatus.QUEUED, 0)

    job = run_import(job.pk)

    assert (job.status, job.rows, job.rows_done) == (ImportStatus.DONE, 8, 8)
    assert (job.accepted, job.duplicates, job.refused, len(job.errors)) == (2, 1, 5, 6)
    assert job.items == list(Item.objects.order_by("pk").values_list("reference", flat=True))
    assert Event.objects.filter(kind="case.items_imported").count() == 1


def test_dry_job_stores_only_its_counts(case: Case, officer: User) -> None:
    job = run_import(
        start_import(MIXED.encode(), "items.csv", case=case, dry_run=True, by=officer).pk,
    )

    assert (job.status, job.accepted, job.duplicates, job.refused) == (ImportStatus.DONE, 2, 1, 5)
    assert (job.items, Item.objects.count()) == ([], 0)
    assert not Event.objects.filter(kind="case.items_imported").exists()


class Killed(BaseException):
    """What ends a worker between two of its steps."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_killed_job_goes_on_behind_its_last_batch(
    case: Case, officer: User, small_batches: None, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    job = start_import(posts(5).encode(), "items.csv", case=case, dry_run=False, by=officer)
    bring_in, calls = imports._bring_in, iter(range(10))

    def die(*given: Any) -> Any:
        outcome = bring_in(*given)
        if next(calls) == after:
            raise Killed
        return outcome

    monkeypatch.setattr(imports, "_bring_in", die)
    with pytest.raises(Killed):
        run_import(job.pk)
    monkeypatch.setattr(imports, "_bring_in", bring_in)
    job.refresh_from_db()
    assert (job.rows_done, Item.objects.count()) == (2 * after, 2 * after)

    job = run_import(job.pk)

    assert (job.status, job.accepted, job.duplicates) == (ImportStatus.DONE, 5, 0)
    assert Item.objects.count() == len(set(job.items)) == 5


def test_job_whose_file_breaks_off_is_refused_before_its_first_row(
    case: Case, officer: User, small_batches: None
) -> None:
    content = (posts(5) + '"open quote').encode()
    job = run_import(start_import(content, "items.csv", case=case, dry_run=False, by=officer).pk)

    assert (job.status, job.accepted, Item.objects.count()) == (ImportStatus.REFUSED, 0, 0)
    assert job.problem.startswith("Row 7 is not CSV")


def test_job_stops_when_its_author_may_no_longer_identify(
    case: Case, officer: User, small_batches: None
) -> None:
    job = start_import(posts(3).encode(), "items.csv", case=case, dry_run=False, by=officer)
    officer.is_active = False
    officer.save()

    job = run_import(job.pk)

    assert (job.status, Item.objects.count()) == (ImportStatus.REFUSED, 0)
    assert "identify item" in job.problem


def test_job_whose_file_is_lost_is_refused(case: Case, officer: User) -> None:
    job = start_import(posts(3).encode(), "items.csv", case=case, dry_run=False, by=officer)
    store.path(job.sha256).unlink()

    assert run_import(job.pk).status == ImportStatus.REFUSED


def test_cancelled_job_brings_nothing_more_in(case: Case, officer: User) -> None:
    job = start_import(posts(3).encode(), "items.csv", case=case, dry_run=False, by=officer)

    cancel_import(job, by=officer)

    assert run_import(job.pk).status == ImportStatus.CANCELLED
    assert Item.objects.count() == 0
    with pytest.raises(TransitionNotAllowed, match="finished already"):
        cancel_import(job, by=officer)


def test_file_is_refused_beside_its_field(case: Case, officer: User) -> None:
    with pytest.raises(ValidationError) as refused:
        start_import(b"address,colour\n", "items.csv", case=case, dry_run=True, by=officer)

    assert list(refused.value.message_dict) == ["file"]
    assert ItemImport.objects.count() == 0


def test_clock_takes_up_jobs_that_nobody_runs(case: Case, officer: User) -> None:
    waiting = start_import(posts(2).encode(), "items.csv", case=case, dry_run=False, by=officer)
    ItemImport.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - imports.PATIENCE)
    fresh = start_import(posts(2, first=9).encode(), "items.csv", case=case, dry_run=False, by=officer)

    assert resume_imports() == 1

    waiting.refresh_from_db()
    fresh.refresh_from_db()
    assert (waiting.status, fresh.status) == (ImportStatus.DONE, ImportStatus.QUEUED)
    run_import_task(fresh.pk)
    fresh.refresh_from_db()
    assert fresh.status == ImportStatus.DONE


@pytest.mark.django_db(transaction=True)
def test_second_worker_leaves_a_running_job_alone(case: Case, officer: User) -> None:
    job = start_import(posts(2).encode(), "items.csv", case=case, dry_run=False, by=officer)
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [imports.LOCK, job.pk])
        assert run_import(job.pk).status == ImportStatus.QUEUED
    finally:
        other.close()

    assert run_import(job.pk).status == ImportStatus.DONE


# -- Commands --------------------------------------------------------------------------------------


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Any:
    call_command(*arguments, "--format", "json")
    return json.loads(capsys.readouterr().out)


def test_commands_bring_a_file_in_from_nothing(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    by = make_person(Role.OFFICER).email
    assert run("open_case", "OP-9", "--title", "Crossings", "--by", by, capsys=capsys) == {
        "reference": "OP-9", "title": "Crossings",
    }  # fmt: skip

    arguments = ("import_items", str(write(MIXED)), "--case", "OP-9", "--by", by.upper())
    tried = run(*arguments, "--dry-run", capsys=capsys)
    done = run(*arguments, capsys=capsys)

    assert list(done) == ["rows", "accepted", "duplicates", "refused", "errors", "items"]
    assert [tried[name] == done[name] for name in done] == [True] * 5 + [False]
    assert set(done["errors"][0]) == {"row", "column", "code", "message"}
    assert done["items"] == list(Item.objects.order_by("pk").values_list("reference", flat=True))


def test_command_that_is_refused_exits_1_with_the_place_and_stores_nothing(
    case: Case, officer: User, write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("address,colour\nhttps://x.com/a/status/1111111111111111,red\n")

    with pytest.raises(CommandError) as refused:
        run("import_items", str(path), "--case", "OP-1", "--by", officer.email, capsys=capsys)

    assert refused.value.returncode == 1
    printed = json.loads(capsys.readouterr().out)
    assert (printed["accepted"], printed["items"]) == (0, [])
    assert [(error["row"], error["column"], error["code"]) for error in printed["errors"]] == [
        (1, "colour", "unknown_column")
    ]
    assert Item.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--by": "nobody@desk.example"}, "Nobody here has the address"),
        ({"--case": "OP-404"}, "There is no case OP-404"),
        ({"FILE": "missing.csv"}, "No such file"),
        ({"--by": "manager1@desk.example"}, "identify item"),
    ],
)
def test_command_says_what_is_missing(
    changed: dict[str, str],
    message: str,
    case: Case,
    officer: User,
    manager: User,
    write: Callable[..., Path],
) -> None:
    given = {"FILE": str(write(posts(1))), "--case": "OP-1", "--by": officer.email, **changed}
    arguments = [part for name, value in given.items() for part in (name, value)][1:]

    with pytest.raises(CommandError, match=message) as refused:
        call_command("import_items", *arguments)

    assert refused.value.returncode == 1


def test_command_prints_words_for_people(
    case: Case, officer: User, write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_items", str(write(MIXED)), "--case", "OP-1", "--by", officer.email)

    printed = capsys.readouterr()
    assert printed.out == "8 rows: 2 accepted, 1 duplicates, 5 refused.\n"
    assert printed.err.splitlines()[-1] == "row 9: row: The row has 1 cells, the header 5."


def test_opening_a_case_is_refused_for_a_taken_reference(officer: User) -> None:
    open_case("OP-1", title="One", by=officer)

    with pytest.raises(CommandError, match="already exists"):
        call_command("open_case", "OP-1", "--title", "Two", "--by", officer.email)
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("open_case", "OP-2", "--title", "Two", "--by", "nobody@desk.example")


def test_item_of_another_case_does_not_keep_an_address_out(
    case: Case, officer: User, write: Callable[..., Path]
) -> None:
    make_item(address="https://x.com/a/status/1000000000000001")

    assert import_file(write(posts(1)), case=case, by=officer).accepted == 1
