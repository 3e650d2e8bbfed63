"""From a restored backup nothing is looked at twice: the checker tells again what it found, under its old time."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from accounts.roles import Role
from casework import check_jobs, checkers
from casework.models import CheckJob, Visit
from config.embedded import binaries
from tests.casework.checking import noticed, switch, take
from tests.factories import some
from tests.journeys.test_sweep import sweep
from tests.notices.test_kills import surroundings
from tests.notices.test_ledger import run

SITES = {f"https://site-{number}.example/offers/471100011": "live" for number in range(3)}
FOUND = "SELECT j.state, v.seen_at FROM casework_checkjob j LEFT JOIN casework_visit v ON v.job_id = j.id ORDER BY j.id"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_restored_dump_has_nothing_looked_at_twice(live_server: Any, tmp_path: Path, settings: Any) -> None:
    """As a site is restored: dumped while one look was leased and two were due, worked on, and brought back."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    switch("web")
    checker, secret = checkers.add_checker("London 1", country="GB", by=some(Role.ADMINISTRATOR))
    for address in SITES:
        noticed(address=address)
    check_jobs.plan()
    CheckJob.objects.update(not_before=timezone.now())
    take(checker, 1)
    around = surroundings(settings, "127.0.0.1", 25)

    with copied(around["DATABASE_URL"], tmp_path / "takedown.dump") as restore:
        CheckJob.objects.filter(state="leased").update(leased_until=timezone.now())
        visited = [asyncio.run(sweep(live_server.url, secret, SITES, tmp_path / "spool"))]
        copy = restore()
        with psycopg.connect(copy) as restored:
            restored.execute("UPDATE casework_checkjob SET leased_until = now() WHERE state = 'leased'")
        with serving({**around, "DATABASE_URL": copy}) as url:
            visited.append(asyncio.run(sweep(url, secret, SITES, tmp_path / "spool")))
        found = rows(copy)

    assert visited == [3, 0]
    assert found == [
        ("done", seen_at) for seen_at in Visit.objects.order_by("job_id").values_list("seen_at", flat=True)
    ]


@contextmanager
def copied(url: str, dump: Path) -> Iterator[Any]:
    """Dumps the database; what it yields brings the dump back as another one, and returns where that is."""
    server, _, name = url.rpartition("/")
    copy, programs = f"{name}_yesterday", binaries.postgres_programs()
    run(programs / "pg_dump", "-Fc", "--no-owner", "-f", dump, "-d", url)

    def restore() -> str:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as outside:
            outside.execute(SQL("CREATE DATABASE {}").format(Identifier(copy)))
        run(
            programs / "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "-d", f"{server}/{copy}", dump
        )  # fmt: skip
        return f"{server}/{copy}"

    try:
        yield restore
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as outside:
            outside.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(copy)))


@contextmanager
def serving(around: dict[str, str]) -> Iterator[str]:
    """The desk by itself, on a port of its own."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    command = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "4"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--no-control-socket", "config.wsgi:application"],
        env={**os.environ, **around},
    )
    try:
        end = monotonic() + 60
        while not answers(port):
            assert monotonic() < end, "the desk does not come"
            sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def rows(url: str) -> list[tuple[str, datetime]]:
    with psycopg.connect(url) as database:
        return database.execute(FOUND).fetchall()
