"""The kill drill: `kill -9` of every process of the run in turn while 200 letters go out by mail.

Nothing is simulated: `manage.py up` on a folder and ports of its own, its worker and its mail sink. Letters
whose outcome nobody can know are resolved as a person would, by looking whether the other side has them.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.surroundings import free_port
from config.embedded.throwaway import PREFIX

ROOT = Path(__file__).resolve().parents[1]
LETTERS = 200
LEASE_SECONDS = 5
SECONDS_BETWEEN_KILLS = 1.5
ROUNDS = 2
PATIENCE = 900
# What a program is known by among the words of its command; the pool's processes do the sending.
PROGRAMS = ("pool", "worker", "config.mailsink", "postgres", "valkey-server", "beat", "gunicorn")
KEPT = frozenset({"PATH", "HOME", "LANG", "TMPDIR"})


@dataclass
class Drill:
    """The counts of one drill; it is met when every letter arrived once."""

    counts: dict[str, int]
    kills: Counter[str]
    resolved: Counter[str]
    seconds: float
    before: dict[str, int] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return self.counts["arrived"] == self.counts["recorded as sent"] == LETTERS and not (
            self.counts["twice"] or self.counts["lost"]
        )

    def __str__(self) -> str:
        kills = ", ".join(f"{name} {number}" for name, number in self.kills.items())
        unknown = ", ".join(f"{number} {what}" for what, number in self.resolved.items()) or "none"
        counts = ", ".join(f"{number} {what}" for what, number in self.counts.items())
        return (
            f"kill -9 while {LETTERS} notices go out: {counts} in {self.seconds:.0f} s; unknown, resolved "
            f"by looking: {unknown}; killed: {kills}{'' if self.met else ' MISSED'}"
        )


def measure() -> Iterable[Drill]:
    with _run() as (process, variables):
        _desk(variables, "prepare", str(LETTERS))
        begun, kills, resolved = time.monotonic(), Counter[str](), Counter[str]()
        victims = itertools.chain.from_iterable([PROGRAMS] * ROUNDS)
        while time.monotonic() - begun < PATIENCE:
            states = _progress(variables)
            if states.get("sent") == LETTERS:
                break
            if states.get("sent") and (name := next(victims, "")):
                kills[name] += _kill(process.pid, name)
            if states.get("unknown"):
                resolved += _resolve(variables)
            time.sleep(SECONDS_BETWEEN_KILLS)
        yield Drill(_desk(variables, "count"), kills, resolved, time.monotonic() - begun)


@contextlib.contextmanager
def _run() -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    """The whole site in a folder of its own; its process, and the surroundings of a command beside it."""
    data = Path(tempfile.mkdtemp(prefix=PREFIX))
    data.chmod(0o755)  # as root the database runs under another account
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    quick = {"SEND_LEASE_SECONDS": str(LEASE_SECONDS), "EMAIL_TIMEOUT": "2"}
    variables = {**kept, **quick, "TAKEDOWN_DATA": str(data)}
    ports = ["--port", str(free_port(0, needed=True)), "--mail-port", "0"]
    with (data / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-demo", *ports],
            cwd=ROOT, env=variables, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        while "Press Ctrl-C" not in (data / "output").read_text():
            if process.poll() is not None:
                raise SystemExit((data / "output").read_text())
            time.sleep(0.2)
        yield process, variables
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(data, ignore_errors=True)


def _desk(variables: dict[str, str], *verb: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sending_desk", *verb],
        cwd=ROOT,
        env=variables | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"},
        check=True,
        capture_output=True,
        text=True,
    )
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


def _progress(variables: dict[str, str]) -> dict[str, int]:
    """Empty while the database is down."""
    with contextlib.suppress(subprocess.CalledProcessError):
        return _desk(variables, "progress")
    return {}


def _resolve(variables: dict[str, str]) -> Counter[str]:
    with contextlib.suppress(subprocess.CalledProcessError):
        return Counter(_desk(variables, "resolve"))
    return Counter()


def _kill(supervisor: int, name: str) -> int:
    """How many processes of this name were there to be killed."""
    if name == "pool":
        victims = [child for worker in _named(supervisor, "worker") for child in _children(worker)]
    else:
        victims = _named(supervisor, name)
    for victim in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    return len(victims)


def _named(supervisor: int, name: str) -> list[int]:
    return [child for child in _children(supervisor) if any(word.endswith(name) for word in _words(child))]


def _children(process: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def _words(process: int) -> list[str]:
    with contextlib.suppress(OSError):
        return re.split("[\0 ]", Path(f"/proc/{process}/cmdline").read_text())[:8]
    return []
