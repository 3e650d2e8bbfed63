"""The embedded PostgreSQL: a child of ours on a private socket, with the two roles that the product knows.

`takedown_owner` owns the database and runs migrations; `takedown_web` is what the pages run as. Neither is
a superuser. The superuser exists for this launcher alone.
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.embedded import binaries
from config.embedded.account import account_for, can_reach, give, short_folder
from config.embedded.child import spawn, stop
from config.embedded.lock import Lock
from config.embedded.problems import CannotRun

DATABASE = "takedown"
OWNER, WEB, SUPERUSER = "takedown_owner", "takedown_web", "postgres"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
IN_A_HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ROLES = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN CREATE ROLE {OWNER}; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{WEB}') THEN CREATE ROLE {WEB}; END IF;
END $$;
ALTER ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE {WEB} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
"""  # noqa: S608 - names of ours, and identifiers cannot be parameters
GRANTS = f"""
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT ON DATABASE {DATABASE} TO {WEB};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
"""
TESTING = f"ALTER ROLE {OWNER} CREATEDB; GRANT {WEB} TO {OWNER};"


@dataclass(frozen=True)
class Addresses:
    """The same database, as its owner and as the role of the pages."""

    owner: str
    web: str


class Postgres:
    """`home` is a folder of ours; the data is in `home/pg<major>`: no major ever opens another's."""

    def __init__(
        self, home: Path, *, throwaway: bool = False, settings: Mapping[str, str] | None = None
    ) -> None:
        self.home = home.absolute()
        self.home.mkdir(parents=True, exist_ok=True)
        self.throwaway = throwaway
        self.settings = settings or {}
        programs = binaries.postgres_programs()
        self.major = binaries.major_version(programs)
        self.data = self.home / f"pg{self.major}"
        self.account = account_for(self.data)
        if not can_reach(self.home, self.account):
            raise CannotRun(
                "PostgreSQL must not run as root, and the account that it runs under cannot enter "
                f"{self.home}. Set TAKEDOWN_DATA to a folder that everyone can enter, for example "
                "/var/lib/takedown-desk, or run this as an ordinary user."
            )
        self.programs = binaries.readable_programs(programs, copies=self.home, account=self.account)
        self.log = self.home / "log" / "postgres.log"
        self.lock = Lock(self.home / f"pg{self.major}.lock")
        self.process: subprocess.Popen[bytes] | None = None
        self.sockets: Path | None = None

    def start(self, *, patience: float = 120.0) -> Addresses:
        """Start it and wait until it answers; raises `CannotRun` when it does not, or runs already."""
        self._refuse_other_majors()
        self.lock.take(busy=f"The database in {self.data} is already running. Stop that run first.")
        try:
            self._initialise()
            self.sockets = self._socket_folder()
            self._launch()
            self._wait(patience)
            self._prepare()
        except BaseException:
            self.stop()
            raise
        return self.addresses()

    def restart(self) -> Addresses:
        """After the server died: wait for what is left of it, then start again on the same data."""
        self._end()
        return self.start()

    def stop(self) -> None:
        """Roll back what is open, checkpoint, exit."""
        self._end()
        if self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def addresses(self) -> Addresses:
        return Addresses(
            *(
                f"postgresql://{role}@{quote(str(self.sockets), safe='')}:5432/{DATABASE}"
                for role in (OWNER, WEB)
            )
        )

    def _end(self) -> None:
        if self.process is not None:
            stop(self.process, ask=signal.SIGINT, patience=60, insist=signal.SIGQUIT)
            self.process = None
        self.lock.release()

    def _refuse_other_majors(self) -> None:
        others = [path for path in self.home.glob("pg[0-9]*") if path.is_dir() and path != self.data]
        if others and not self.data.exists():
            raise CannotRun(
                f"{others[0]} is of another major version than PostgreSQL {self.major}, installed here. "
                "Dump it with the old version and restore the dump (docs/operations.md), or move it away."
            )

    def _initialise(self) -> None:
        """Made beside its place and moved there: a killed `initdb` is never taken for a database."""
        self.log.parent.mkdir(exist_ok=True)
        if self.data.exists():
            return
        part = self.home / "pg.part"
        shutil.rmtree(part, ignore_errors=True)
        give(part, self.account)
        locale = (
            ["--locale-provider=builtin", "--locale=C.UTF-8"] if self.major >= 17 else ["--locale=C.UTF-8"]
        )
        durable = ["--no-sync"] if self.throwaway else ["--data-checksums"]
        command: list[str | Path] = [
            "initdb",
            "-D",
            part,
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-instructions",
        ]
        self._run([*command, *locale, *durable])
        # Trust is safe behind a socket in a 0700 folder; there is no other way in.
        (part / "pg_hba.conf").write_text("local all all trust\n")
        part.rename(self.data)

    def _run(self, command: list[str | Path]) -> None:
        process = spawn(
            [self.programs / command[0], *command[1:]], log=self.log, env=ENVIRONMENT, account=self.account
        )
        if process.wait():
            raise CannotRun(f"PostgreSQL's {command[0]} failed: {self._last_words()}")

    def _socket_folder(self) -> Path:
        """The same one after a restart, so that the addresses stay true."""
        return give(self.sockets or short_folder(self.home / "sockets", ".s.PGSQL.5432.lock"), self.account)

    def _launch(self) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "logging_collector": "off",
            "max_connections": "60",
            **(IN_A_HURRY if self.throwaway else {}),
            **self.settings,
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.process = spawn(
            [self.programs / "postgres", "-D", self.data, *settings],
            log=self.log,
            env=ENVIRONMENT,
            account=self.account,
            inherited=self.lock.inherited,
            when_orphaned=signal.SIGINT,
        )

    def _wait(self, patience: float) -> None:
        """Ready means that a connection succeeds; recovery after a crash may take its time."""
        end = time.monotonic() + patience
        while True:
            try:
                self._as_superuser("postgres", "SELECT 1")
            except psycopg.OperationalError as error:
                if not self.running() or time.monotonic() > end:
                    raise CannotRun(f"PostgreSQL did not start: {self._last_words()}") from error
                time.sleep(0.05)
            else:
                return

    def _prepare(self) -> None:
        """Roles and database, at every start, so that a first start cut short is made good."""
        self._as_superuser("postgres", ROLES)
        if not self._as_superuser("postgres", f"SELECT FROM pg_database WHERE datname = '{DATABASE}'"):
            self._as_superuser("postgres", f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        self._as_superuser(DATABASE, GRANTS)
        if self.throwaway:
            self._as_superuser("postgres", TESTING)

    def _as_superuser(self, database: str, statement: str) -> int:
        """Run it and return the number of rows."""
        with psycopg.connect(
            host=str(self.sockets), user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=3
        ) as connection:
            return max(connection.execute(statement.encode()).rowcount, 0)

    def _last_words(self) -> str:
        return f"{self.log.read_text(errors='replace')[-800:].strip()}\n(the whole log: {self.log})"
