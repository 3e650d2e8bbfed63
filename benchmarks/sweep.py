"""A sweep through the whole path: database, API, real checkers, pretend platforms; programs are killed on the way.

By the environment: SWEEP_ADDRESSES (10,000), SWEEP_CHECKERS (2), SWEEP_KILLS (1: checker, planner and server are killed
in turn), SWEEP_CAPTURES (1: each look leaves files), SWEEP_PATIENCE (1,200 seconds).
"""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from ssl import create_default_context
from typing import Any

import httpcore2
from django.db import connection
from django.db.models import Count, F, Max
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from benchmarks.figures import Figure, database_processor, processor, seconds
from casework import cases, checkers, intake, visits
from casework.models import Check, CheckJob, Item, Visit
from checker.connection import GuardedBackend
from checker.fetch import Target
from checker.pretence import Pretence
from platforms.models import Platform

ADDRESSES = int(os.environ.get("SWEEP_ADDRESSES", "10000"))
CHECKERS = int(os.environ.get("SWEEP_CHECKERS", "2"))
KILLS = os.environ.get("SWEEP_KILLS", "1") == "1"
CAPTURES = os.environ.get("SWEEP_CAPTURES", "1") == "1"
PATIENCE = float(os.environ.get("SWEEP_PATIENCE", "1200"))
AIM = 0.6  # of a bare loop that has the machine for itself, and of which nothing is killed
GOOD = ("live", "missing", "removed", "suspended", "soft", "consent", "private", "login")
HOSTILE = ("slow", "huge", "bomb", "broken", "closed", "circle", "limited", "wide")
GONE = ("missing", "removed", "suspended", "soft")
AT_ONCE = 40
LATE = 3600.0  # seconds after which a look is not in time
MARGIN = 30.0  # MB: what the pages of hostile hosts take for a moment
ROOT = Path(__file__).resolve().parents[1]


def measure() -> Iterator[Any]:
    with tempfile.TemporaryDirectory(prefix="sweep-") as folder:
        sweep = Sweep(Path(folder))
        try:
            sweep.prepare()
            bare = seconds(sweep.read_bare)
            ours = sweep.run()
        finally:
            sweep.end()
        yield sweep.counted()
        yield sweep.memory_of()
        name = f"{len(sweep.good)} good of {ADDRESSES} addresses looked at through the desk"
        yield Figure(name, ours, "the same client in a bare loop", bare, AIM, sweep.spent_by())


