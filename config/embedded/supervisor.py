"""Everything on one machine: database, broker, web server, worker, clock, mail sink and mailbox, all ours.

They start in order, a dead one is started again, and all of them end with the supervisor, however it ends.
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psycopg

from config.embedded import pretending
from config.embedded.account import reachable_home
from config.embedded.child import spawn, stop
from config.embedded.lock import Lock
from config.embedded.postgres import Addresses, Postgres
from config.embedded.problems import CannotRun
from config.embedded.service import Service, ending
from config.embedded.surroundings import NOTE, data_folder, free_port, given, secret_key, write_note
from config.embedded.valkey import Valkey

HOST = "127.0.0.1"
EXHIBITS = "exhibits.localhost"  # browsers know it as this machine, and send it no cookie of the pages
READY_SECONDS = 90.0
REPLY_DOMAIN = "replies.desk.example"
LONG_LOG_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Wishes:
    """What the person asked for on the command line."""

    root: Path
    port: int
    mail_port: int
    demo: bool
    say: Callable[[str], None]


class Supervisor:
    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self.say = wishes.say
        self.began = time.monotonic()
        self.data = data_folder(wishes.root)
        self.data.mkdir(parents=True, exist_ok=True, mode=0o711)
        self.logs = self.data / "log"
        self.logs.mkdir(exist_ok=True, mode=0o700)
        set_long_logs_aside(self.logs)
        self.lock = Lock(self.data / "run.lock")
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.services: list[Service] = []
        self.variables: dict[str, str] = {}
        self.owner_url = ""
        self.reply_port = 0

    def run(self) -> None:
        """Until Ctrl-C or SIGTERM; raises `CannotRun` when it cannot even start."""
        self.lock.take(
            busy=f"This checkout is already running, with its data in {self.data}. Stop that run first."
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupt)
        try:
            self._start()
            self._watch()
        except KeyboardInterrupt:
            self.say("Stopping …")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self._stop()

    # -- starting -------------------------------------------------------------------------------------------

    def _start(self) -> None:
        port = free_port(self.wishes.port, needed=True)
        addresses = self._database()
        self.owner_url = addresses.owner
        self.variables = {
            "DATABASE_URL": addresses.web,
            "CELERY_BROKER_URL": self._broker(),
            "SECRET_KEY": given("SECRET_KEY") or secret_key(self.data),
            "TAKEDOWN_DATA": str(self.data),
            "ALLOWED_HOSTS": given("ALLOWED_HOSTS") or f"127.0.0.1,localhost,[::1],{EXHIBITS}",
            "EVIDENCE_ORIGIN": given("EVIDENCE_ORIGIN") or f"http://{EXHIBITS}:{port}",
            "STATIC_COMPRESSED": given("STATIC_COMPRESSED")
            or "0",  # takes 15 s, and saves nothing on one machine
            "SITE_URL": given("SITE_URL") or f"http://{HOST}:{port}",
            **self._mail(),
        }
        self._manage("migrate", "--no-input", url=self.owner_url)
        self._manage("collectstatic", "--no-input")
        write_note(self.data, self.variables, owner_url=self.owner_url)
        programs = self._programs(port)
        self._serve({name: programs.pop(name) for name in ("mailsink", "web") if name in programs})
        self._await_web(port)
        self._fill()
        self._serve(programs)
        self._serve(pretending.programs(self.data, f"http://{HOST}:{port}"))
        self._announce()

    def _database(self) -> Addresses:
        if url := given("DATABASE_URL"):
            self.say("Database: yours, from DATABASE_URL")
            return Addresses(owner=given("DATABASE_OWNER_URL") or url, web=url)
        home = reachable_home(self.data)
        self.postgres = Postgres(home)
        addresses = self.postgres.start()
        self.say(f"Database: PostgreSQL {self.postgres.major}, data in {self.postgres.data}")
        return addresses

    def _broker(self) -> str:
        if url := given("CELERY_BROKER_URL"):
            self.say("Broker: yours, from CELERY_BROKER_URL")
            return url
        self.valkey = Valkey(self.data)
        return self.valkey.start()

    def _mail(self) -> dict[str, str]:
        """The sink's address, unless the person named a mail server; then no sink is started."""
        if host := given("EMAIL_HOST"):
            self.say(f"Letters: sent through {host}, from EMAIL_HOST")
            return {"EMAIL_HOST": host}
        port = free_port(self.wishes.mail_port, needed=False)
        return {
            "EMAIL_HOST": HOST,
            "EMAIL_PORT": str(port),
            "EMAIL_TLS": "off",
            "EMAIL_HOST_USER": "",
            "REPLY_DOMAIN": given("REPLY_DOMAIN") or REPLY_DOMAIN,
        }

    def reply_domain(self) -> str:
        """For which mail is taken; empty if for none."""
        return self.variables.get("REPLY_DOMAIN") or given("REPLY_DOMAIN") or ""

    def _fill(self) -> None:
        """Before worker and clock start, so that letters of past days leave on their day."""
        if self.wishes.demo and self._is_empty():
            self.say("Making half a year of demonstration data, which takes some three minutes …")
            self._demonstrate()

    def _demonstrate(self) -> None:
        """An empty desk still works: say what went wrong and go on."""
        try:
            self._manage("demo")
        except CannotRun as problem:
            self.say(f"There is no demonstration data: {problem}")

    def _is_empty(self) -> bool:
        with psycopg.connect(self.owner_url) as connection:
            row = connection.execute("SELECT NOT EXISTS (SELECT FROM casework_case)").fetchone()
        return bool(row and row[0])

    def _manage(self, *arguments: str, url: str = "") -> None:
        """Run a management command to its end; its output is kept in a log, and shown when it fails."""
        log = self.logs / f"{arguments[0]}.log"
        log.write_text("")
        env = self._environment() | ({"DATABASE_URL": url} if url else {})
        command = [sys.executable, "manage.py", *arguments]
        process = spawn(command, log=log, env=env, cwd=self.wishes.root, inherited=self.lock.inherited)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            stop(process)
            raise
        if code:
            words = log.read_text(errors="replace").strip()[-1500:]
            raise CannotRun(f"`manage.py {arguments[0]}` failed ({ending(code)}):\n{words}")

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONUNBUFFERED": "1", **self.variables}

    def _serve(self, programs: dict[str, list[str]]) -> None:
        for name, arguments in programs.items():
            service = Service(
                name=name,
                command=[sys.executable, "-m", *arguments],
                log=self.logs / f"{name}.log",
                env=self._environment(),
                cwd=self.wishes.root,
                inherited=self.lock.inherited,
            )
            self.services.append(service)
            service.start()

    def _programs(self, port: int) -> dict[str, list[str]]:
        celery = ["celery", "-A", "config.celery:app"]
        clock = ["beat", "--loglevel", "INFO", "--pidfile", "", "--schedule", str(self.data / "beat")]
        worker = [
            "worker",
            "--loglevel",
            "INFO",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
        ]
        web = ["gunicorn", "--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "2"]
        web += ["--threads", "4", "--graceful-timeout", "5", "--no-control-socket", "config.wsgi:application"]
        programs = {"web": web, "worker": celery + worker, "beat": celery + clock}
        if not given("EMAIL_HOST"):
            sink = [
                "config.mailsink",
                "--port",
                self.variables["EMAIL_PORT"],
                "--folder",
                str(self.data / "mail"),
            ]
            programs = {"mailsink": sink, **programs}
        if self.reply_domain():
            self.reply_port = free_port(self.wishes.mail_port + 1, needed=False)
            programs["mailbox"] = ["manage", "receive_mail", "--host", HOST, "--port", str(self.reply_port)]
        return programs

    def _await_web(self, port: int) -> None:
        end = time.monotonic() + READY_SECONDS
        while not answers(port):
            if time.monotonic() > end:
                raise CannotRun(f"The web server does not answer; its log says why: {self.logs / 'web.log'}")
            self._look()
            time.sleep(0.05)
        self.say(
            f"The site answers after {time.monotonic() - self.began:.1f} s: {self.variables['SITE_URL']}/"
        )

    def _announce(self) -> None:
        self.say(f"\nReady after {time.monotonic() - self.began:.1f} s: {self.variables['SITE_URL']}/\n")
        self.say(self._accounts())
        if not given("EMAIL_HOST"):
            self.say(
                f"Letters go to no platform: read them at {self.variables['SITE_URL']}/mail/ (as an officer); "
                f"the files are in {self.data / 'mail'}"
            )
        if self.reply_domain():
            self.say(f"Replies are taken by SMTP at {HOST} port {self.reply_port}, for {self.reply_domain()}")
        if pretending.programs(self.data, ""):
            self.say("A checker looks at pretend platforms on this machine; it can reach no others.")
        self.say(f"Logs are in {self.logs}. Press Ctrl-C here to stop.")

    def _accounts(self) -> str:
        answer = subprocess.run(
            [sys.executable, "manage.py", "demo", "--accounts"],
            cwd=self.wishes.root,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.stdout

    # -- watching and stopping ------------------------------------------------------------------------------

    def _watch(self) -> None:
        while True:
            time.sleep(0.1)
            self._look()

    def _look(self) -> None:
        for server, name in ((self.postgres, "PostgreSQL"), (self.valkey, "Valkey")):
            if server is not None and not server.running():
                self.say(f"{name} ended; starting it again.")
                server.restart()
        for service in self.services:
            service.look(self.say)

    def _stop(self) -> None:
        """Programs first, all at once, then the servers that they use."""
        began = time.monotonic()
        for service in self.services:
            service.ask_to_stop()
        for service in self.services:
            service.stop()
        if self.valkey is not None:
            self.valkey.stop()
        if self.postgres is not None:
            self.postgres.stop()
        (self.data / NOTE).unlink(missing_ok=True)
        self.lock.release()
        self.say(f"Everything stopped, after {time.monotonic() - began:.1f} s.")


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def set_long_logs_aside(folder: Path) -> None:
    for log in folder.glob("*.log"):
        if log.stat().st_size > LONG_LOG_BYTES:
            log.rename(log.with_suffix(".log.old"))


def answers(port: int) -> bool:
    """Whether the site says that it is well."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
