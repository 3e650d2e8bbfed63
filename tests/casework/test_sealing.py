"""The sealer beside writers, deaths, migrations and restored backups: it misses no row and raises no false alarm."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import Settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from accounts.models import User
from casework import anchor, copying, events, sealing, seals, verification
from casework.models import Event, Seal
from casework.sealing import CannotSeal, Sealed
from casework.seals import Span
from casework.tasks import seal_history
from config.embedded import binaries
from tests.casework.tampering import as_owner, tamper
from tests.factories import make_case, make_item

pytestmark = pytest.mark.django_db
SECONDS = 3.0
PATIENCE = 120.0


def record(reason: str = "") -> Event:
    return events.record("case.noted", by=None, at=timezone.now(), reason=reason)


def is_whole() -> bool:
    """Nothing is broken, and every row is sealed."""
    found = verification.verify()
    assert found["broken"] == []
    return found["unsealed"] == 0


# -- What does no harm -----------------------------------------------------------------------------


def test_without_anything_new_nothing_is_sealed(settings: Settings) -> None:
    record()

    assert (seal_history(), seal_history()) == (1, 0)
    assert Seal.objects.count() == 1
    assert len(settings.SEAL_ANCHOR_FILE.read_text().splitlines()) == 1


def test_gap_of_what_was_rolled_back_does_no_harm() -> None:
    for kept in (True, False, True, False):
        with transaction.atomic():
            record()
            transaction.set_rollback(not kept)
        sealing.seal_history()

    first, second = Event.objects.order_by("pk")
    assert second.pk == first.pk + 2
    assert is_whole()


@pytest.mark.parametrize("column", ["later text", "later text NOT NULL DEFAULT 'as ever'"])
def test_column_added_later_does_no_harm(column: str) -> None:
    record()
    sealing.seal_history()

    as_owner(
        f"ALTER TABLE casework_event ADD COLUMN {column}",
        "ALTER TABLE casework_event ALTER reason TYPE varchar",
    )

    assert is_whole()
    record()
    sealing.seal_history()
    assert is_whole()


def test_other_time_zone_of_the_session_does_no_harm() -> None:
    event = record()
    what = "casework_event", seals.history_columns(Event), [Span(1, 0, event.pk)]
    before = seals.prints(*what)

    with connection.cursor() as cursor:
        cursor.execute("SET TimeZone TO 'Asia/Kathmandu'")
        assert seals.prints(*what) == before
        cursor.execute("SET TimeZone TO 'UTC'")


@pytest.mark.parametrize("reason", ["", "a\nb\r\t\\", "“é” 🜁 \u202e", '{"a": [1, 2]}', "x" * 100_000])
def test_any_text_is_sealed(reason: str) -> None:
    record(reason)
    sealing.seal_history()

    assert is_whole()
    tamper("casework_event", "UPDATE casework_event SET reason = reason || ' '")
    assert len(verification.verify()["broken"]) == 1


# -- Writers at work -------------------------------------------------------------------------------


@pytest.fixture
def beside(transactional_db: None) -> Iterator[Callable[..., Future]]:
    """Runs a function in a thread with a connection of its own."""
    with ThreadPoolExecutor() as pool:

        def start(work: Callable[..., Any], *given: Any) -> Future:
            def run() -> Any:
                try:
                    return work(*given)
                finally:
                    connection.close()

            return pool.submit(run)

        yield start


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PATIENCE", 0.1)


def record_slowly(recorded: threading.Event, go_on: threading.Event) -> int:
    """Draws an id, and ends its transaction only when it is told to."""
    with transaction.atomic():
        event = record("slow")
        recorded.set()
        assert go_on.wait(PATIENCE)
    return event.pk


def test_earlier_id_that_is_stored_later_is_waited_for(beside: Callable, impatient: None) -> None:
    recorded, go_on = threading.Event(), threading.Event()
    slow = beside(record_slowly, recorded, go_on)
    assert recorded.wait(PATIENCE)
    later = record("quick")

    assert sealing.seal_history() == Sealed(behind=["casework_event"])
    go_on.set()
    assert slow.result(PATIENCE) < later.pk

    assert sealing.seal_history() == Sealed(seals=1, rows=2)
    assert is_whole()


def test_slow_writer_is_neither_held_up_nor_lost(beside: Callable) -> None:
    """The sealer waits a little for those who are at it, and nobody waits for the sealer."""
    recorded, go_on = threading.Event(), threading.Event()
    slow = beside(record_slowly, recorded, go_on)
    assert recorded.wait(PATIENCE)
    record("quick")
    sealer = beside(sealing.seal_history)
    time.sleep(0.1)
    begun = time.monotonic()
    record("while the sealer waits")
    taken = time.monotonic() - begun
    go_on.set()

    slow.result(PATIENCE)
    assert sealer.result(PATIENCE).behind == []
    assert taken < sealing.PATIENCE
    sealing.seal_history()
    assert is_whole()


def test_id_drawn_for_a_copy_is_waited_for(
    beside: Callable, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A COPY is told the ids, which are drawn before it begins."""
    drawn, go_on = threading.Event(), threading.Event()
    copy = copying._copy

    def wait_and_copy(*given: Any) -> None:
        drawn.set()
        assert go_on.wait(PATIENCE)
        copy(*given)

    monkeypatch.setattr(copying, "_copy", wait_and_copy)
    pattern = events.build("case.noted", by=None, at=timezone.now())
    copied = beside(lambda: transaction.atomic(copying.copy_rows)(pattern, [{"reason": "copied"}]))
    assert drawn.wait(PATIENCE)
    record("quick")

    assert sealing.seal_history() == Sealed(behind=["casework_event"])
    go_on.set()
    copied.result(PATIENCE)
    sealing.seal_history()
    assert is_whole()


