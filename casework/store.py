"""The evidence store: files under their SHA-256, written once, never changed."""

import hashlib
import os
import tempfile
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


def put_stream(stream: Readable, *, expected: str = "") -> str:
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
        target = path(sha256.hexdigest())
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(part).chmod(0o440)
            Path(part).rename(target)
    finally:
        Path(part).unlink(missing_ok=True)
    return sha256.hexdigest()


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
