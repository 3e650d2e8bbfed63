"""The outbox's ledger, a file outside the database: by it a sender notices that a backup was restored.

Each claim is written down before anything of it leaves. A database that does not know of a claim in the ledger,
or is another than the one that made it, is an earlier state: what it has queued may have gone out since.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from casework import anchor
from notices import outbox
from notices.models import Attempt, Dispatch, DispatchState
from platforms.models import ChannelKind

TAIL = 8 * 1024  # bytes: the last hundred claims
HELD = "A backup was restored; whether this went out after the backup was made is not known."


def note(claimed: Iterable[Dispatch]) -> None:
    """Write claims down, and be sure that they are on the disk."""
    database = _database()
    _write(*({"database": database, "dispatch": row.pk, "attempt": row.attempts} for row in claimed))


def hold_restored() -> int:
    """In a restored database leave all that is queued to a person, as of unknown outcome; returns how much that was.

    What had been accepted when the backup was made has left, and needs nobody.
    """
    if not _is_restored():
        return 0
    with transaction.atomic():
        waiting = Dispatch.objects.open().exclude(state__in=[DispatchState.ACCEPTED, DispatchState.UNKNOWN])
        rows = waiting.exclude(channel__kind=ChannelKind.BY_HAND).select_related("notice")
        held = list(rows.select_for_update(of=("self",)).order_by("pk"))
        for row in held:
            outbox.leave_unknown(row, HELD)
    _write({"database": _database(), "held": len(held)})
    return len(held)


def _is_restored() -> bool:
    """Whether the ledger knows more than the database, or nothing of what the database has sent."""
    begun = Attempt.objects.exists()  # asked first: the ledger is begun before the first attempt
    if not (lines := _tail()):
        if not begun:
            _write({"database": _database(), "held": 0})
        return begun
    if lines[-1]["database"] != _database():
        return True
    since = max((n for n, line in enumerate(lines) if "held" in line), default=-1)
    claims = {line["dispatch"]: line["attempt"] for line in lines[since + 1 :]}
    known = dict(Dispatch.objects.filter(pk__in=claims).values_list("pk", "attempts"))
    return any(known.get(pk, 0) < attempt for pk, attempt in claims.items())


def _tail() -> list[dict[str, Any]]:
    """The last whole lines; one without its end was being written when the writer died, and nothing left."""
    path: Path = settings.OUTBOX_LEDGER_FILE
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - TAIL))
            content = stream.read()
    except FileNotFoundError:
        return []
    lines = content.splitlines(keepends=True)[1 if len(content) == TAIL else 0 :]
    return [json.loads(line) for line in lines if line.endswith(b"}\n") and line.startswith(b"{")]


def _write(*lines: dict[str, Any]) -> None:
    path: Path = settings.OUTBOX_LEDGER_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # One write, which others' do not come between; the break before it ends what a killed writer left.
        os.write(descriptor, b"".join(b"\n" + json.dumps(line).encode() + b"\n" for line in lines))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _database() -> str:
    return anchor.ours().database
