"""The whole embedded run, as `make run` starts it: killed in parts, as a whole, and stopped."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded.surroundings import free_port
from config.embedded.throwaway import PREFIX

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("postgres", "valkey-server", "gunicorn", "worker", "beat", "config.mailsink")
PATIENCE = 180.0  # seconds, for a program to do what it will do at once on a quiet machine

pytestmark = pytest.mark.slow


class Run:
    """One `manage.py up` on data and ports of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port(0, needed=True)
        self.output = data / "output"
        self.start()

    def start(self) -> None:
        kept = {
            name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "manage.py",
                    "up",
                    "--no-demo",
                    "--port",
                    str(self.port),
                    "--mail-port",
                    "0",
                ],
                cwd=ROOT,
                env={**kept, "TAKEDOWN_DATA": str(self.data)},
                stdout=output,
                stderr=output,
            )
        assert eventually(lambda: "Press Ctrl-C" in self.said() or self.process.poll() is not None), (
            self.said()
        )
        assert "Ready after" in self.said()

    def said(self) -> str:
        return self.output.read_text()

    def programs(self) -> dict[str, int]:
        """Process of each program, by its name in PROGRAMS."""
        found: dict[str, int] = {}
        for child in children(self.process.pid):
            words = command_of(child)
            found |= {name: child for name in PROGRAMS if any(word.endswith(name) for word in words)}
        return found

    def is_well(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@pytest.fixture
def run(open_folder: Callable[[str], Path]) -> Iterator[Run]:
    run = Run(open_folder(PREFIX))
    yield run
    run.process.kill()
    run.process.wait()


def children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def family(process: int) -> list[int]:
    return [member for child in children(process) for member in (child, *family(child))]


def command_of(process: int) -> list[str]:
    """Its first words, none if it has ended; a server may have written its title over them, with blanks between."""
    try:
        return re.split("[\0 ]", Path(f"/proc/{process}/cmdline").read_text())[:8]
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_every_killed_program_comes_back_and_ctrl_c_leaves_nothing(run: Run) -> None:
    first = run.programs()
    assert set(first) == set(PROGRAMS)

    for process in first.values():
        os.kill(process, signal.SIGKILL)

    assert eventually(lambda: set(run.programs()) == set(PROGRAMS)), run.said()
    assert not set(run.programs().values()) & set(first.values())
    assert eventually(run.is_well), run.said()

    everybody = family(run.process.pid)
    run.process.send_signal(signal.SIGINT)

    assert run.process.wait(PATIENCE) == 0
    assert [process for process in everybody if alive(process)] == []
    assert not (run.data / "running.json").exists()
    assert "Everything stopped" in run.said()


def test_second_run_is_refused_and_a_killed_run_takes_everything_down(run: Run) -> None:
    second = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={**os.environ, "TAKEDOWN_DATA": str(run.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "is already running" in second.stderr
    assert run.is_well()

    everybody = family(run.process.pid)
    run.process.kill()
    run.process.wait()

    assert eventually(lambda: not any(alive(process) for process in everybody))
    run.start()
    assert run.is_well()
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(PATIENCE) == 0
