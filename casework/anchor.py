"""The anchor: a file outside the database with a line for each seal, so that a history cut short or rewritten shows.

A line is JSON. One file may serve several databases: each line names its database (the server's own identifier and
the database's number in it) and its chain (the digest of seal 1), and either makes a line ours: a restored
database is another database with the same chain, a rewritten one the same database with another chain.
"""

import contextlib
import fcntl
import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection

from casework import seals, signing
from casework.models import Seal

TAIL = 64 * 1024


class Busy(Exception):
    """Somebody else is writing the file."""


@dataclass
class Anchored:
    """What the file knows: each seal's digest by number, what was given up and why, and lines that cannot be."""

    digests: dict[int, str] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)

    @property
    def last(self) -> int:
        return max(self.digests, default=0)

    def take(self, line: dict[str, Any]) -> None:
        if "restored_to" not in line:
            self.digests[line["seal"]] = line["digest"]
            return
        trusted = line["key"] in (signing.known_keys() or {line["key"]})
        if not (trusted and signing.is_signed(_loss(line), key=line["key"], signature=line["signature"])):
            self.broken.append(f"the anchor's word of a restored backup of {line['at']} is not signed by us")
            return
        self.losses.append(
            f"{line['lost']} seals after seal {line['restored_to']} were given up at {line['at']}: {line['reason']}"
        )
        self.digests = {n: known for n, known in self.digests.items() if n <= line["restored_to"]}


@dataclass(frozen=True)
class Ours:
    """By what a line is known to be ours."""

    database: str
    chain: str


def ours() -> Ours:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT system_identifier FROM pg_control_system()) || '-' || oid FROM pg_database "
            "WHERE datname = current_database()"
        )
        (database,) = cursor.fetchone()
    first = Seal.objects.filter(pk=1).first()
    return Ours(database, seals.digest(first) if first else "")


@contextlib.contextmanager
def held(path: Path) -> Iterator[BinaryIO]:
    """The file, open for this process alone; raises `Busy` at once if another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield stream


def read(stream: BinaryIO, us: Ours) -> Anchored:
    """All of the file. A last line without its end was being written when the writer died, and does not count."""
    stream.seek(0)
    known = Anchored()
    for number, text in enumerate(stream, start=1):
        if not text.endswith(b"\n"):
            break
        try:
            line = json.loads(text)
            if not _is_ours(line, us):
                known.others.add(line["database"])
                continue
            known.take(line)
        except (ValueError, KeyError, TypeError):
            known.broken.append(f"line {number} of the anchor cannot be read")
    return known


def last(stream: BinaryIO, us: Ours) -> tuple[int, str]:
    """Number and digest of the newest seal in the file, from its end; (0, "") if it has none of ours."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - TAIL))
    for text in reversed(stream.read().splitlines(keepends=True)):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            line = json.loads(text) if text.endswith(b"\n") else {}
            if "digest" in line and _is_ours(line, us):
                return line["seal"], line["digest"]
            if "restored_to" in line:
                break
    known = read(stream, us)
    return known.last, known.digests.get(known.last, "")


def append(stream: BinaryIO, sealed: Iterable[Seal], us: Ours) -> None:
    write(stream, (_line(seal, us) for seal in sealed))


def write_loss(stream: BinaryIO, us: Ours, *, restored_to: int, lost: int, reason: str, at: str) -> None:
    """A signed word that the seals after `restored_to` are gone because a backup was restored."""
    key = signing.private_key(may_make=False)
    line = {
        "at": at, "chain": us.chain, "database": us.database, "key": signing.public_half(key), "lost": lost,
        "reason": reason, "restored_to": restored_to,
    }  # fmt: skip
    write(stream, [{**line, "signature": signing.sign(_loss(line), key)}])


def write(stream: BinaryIO, lines: Iterable[dict[str, Any]]) -> None:
    """Add the lines, and be sure that they are on the disk; a torn line of a dead writer is taken away first."""
    content = b"".join(seals.canonical(line) + b"\n" for line in lines)
    if not content:
        return
    _mend(stream)
    stream.write(content)
    stream.flush()
    os.fsync(stream.fileno())


def _mend(stream: BinaryIO) -> None:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - TAIL))
    tail = stream.read()
    if tail and not tail.endswith(b"\n"):
        stream.truncate(size - len(tail) + tail.rfind(b"\n") + 1)
        stream.seek(0, io.SEEK_END)


def _line(seal: Seal, us: Ours) -> dict[str, Any]:
    return {
        "at": seal.sealed_at.isoformat(timespec="seconds"), "chain": us.chain, "database": us.database,
        "digest": seals.digest(seal), "seal": seal.pk,
    }  # fmt: skip


def _loss(line: dict[str, Any]) -> bytes:
    return seals.canonical({name: value for name, value in line.items() if name != "signature"})


def _is_ours(line: dict[str, Any], us: Ours) -> bool:
    return line["database"] == us.database or (bool(us.chain) and line["chain"] == us.chain)
