"""A child process that never outlives us and hears nothing of the terminal's Ctrl-C before we do."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.embedded.account import run_as

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path = Path("/"),
    account: pwd.struct_passwd | None = None,
    inherited: tuple[int, ...] = (),
    when_orphaned: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` with its output in `log`. Call it from the main thread: the kernel watches that thread.

    When we die, however that happens, the child gets `when_orphaned`.
    """
    parent = os.getpid()

    def prepare() -> None:
        os.setpgid(0, 0)
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, when_orphaned)
        if os.getppid() != parent:  # we died before the line above
            os._exit(1)

    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd=cwd,
            pass_fds=inherited,
            preexec_fn=prepare,
            **run_as(account),
        )


def stop(
    process: subprocess.Popen[bytes],
    *,
    ask: signal.Signals = signal.SIGTERM,
    patience: float = 20.0,
    insist: signal.Signals = signal.SIGKILL,
) -> None:
    """Ask the child to end; after `patience` seconds insist, with its whole process group."""
    if process.poll() is not None:
        return
    process.send_signal(ask)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, insist)
        process.wait(10)