def write(until: float) -> int:
    """Transactions of several sizes, some of them rolled back; returns how many rows stayed."""
    stayed = turn = 0
    while time.monotonic() < until:
        turn += 1
        with transaction.atomic():
            for _ in range(turn % 4 + 1):
                record()
            events.record_all(events.build("case.noted", by=None, at=timezone.now()) for _ in range(turn % 3))
            if turn % 5 == 0:
                transaction.set_rollback(True)
            else:
                stayed += turn % 4 + 1 + turn % 3
    return stayed


def test_sealing_and_verifying_while_many_write(beside: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 50)
    until = time.monotonic() + SECONDS
    writers = [beside(write, until) for _ in range(4)]

    sealed = 0
    while not all(writer.done() for writer in writers):
        sealed += sealing.seal_history().rows
        assert verification.verify()["broken"] == []
    sealed += sealing.seal_history().rows

    assert sealed == sum(writer.result() for writer in writers) == Event.objects.count()
    assert is_whole()


# -- One sealer, and one that dies -----------------------------------------------------------------


def test_second_sealer_of_the_machine_does_nothing(settings: Settings) -> None:
    record()
    with anchor.held(settings.SEAL_ANCHOR_FILE):
        assert sealing.seal_history() == Sealed(busy=True)
        with pytest.raises(CannotSeal, match="at work"):
            sealing.accept_restored("no")
    assert sealing.seal_history().rows == 1


def test_second_sealer_of_another_machine_does_nothing(beside: Callable) -> None:
    locked, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealing.ONE_SEALER])
            locked.set()
            assert go_on.wait(PATIENCE)

    other = beside(hold)
    assert locked.wait(PATIENCE)
    record()

    assert sealing.seal_history().rows == 0
    go_on.set()
    other.result(PATIENCE)
    assert sealing.seal_history().rows == 1


@pytest.mark.parametrize("torn", [b"", b'{"at":"2026-'])
def test_sealer_killed_before_it_wrote_to_the_anchor(
    torn: bytes, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 1)
    record()
    sealing.seal_history()
    whole = settings.SEAL_ANCHOR_FILE.read_bytes()
    record(), record()
    sealing.seal_history()
    settings.SEAL_ANCHOR_FILE.write_bytes(whole + torn)

    found = verification.verify()
    assert (found["broken"], found["remarks"]) == ([], ["2 seals are not in the anchor yet"])
    sealing.seal_history()

    lines = [json.loads(line) for line in settings.SEAL_ANCHOR_FILE.read_bytes().splitlines()]
    assert [line["seal"] for line in lines] == [1, 2, 3]
    assert verification.verify()["remarks"] == []


def test_command_says_what_hinders_and_the_task_goes_on(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SEAL_KEY_FILE.mkdir()
    told: list[str] = []
    record()

    sealing.seal_and_tell(told.append)

    assert len(told) == 1
    assert told[0].startswith("The history was not sealed: ")
    assert seal_history() == 0
    assert "The history was not sealed" in caplog.text


def test_import_seals_what_it_stored(tmp_path: Path, officer: User) -> None:
    path = tmp_path / "items.txt"
    path.write_text("https://x.com/a/status/1700000000000000001\n")

    call_command("import_items", str(path), "--case", make_case().reference, "--by", officer.email)

    assert Seal.objects.exists()
    assert is_whole()


def test_emptied_database_is_accepted_with_a_reason(restored: None) -> None:
    tamper("casework_event", "DELETE FROM casework_event")
    tamper("casework_seal", "DELETE FROM casework_seal")

    assert sealing.accept_restored("Emptied after the trial") == 4

    record()
    sealing.seal_history()
    assert is_whole()


@pytest.mark.parametrize("form", ["text", "json"])
def test_command_says_what_it_did(form: str, capsys: pytest.CaptureFixture) -> None:
    record()

    call_command("seal_history", "--format", form)

    said = capsys.readouterr().out.strip()
    if form == "text":
        assert said == "1 rows were sealed with 1 seals."
    else:
        assert json.loads(said) == {"seals": 1, "rows": 1, "behind": [], "busy": False, "given_up": 0}


# -- Backups ---------------------------------------------------------------------------------------


def as_yesterday() -> None:
    """The database as a backup would bring it back: without what came after its second seal."""
    tamper(
        "casework_event",
        "DELETE FROM casework_event WHERE id > (SELECT upto FROM casework_seal WHERE id = 2)",
    )
    tamper("casework_seal", "DELETE FROM casework_seal WHERE id > 2")


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 1)
    for _ in range(4):
        record()
    sealing.seal_history()
    as_yesterday()


