"""What was found and not yet taken by the desk, on disk: a killed checker loses no finding and makes no look twice."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import time
from typing import Any, NamedTuple, Self

from checker.captures import Capture

KEPT = 14 * 24 * 3600.0  # seconds that a finding stays after the desk has taken it
MOST_ON_DISK = 5_000_000_000  # bytes of files that wait
LONGEST_REASON = 300
_TABLES = (
    """CREATE TABLE IF NOT EXISTS finding (
    job TEXT PRIMARY KEY, attempt INTEGER NOT NULL, body TEXT NOT NULL, made REAL NOT NULL, state TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS waiting ON finding (made) WHERE state = 'waiting'",
    """CREATE TABLE IF NOT EXISTS file (
    job TEXT NOT NULL REFERENCES finding ON DELETE CASCADE, kind TEXT NOT NULL, sha256 TEXT NOT NULL,
    PRIMARY KEY (job, kind))""",
    "CREATE INDEX IF NOT EXISTS content ON file (sha256)",
)
_NEEDED = "SELECT 1 FROM file JOIN finding USING (job) WHERE sha256 = ? AND state = 'waiting' LIMIT 1"


class InUse(Exception):
    """Another checker keeps its findings in this file."""


class Spooled(NamedTuple):
    """One finding: the lease that it was made for, what is posted, when it was made, and its files' hashes by kind."""

    job: str
    attempt: int
    body: dict[str, Any]
    made: float = 0.0
    files: dict[str, str] = {}


class Spool:
    """One file, of one running checker. Findings stay in it for two weeks after they were taken.

    A job that is leased again meanwhile, because the desk lost what it had (a restored backup) or never heard of it,
    was looked at: what was found then is told again, under its old time.

    The files of looks lie beside it in a folder, each under its SHA-256, until the desk has the findings that name
    them.
    """

    def __init__(self, path: Path, *, most: int = MOST_ON_DISK) -> None:
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
        self._file.execute("PRAGMA foreign_keys = ON")
        for statement in _TABLES:
            self._file.execute(statement)
        self._folder, self._most = path.with_name(f"{path.name}.files"), most
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._size = 0
        self._tidy()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        os.close(self._lock)

    def keep(self, job: str, attempt: int, body: dict[str, Any], files: Sequence[Capture] = ()) -> None:
        """Write down what was found, its files first; from now on it is not lost.

        Where there is no room for the files the finding stays without them and says so.
        """
        try:
            named = {each.kind: self._put(each) for each in files}
        except OSError as problem:
            named, body = {}, _reasoned(body, f"there was no room for its files: {problem.strerror}")
        self._file.execute("BEGIN")
        row = (job, attempt, json.dumps(body), time())
        self._file.execute("INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?, 'waiting')", row)
        self._file.executemany(
            "INSERT INTO file VALUES (?, ?, ?)", [(job, kind, sha256) for kind, sha256 in named.items()]
        )
        self._file.execute("COMMIT")

    def file(self, sha256: str) -> Path:
        """Where this content lies, while it is needed."""
        return self._folder / sha256

    def knows(self, job: str, attempt: int) -> bool:
        """Tell whether this job was looked at; if so, its finding is posted again, for this lease."""
        again = "UPDATE finding SET attempt = ?, state = 'waiting' WHERE job = ? AND state <> 'refused'"
        return self._file.execute(again, (attempt, job)).rowcount > 0

    def waiting(self, most: int) -> list[Spooled]:
        """Return the oldest findings that the desk has not taken."""
        rows = self._file.execute(
            "SELECT job, attempt, body, made,"
            " (SELECT json_group_object(kind, sha256) FROM file WHERE file.job = finding.job)"
            " FROM finding WHERE state = 'waiting' ORDER BY made LIMIT ?",
            (most,),
        )
        return [
            Spooled(job, attempt, json.loads(body), made, json.loads(files))
            for job, attempt, body, made, files in rows
        ]

    def without(self, finding: Spooled, kinds: Iterable[str], why: str) -> Spooled:
        """Take files off a finding, which says why; returns what is left to be posted."""
        dropped = set(kinds)
        body = _reasoned(finding.body, why)
        left = {kind: sha256 for kind, sha256 in finding.files.items() if kind not in dropped}
        self._file.execute("BEGIN")
        self._file.execute("UPDATE finding SET body = ? WHERE job = ?", (json.dumps(body), finding.job))
        self._file.executemany(
            "DELETE FROM file WHERE job = ? AND kind = ?", [(finding.job, kind) for kind in dropped]
        )
        self._file.execute("COMMIT")
        self._drop(finding.files[kind] for kind in dropped)
        return finding._replace(body=body, files=left)

    def taken(self, findings: Iterable[Spooled], *, refused: Iterable[str] = ()) -> None:
        """The desk has these; what it `refused` (by job) is kept and not posted again. Their files are let go."""
        findings, dropped = list(findings), set(refused)
        marks = [("refused" if each.job in dropped else "taken", each.job, each.attempt) for each in findings]
        self._file.execute("BEGIN")
        self._file.executemany("UPDATE finding SET state = ? WHERE job = ? AND attempt = ?", marks)
        self._file.execute("DELETE FROM finding WHERE state <> 'waiting' AND made < ?", (time() - KEPT,))
        self._file.execute("COMMIT")
        self._drop(sha256 for each in findings for sha256 in each.files.values())

    # -- files -----------------------------------------------------------------------------------------------------

    def _put(self, capture: Capture) -> str:
        """Write one file, complete or not at all; raises `OSError`."""
        sha256, size = capture.sha256, len(capture.content)
        place = self.file(sha256)
        if place.exists():
            return sha256
        if self._size + size > self._most:
            raise OSError(0, "too much waits for the desk")
        part = place.with_suffix(".part")
        part.write_bytes(capture.content)
        part.rename(place)
        self._size += size
        return sha256

    def _drop(self, contents: Iterable[str]) -> None:
        """Delete what no waiting finding names."""
        for sha256 in set(contents):
            place = self.file(sha256)
            if place.exists() and not self._file.execute(_NEEDED, (sha256,)).fetchone():
                self._size -= place.stat().st_size
                place.unlink()

    def _tidy(self) -> None:
        """Delete what a kill left behind, and weigh the rest."""
        for part in self._folder.glob("*.part"):
            part.unlink()
        self._size = sum(place.stat().st_size for place in self._folder.iterdir())
        self._drop([place.name for place in self._folder.iterdir()])


def _reasoned(body: dict[str, Any], why: str) -> dict[str, Any]:
    """The finding, with why its files are missing after its own reason."""
    said = str(body.get("reason", ""))
    reason = "; ".join(part for part in (said, why) if part)
    return {**body, "reason": reason[:LONGEST_REASON]}
