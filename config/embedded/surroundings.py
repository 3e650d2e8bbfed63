"""What the programs of the embedded run find in their environment, and how a command beside them joins in."""

import contextlib
import json
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.embedded.problems import CannotRun

NOTE = "running.json"
UNKNOWN_YET = {"DATABASE_URL": "postgresql:///not-started-yet", "SECRET_KEY": "not made yet"}
OWNERS_COMMANDS = frozenset({"migrate"})


def data_folder(root: Path) -> Path:
    return Path(os.environ.get("TAKEDOWN_DATA") or root / "var").absolute()


def given(name: str) -> str | None:
    """The variable as the person set it; our own placeholders do not count."""
    value = os.environ.get(name) or None
    return None if value == UNKNOWN_YET.get(name) else value


def secret_key(data: Path) -> str:
    """Made once, readable by its owner alone."""
    path = data / "secret_key"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(50))
    return path.read_text()


def free_port(wanted: int, *, needed: bool) -> int:
    """`wanted` if nobody listens there; else another, or `CannotRun` when it is `needed`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as error:
            if needed:
                raise CannotRun(
                    f"Port {wanted} cannot be used ({error.__class__.__name__}: {error}). "
                    "Stop what listens there, or choose another: make run PORT=8001"
                ) from error
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_note(data: Path, variables: Mapping[str, str], *, owner_url: str) -> None:
    """Leave word for commands typed beside the run; it holds the key, so only we may read it."""
    path = data / NOTE
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(
            {"pid": os.getpid(), "variables": dict(variables), "owner_url": owner_url}, stream, indent=1
        )


def join(arguments: Sequence[str], *, root: Path) -> None:
    """Called by manage.py before the settings are read.

    `up` starts without a database. Any other command, when DATABASE_URL is not set, works on the database of
    the run that is going on in this checkout, if there is one.
    """
    command = arguments[1] if len(arguments) > 1 else "help"
    if command == "up":
        for name, value in UNKNOWN_YET.items():
            os.environ.setdefault(name, value)
    elif "DATABASE_URL" not in os.environ and (note := _note(data_folder(root))):
        for name, value in note["variables"].items():
            os.environ.setdefault(name, value)
        if command in OWNERS_COMMANDS:
            os.environ["DATABASE_URL"] = note["owner_url"]


def _note(data: Path) -> dict[str, Any] | None:
    """The note of a run that still goes on."""
    try:
        note: dict[str, Any] = json.loads((data / NOTE).read_text())
        os.kill(note["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    return note
