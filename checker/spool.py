"""What was found and not yet taken by the desk, on disk: a killed checker loses no finding and makes no look twice."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from time import time
from typing import Any, NamedTuple, Self

KEPT = 14 * 24 * 3600.0  # seconds that a finding stays after the desk has taken it
_TABLE = """CREATE TABLE IF NOT EXISTS finding (
    job TEXT PRIMARY KEY, attempt INTEGER NOT NULL, body TEXT NOT NULL, made REAL NOT NULL, state TEXT NOT NULL)"""
_WAITING = "CREATE INDEX IF NOT EXISTS waiting ON finding (made) WHERE state = 'waiting'"


class InUse(Exception):
    """Another checker keeps its findings in this file."""


class Spooled(NamedTuple):
    """One finding: the lease that it was made for, and what is posted."""

    job: str
    attempt: int
    body: dict[str, Any]


class Spool:
    """One file, of one running checker. Findings stay in it for two weeks after they were taken.

    A job that is leased again meanwhile, because the desk lost what it had (a restored backup) or never heard of it,
    was looked at: what was found then is told again, under its old time.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(
            path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise InUse(
                f"Another checker uses {path}. Give each its own token file, or its own --spool."
            ) from error
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing
        self._file.execute(_TABLE)
        self._file.execute(_WAITING)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        os.close(self._lock)

    def keep(self, job: str, attempt: int, body: dict[str, Any]) -> None:
        """Write down what was found; from now on it is not lost."""
        row = (job, attempt, json.dumps(body), time())
        self._file.execute("INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?, 'waiting')", row)

    def knows(self, job: str, attempt: int) -> bool:
        """Tell whether this job was looked at; if so, its finding is posted again, for this lease."""
        again = "UPDATE finding SET attempt = ?, state = 'waiting' WHERE job = ? AND state <> 'refused'"
        return self._file.execute(again, (attempt, job)).rowcount > 0

    def waiting(self, most: int) -> list[Spooled]:
        rows = self._file.execute(
            "SELECT job, attempt, body FROM finding WHERE state = 'waiting' ORDER BY made LIMIT ?", (most,)
        )
        return [Spooled(job, attempt, json.loads(body)) for job, attempt, body in rows]

    def taken(self, findings: Iterable[Spooled], *, refused: Iterable[str] = ()) -> None:
        """The desk has these; what it `refused` (by job) is kept and not posted again."""
        dropped = set(refused)
        marks = [("refused" if each.job in dropped else "taken", each.job, each.attempt) for each in findings]
        self._file.execute("BEGIN")
        self._file.executemany("UPDATE finding SET state = ? WHERE job = ? AND attempt = ?", marks)
        self._file.execute("DELETE FROM finding WHERE state <> 'waiting' AND made < ?", (time() - KEPT,))
        self._file.execute("COMMIT")
