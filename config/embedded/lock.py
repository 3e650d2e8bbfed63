"""One starter at a time, also after a kill.

The lock is handed to every child, so that it stays taken until the last process of a killed run is gone.
"""

import contextlib
import fcntl
import os
import time
from pathlib import Path

from config.embedded.problems import CannotRun


class Lock:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None

    def take(self, *, busy: str, patience: float = 30.0) -> None:
        """Take it or raise `CannotRun(busy)`: at once if the holder lives, else after `patience` seconds."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        end = time.monotonic() + patience
        while not _locked(descriptor):
            if _alive(os.pread(descriptor, 20, 0)) or time.monotonic() > end:
                os.close(descriptor)
                raise CannotRun(busy)
            time.sleep(0.05)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self.descriptor = descriptor

    def release(self) -> None:
        if self.descriptor is not None:
            os.ftruncate(self.descriptor, 0)
            os.close(self.descriptor)
            self.descriptor = None

    @property
    def inherited(self) -> tuple[int, ...]:
        """For `pass_fds` of a child."""
        return () if self.descriptor is None else (self.descriptor,)


def _locked(descriptor: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _alive(holder: bytes) -> bool:
    """Whether the process that took the lock still runs; an empty note means that it let go."""
    if not holder.strip():
        return False
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
