"""The embedded PostgreSQL: real servers, real kills."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded.postgres import Postgres
from config.embedded.problems import CannotRun

pytestmark = pytest.mark.slow


@pytest.fixture
def home(open_folder: Callable[[str], Path]) -> Path:
    return open_folder("takedown-home-")


@pytest.fixture(scope="module")
def shared(open_folder: Callable[[str], Path]) -> Iterator[Postgres]:
    """For tests that leave nothing behind."""
    server = Postgres(open_folder("takedown-home-"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(home: Path) -> Iterator[Postgres]:
    server = Postgres(home)
    server.start()
    yield server
    server.stop()


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_roles_have_exactly_the_rights_promised(shared: Postgres) -> None:
    rights = query(
        shared.addresses().web,
        "SELECT rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, "
        "EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid) "
        "FROM pg_roles WHERE rolname LIKE 'takedown%' ORDER BY 1",
    )
    owner = query(
        shared.addresses().web, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'takedown'"
    )

    nothing_but_login = (True, False, False, False, False, False, False)
    assert rights == [("takedown_owner", *nothing_but_login), ("takedown_web", *nothing_but_login)]
    assert owner == [("takedown_owner",)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE other",
        "CREATE DATABASE other",
        "SET ROLE takedown_owner",
    ],
)
def test_web_role_makes_nothing(shared: Postgres, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(shared.addresses().web, statement)


def test_owner_makes_tables_and_extensions(server: Postgres) -> None:
    query(server.addresses().owner, "CREATE TABLE kept (id int)")
    query(server.addresses().owner, "CREATE EXTENSION pg_trgm")

    assert query(server.addresses().owner, "SELECT to_regclass('kept')::text") == [("kept",)]


def test_there_is_no_way_in_over_the_network(shared: Postgres) -> None:
    assert query(shared.addresses().web, "SHOW listen_addresses") == [("",)]
    assert shared.sockets is not None
    assert shared.sockets.stat().st_mode & 0o777 == 0o700


def test_rows_survive_a_kill(server: Postgres) -> None:
    query(server.addresses().owner, "CREATE TABLE kept (id int)")
    query(server.addresses().owner, "INSERT INTO kept VALUES (1), (2)")
    before = server.addresses()
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    assert not server.running()

    server.restart()

    assert server.addresses() == before
    assert query(before.owner, "SELECT id FROM kept ORDER BY 1") == [(1,), (2,)]


def test_data_survives_a_stop(home: Path) -> None:
    first = Postgres(home)
    query(first.start().owner, "CREATE TABLE kept (id int)")
    first.stop()
    second = Postgres(home)

    try:
        assert query(second.start().web, "SELECT to_regclass('kept')::text") == [("kept",)]
    finally:
        second.stop()


def test_second_start_on_the_same_data_is_refused(server: Postgres, home: Path) -> None:
    with pytest.raises(CannotRun, match="already running"):
        Postgres(home).start()

    assert server.running()


def test_data_of_another_major_version_is_refused(home: Path) -> None:
    (home / "pg9").mkdir()

    with pytest.raises(CannotRun, match="another major version"):
        Postgres(home).start()


def test_killed_first_start_is_made_good(home: Path) -> None:
    (home / "pg.part").mkdir()
    (home / "pg.part" / "PG_VERSION").write_text("18\n")
    server = Postgres(home)

    try:
        assert query(server.start().web, "SELECT 1") == [(1,)]
    finally:
        server.stop()


def test_server_dies_with_its_starter(home: Path) -> None:
    program = (
        "import sys, time, pathlib; from config.embedded.postgres import Postgres; "
        "server = Postgres(pathlib.Path(sys.argv[1])); server.start(); "
        "print(server.process.pid, flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    server = int(starter.stdout.readline())

    starter.kill()
    starter.communicate()

    assert gone_within(5, server)
    again = Postgres(home)
    again.start()
    again.stop()


def gone_within(seconds: float, process: int) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database under another account")
def test_root_is_told_of_a_folder_that_the_account_cannot_enter(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(CannotRun, match="Set TAKEDOWN_DATA"):
        Postgres(closed / "var")