class Sweep:
    """One run; every program of it is a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.commands: dict[str, list[str]] = {}
        self.memory: list[tuple[str, float, float]] = []  # of which checker, at what share done, MB
        self.spent: dict[int, tuple[str, float]] = {}
        self.behaviours, self.good = behaviours(), list[str]()
        self.killed: list[str] = []
        self.bare = self.database = 0.0  # seconds of a processor

    # -- before ----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        admin = User.objects.add("administrator@sweep.example", role=Role.ADMINISTRATOR)
        officer = User.objects.add("officer@sweep.example", role=Role.OFFICER)
        case = cases.open_case("SWEEP", title="Sweep", by=officer)
        rows = [
            intake.NewItem(address=address, title="good" if does in GOOD else "hostile")
            for address, does in self.behaviours.items()
        ]
        for start in range(0, len(rows), 5000):
            intake.identify(rows[start : start + 5000], case=case, by=officer)
        self.good = [address for address, does in self.behaviours.items() if does in GOOD]
        now = timezone.now()
        Item.objects.update(
            status="notified", notified_at=now - timedelta(hours=2), received_at=now - timedelta(hours=2),
            next_check_at=now,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        visits.decide(Platform.objects.get(slug="web"), country="GB", logged_in=False, allowed=True,
                      note_sha256=visits.NOTE_SHA256, by=admin)  # fmt: skip
        told, world = self.folder / "behaviours.json", self.folder / "world.json"
        told.write_text(json.dumps(self.behaviours))
        self.commands["world"] = ["checker.pretend", str(told), str(world)]
        self.commands["server"] = [
            "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--workers", "1",
            "--threads", "4", "--no-control-socket", "config.wsgi:application",
        ]  # fmt: skip
        self.commands["planner"] = ["benchmarks.sweep_planner"]
        for number in range(CHECKERS):
            _, secret = checkers.add_checker(f"Sweep {number}", country="GB", by=admin)
            token = self.folder / f"token-{number}"
            token.write_text(secret)
            self.commands[f"checker {number}"] = [
                "checker", "--api", f"http://127.0.0.1:{self.port}", "--token-file", str(token), "--interval", "0.05",
                "--concurrency", str(AT_ONCE), "--pretend", str(world), *([] if CAPTURES else ["--no-captures"]),
            ]  # fmt: skip
        self.start("world")
        _until(world.exists)
        connection.close()

    def read_bare(self) -> None:
        begun = time.process_time()
        asyncio.run(_read_all(self.good, Pretence.read(self.folder / "world.json")))
        self.bare = time.process_time() - begun

    # -- the run ---------------------------------------------------------------------------------------------------

    def run(self) -> float:
        """Seconds until every good address was looked at."""
        self.start("server")
        _until(lambda: _answers(self.port))
        begun, before = time.monotonic(), database_processor()
        for name in self.commands:
            if name not in self.processes:
                self.start(name)
        victims = {0.25: "checker 0", 0.45: "planner", 0.65: "server"} if KILLS else {}
        done, took = 0, 0.0
        while not took or CheckJob.objects.filter(state__in=["waiting", "leased"]).exists():
            if time.monotonic() - begun > PATIENCE:
                raise SystemExit(f"Only {done} of {len(self.good)} good addresses were looked at in time.")
            time.sleep(0.5)
            done = self.done()
            self.look_after(done)
            for share in [share for share in victims if done >= share * len(self.good)]:
                self.kill(victims.pop(share))
            if done == len(self.good) and not took:
                took = time.monotonic() - begun
                self.database = database_processor() - before
        time.sleep(3)  # what is written down is posted
        return took

    def done(self) -> int:
        """How many of the good were looked at."""
        looks = Check.objects.filter(item__title="good", method="automatic")
        return looks.aggregate(items=Count("item", distinct=True))["items"]

    def start(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        environment = {**os.environ, "CHECK_LEASE_SECONDS": "40", "CHECK_SPREAD_SECONDS": "1",
                       "CHECKS_PER_HOST_AND_MINUTE": "100000", "CHECK_PAUSE_SECONDS": "2"}  # fmt: skip
        command = [sys.executable, "-m", *self.commands[name]]
        self.processes[name] = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def look_after(self, done: int) -> None:
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(name)
                continue
            self.spent[process.pid] = (name, processor(process.pid))
            if name.startswith("checker"):
                self.memory.append((name, done / len(self.good), _resident(process.pid)))

    def kill(self, name: str) -> None:
        process = self.processes[name]
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False
        )
        for pid in (process.pid, *map(int, children.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        self.killed.append(name)

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(40)
            process.kill()

    # -- after -----------------------------------------------------------------------------------------------------

    def counted(self) -> "Counted":
        """What was found, by the checkers' own files, and what the desk has of it."""
        found = [row for file in self.folder.glob("token-*.spool") for row in _spooled(file)]
        kept = {(str(job), seen_at) for job, seen_at in Visit.objects.values_list("job__key", "seen_at")}
        looks = Check.objects.filter(method="automatic")
        waited = Visit.objects.filter(look__item__title="good").aggregate(
            longest=Max(F("look__at") - F("job__due_at"))
        )["longest"]
        return Counted(
            killed=self.killed,
            good=len(self.good),
            good_seen=self.done(),
            longest_wait=waited.total_seconds(),
            found=len(found),
            lost=sum(row not in kept for row in found),
            twice=looks.count() - len(kept),
            false_gone=looks.filter(
                verdict__in=["gone", "account_gone"],
                item__address__in=[each for each, does in self.behaviours.items() if does not in GONE],
            ).count(),
        )

    def memory_of(self) -> "Memory":
        def largest(begin: float, end: float) -> float:
            return max((size for _, share, size in self.memory if begin <= share <= end), default=0.0)

        return Memory([largest(fifth / 5, (fifth + 1) / 5) for fifth in range(5)])

    def spent_by(self) -> str:
        """Where the time goes: milliseconds of processors, starting included, for each address."""
        spent = Counter({"bare loop": self.bare})
        for name, of_it in self.spent.values():
            spent[name.split()[0]] += of_it
        spent["database"] = self.database
        told = (f"{name} {1000 * of_it / ADDRESSES:.2f}" for name, of_it in spent.items())
        return f"; ms of processors for each address: {', '.join(told)}"


