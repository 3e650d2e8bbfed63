"""One program of the embedded run: started, watched, started again with growing pauses."""

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.child import spawn, stop

STEADY_SECONDS = 10.0
LONGEST_PAUSE = 30.0


@dataclass
class Service:
    name: str
    command: list[str]
    log: Path
    env: Mapping[str, str]
    cwd: Path
    inherited: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float | None = field(default=None)

    def start(self) -> None:
        self.process = spawn(self.command, log=self.log, env=self.env, cwd=self.cwd, inherited=self.inherited)
        self.started = time.monotonic()
        self.due = None

    def look(self, say: Callable[[str], None]) -> None:
        """Notice an end, plan the next start, and start when it is due."""
        now = time.monotonic()
        if self.due is not None:
            if now >= self.due:
                self.start()
            return
        if self.process is None or (code := self.process.poll()) is None:
            return
        self.failures = 1 if now - self.started > STEADY_SECONDS else self.failures + 1
        pause = min(0.25 * 2**self.failures, LONGEST_PAUSE)
        self.due = now + pause
        say(f"{self.name} ended ({ending(code)}); starting it again in {pause:.1f} s. Its log: {self.log}")

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()


def ending(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"killed by signal {-code}"
