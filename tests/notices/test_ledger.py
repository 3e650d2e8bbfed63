"""From a restored backup nothing is sent twice: what it has queued is left to a person."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import Settings
from django.core import mail
from django.db import transaction
from psycopg.sql import SQL, Identifier

from config.embedded import binaries
from notices import dispatch, ledger
from notices.models import Dispatch
from tests.notices.letters_at import Desk
from tests.notices.mail_server import MailServer, Script
from tests.notices.test_kills import SENDER, surroundings


def states() -> list[str]:
    return list(Dispatch.objects.order_by("pk").values_list("state", flat=True))


def test_database_set_back_holds_what_it_has_queued(desk: Desk) -> None:
    desk.queued(lines=1)
    dispatch.send_due()
    desk.queued(lines=1)
    point = transaction.savepoint()
    dispatch.send_due()
    transaction.savepoint_rollback(point)

    sent = dispatch.send_due()

    assert (sent, len(mail.outbox), states()) == (0, 2, ["sent", "unknown"])
    assert Dispatch.objects.latest("pk").last_result == ledger.HELD


def test_person_lets_go_what_did_not_arrive_and_work_goes_on(desk: Desk) -> None:
    desk.queued(lines=1)
    point = transaction.savepoint()
    dispatch.send_due()
    transaction.savepoint_rollback(point)
    dispatch.send_due()
    desk.queued(lines=1)

    dispatch.resolve_unknown(Dispatch.objects.earliest("pk"), arrived=False, by=desk.second)

    assert (dispatch.send_due(), states()) == (2, ["sent", "sent"])


def test_another_database_than_the_ledgers_holds(desk: Desk, settings: Settings) -> None:
    desk.queued(lines=1)
    line = {"database": "1-1", "dispatch": 1, "attempt": 1}
    settings.OUTBOX_LEDGER_FILE.write_text(json.dumps(line) + "\n")

    assert (dispatch.send_due(), states()) == (0, ["unknown"])


def test_database_that_has_sent_holds_where_the_ledger_is_missing(desk: Desk, settings: Settings) -> None:
    desk.queued(lines=1)
    dispatch.send_due()
    desk.queued(lines=1)
    settings.OUTBOX_LEDGER_FILE.unlink()

    assert (dispatch.send_due(), states()) == (0, ["sent", "unknown"])


def test_line_that_a_killed_sender_left_torn_counts_for_nothing(desk: Desk, settings: Settings) -> None:
    desk.queued(lines=1)
    dispatch.send_due()
    with settings.OUTBOX_LEDGER_FILE.open("a") as stream:
        stream.write('\n{"database": "1-1", "dis')
    desk.queued(lines=1)

    assert (dispatch.send_due(), states()) == (1, ["sent", "sent"])
    desk.queued(lines=1)
    assert dispatch.send_due() == 1


@pytest.mark.slow
def test_restored_dump_sends_nothing_again(
    transactional_db: None, desk: Desk, mail_server: MailServer, script: Script, settings: Any, tmp_path: Path
) -> None:
    """As a site is restored: dumped, worked on, brought back as a new database, and its worker started."""
    desk.queued(lines=1)
    dispatch.send_due()
    desk.queued(lines=1)
    around = surroundings(settings, mail_server.hostname, mail_server.port)
    url, _, name = around["DATABASE_URL"].rpartition("/")
    copy, dump = f"{name}_yesterday", tmp_path / "takedown.dump"
    programs = binaries.postgres_programs()

    with psycopg.connect(f"{url}/postgres", autocommit=True) as outside:
        outside.execute(SQL("CREATE DATABASE {}").format(Identifier(copy)))
        try:
            run(programs / "pg_dump", "-Fc", "--no-owner", "-f", dump, "-d", around["DATABASE_URL"])
            assert dispatch.send_due() == 1
            run(
                programs / "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "-d",
                f"{url}/{copy}", dump,
            )  # fmt: skip
            run(sys.executable, "-c", SENDER, env={**os.environ, **around, "DATABASE_URL": f"{url}/{copy}"})
            with psycopg.connect(f"{url}/{copy}") as restored:
                found = restored.execute("SELECT state FROM notices_dispatch ORDER BY id").fetchall()
        finally:
            outside.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(copy)))

    assert [state for (state,) in found] == ["sent", "unknown"]
    assert len(script.message_ids) == len(set(script.message_ids)) == 2


def run(*command: object, **how: Any) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=Path.cwd(), **how)