def test_restored_backup_is_noted_and_sealing_goes_on(restored: None, capsys: pytest.CaptureFixture) -> None:
    record("work of today")

    call_command("seal_history", "--restored", "Disk failed on Monday")

    assert capsys.readouterr().out.startswith("2 seals were given up.\n")
    assert is_whole()
    (remark,) = verification.verify()["remarks"]
    assert remark.startswith("2 seals after seal 2 were given up at ")
    assert remark.endswith(": Disk failed on Monday")
    with pytest.raises(CommandError, match="nothing to give up"):
        call_command("seal_history", "--restored", "Again")


def test_end_cut_after_a_restored_backup_is_found_too(restored: None) -> None:
    sealing.accept_restored("Disk failed")
    record(), record()
    sealing.seal_history()
    as_yesterday()

    assert verification.verify()["broken"][0].startswith(
        "the histories end with seal 2, but the anchor knows 4 seals"
    )


def test_word_of_a_restored_backup_needs_the_key(restored: None, settings: Settings) -> None:
    sealing.accept_restored("Disk failed")
    text = settings.SEAL_ANCHOR_FILE.read_text()

    settings.SEAL_ANCHOR_FILE.write_text(text.replace("Disk failed", "Nothing"))

    broken = verification.verify()["broken"]
    assert broken[0].startswith("the histories end with seal 2, but the anchor knows 4 seals")
    assert "is not signed by us" in broken[1]


def test_seals_of_another_database_in_the_same_file_are_remarked(settings: Settings) -> None:
    line = {
        "at": "2026-01-01T00:00:00+00:00",
        "chain": "0" * 64,
        "database": "1-1",
        "digest": "1" * 64,
        "seal": 9,
    }
    settings.SEAL_ANCHOR_FILE.write_text(json.dumps(line) + "\n")
    record()

    assert sealing.seal_history().rows == 1

    found = verification.verify()
    assert found["broken"] == []
    assert found["remarks"] == [
        "the anchor also knows another database, 1-1: if this one took its place, its history is lost"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("anchor_kept", [True, False])
def test_dumped_and_restored_history_is_whole(
    anchor_kept: bool, transactional_db: None, settings: Settings, tmp_path: Path
) -> None:
    make_item(case=make_case())
    sealing.seal_history()
    programs = binaries.postgres_programs()
    server = {name: connection.settings_dict[name] for name in ("HOST", "PORT", "USER")}
    place = ["-h", server["HOST"], "-p", str(server["PORT"] or 5432), "-U", server["USER"]]
    dump = tmp_path / "takedown.dump"
    name = connection.settings_dict["NAME"]
    copy = f"{name}_restored"
    url = f"postgresql://{server['USER']}@{server['HOST'].replace('/', '%2F')}:{server['PORT']}/"
    if not anchor_kept:
        settings.SEAL_ANCHOR_FILE.unlink()

    with psycopg.connect(url + "postgres", autocommit=True) as outside:
        outside.execute(SQL("CREATE DATABASE {}").format(Identifier(copy)))
        try:
            subprocess.run([programs / "pg_dump", *place, "-Fc", "--no-owner", "-f", dump, name], check=True)
            subprocess.run(
                [programs / "pg_restore", *place, "-d", copy, "--no-owner", "--no-privileges", dump],
                check=True,
            )
            for command in ("verify_history", "seal_history", "verify_history"):
                done = subprocess.run(
                    [sys.executable, "manage.py", command], cwd=settings.BASE_DIR, capture_output=True, text=True,
                    env={**os.environ, "DATABASE_URL": url + copy}, check=False,
                )  # fmt: skip
                assert done.returncode == 0, done.stderr
        finally:
            outside.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(copy)))
    assert "another database" not in done.stderr