@dataclass
class Counted:
    """Met when each good address was seen within the hour, nothing was lost or counted twice, none is falsely gone."""

    killed: list[str]
    good: int
    good_seen: int
    longest_wait: float  # seconds from when a look was due
    found: int
    lost: int
    twice: int
    false_gone: int

    @property
    def met(self) -> bool:
        is_in_time = self.good_seen == self.good and self.longest_wait < LATE
        return is_in_time and not (self.lost or self.twice or self.false_gone)

    def __str__(self) -> str:
        killed = ", ".join(self.killed) or "none"
        return (
            f"Killed: {killed}. Good addresses: {self.good}, seen: {self.good_seen}, the last "
            f"{self.longest_wait:.0f} s after it was due. Findings: {self.found}, lost: {self.lost}, counted twice: "
            f"{self.twice}, falsely gone: {self.false_gone}{'' if self.met else ' MISSED'}"
        )


@dataclass
class Memory:
    """Of the largest checker, in MB, by fifths of the way. Met when the last is at most `MARGIN` above the second."""

    fifths: list[float]

    @property
    def met(self) -> bool:
        return self.fifths[4] <= self.fifths[1] + MARGIN

    def __str__(self) -> str:
        told = ", ".join(f"{size:.0f}" for size in self.fifths)
        return f"MB of the largest checker, by fifths of the way: {told}{'' if self.met else ' MISSED'}"


def behaviours() -> dict[str, str]:
    """Addresses on many hosts; one in twenty is hostile, and so is its host."""
    found = {}
    for number in range(ADDRESSES):
        hostile = number % 20 == 7
        host = f"hostile-{number}" if hostile else f"site-{number % 400}"
        does = HOSTILE[(number // 20) % len(HOSTILE)] if hostile else GOOD[number % len(GOOD)]
        found[f"https://{host}.example/offers/{4_711_000_000 + number}"] = does
    return found


async def _read_all(addresses: list[str], pretence: Pretence) -> None:
    tls, places = create_default_context(cafile=pretence.authority), asyncio.Semaphore(AT_ONCE)

    async def read(address: str) -> None:
        backend = GuardedBackend(Target("site.example", 443, ["127.0.0.1"]), pretence)
        async with places, httpcore2.AsyncConnectionPool(ssl_context=tls, network_backend=backend) as pool:
            await pool.request("GET", address, headers={"Connection": "close"})

    await asyncio.gather(*map(read, addresses))


def _spooled(file: Path) -> Iterator[tuple[str, Any]]:
    for job, body in sqlite3.connect(file).execute("SELECT job, body FROM finding"):
        yield job, timezone.datetime.fromisoformat(json.loads(body)["at"])


def _resident(pid: int) -> float:
    """MB."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
    return 0.0


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _until(holds: Any) -> None:
    end = time.monotonic() + 60
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("A program of the sweep did not start.")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
