"""The evidence store: files under their SHA-256, written once, never changed."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings


class OtherContent(Exception):
    """What was sent has not the hash that it was said to have; the message names both."""


class Readable(Protocol):
    """Whatever can be read from in parts."""

    def read(self, size: int, /) -> bytes: ...


def path(sha256: str) -> Path:
    return Path(settings.EVIDENCE_DIR) / sha256[:2] / sha256


def waiting(sha256: str) -> Path:
    """Where a file waits that was sent before anything names it."""
    return Path(settings.EVIDENCE_DIR) / "waiting" / sha256


def put(content: bytes) -> str:
    """Keep the bytes and return their SHA-256 in hexadecimal; the same bytes are kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = path(sha256)
    if target.exists():
        return sha256
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=target.parent, prefix="part-")
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    Path(part).chmod(0o440)
    Path(part).rename(target)
    return sha256


def put_stream(stream: Readable, *, expected: str = "", place: Callable[[str], Path] = path) -> str:
    """As `put`, for a file that need not fit into memory; reads on from where the stream stands.

    Keeps nothing and raises `OtherContent` unless it has the expected hash, if one is given.
    """
    folder = Path(settings.EVIDENCE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=folder, prefix="part-")
    sha256 = hashlib.sha256()
    try:
        with os.fdopen(descriptor, "wb") as kept:
            while block := stream.read(1024**2):
                sha256.update(block)
                kept.write(block)
            kept.flush()
            os.fsync(kept.fileno())
        if expected and sha256.hexdigest() != expected:
            raise OtherContent(f"what came has the SHA-256 {sha256.hexdigest()}, not {expected}")
        target = place(sha256.hexdigest())
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(part).chmod(0o440)
            Path(part).rename(target)
    finally:
        Path(part).unlink(missing_ok=True)
    return sha256.hexdigest()


def find(sha256: str) -> Path | None:
    """Where a file lies, kept or waiting."""
    return next((place for place in (path(sha256), waiting(sha256)) if place.is_file()), None)


def take_in(sha256: str) -> None:
    """From now on a file that waited is kept; raises `FileNotFoundError` where there is none."""
    target = path(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        waiting(sha256).rename(target)
    except FileNotFoundError:
        if not target.is_file():
            raise


def clear_waiting(before: datetime) -> int:
    """Delete what has waited since then, and nothing has named; returns how many files."""
    cleared = 0
    for file in waiting("").glob("*"):
        with suppress(FileNotFoundError):  # it was taken in this very moment
            if file.stat().st_mtime < before.timestamp():
                file.unlink()
                cleared += 1
    return cleared


def get(sha256: str) -> bytes:
    """The bytes kept under the hash; raises `FileNotFoundError`."""
    return path(sha256).read_bytes()


def verify(sha256: str) -> bool:
    """Whether the file is there and still hashes to its name."""
    target = path(sha256)
    if not target.is_file():
        return False
    with target.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
