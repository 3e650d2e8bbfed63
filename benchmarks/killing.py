"""Senders that are killed (SIGKILL) at a named point of sending, one after another.

One process has loaded the program and holds no connection; for each kill it forks a sender, which works on the outbox
as every sender does and is dead at the point. Nothing is simulated but the moment of death.

python -m benchmarks.killing: reads the name of a point a line, and answers each with the row that was being sent.
"""

import contextlib
import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[1]
DOT = b".\r\n"
POINTS = (
    "before the claim",
    "after the claim",
    "before connecting",
    "after connecting",
    "after MAIL FROM",
    "in the middle of the text",
    "after the dot, before its reply",
    "after the reply, before the record",
    "accepted, not settled",
    "in the middle of settling",
)
# Where nobody can know whether the letter has arrived.
UNKNOWABLE = POINTS[6:8]


@dataclass
class Row:
    """What became of the notices whose senders died at one point."""

    point: str
    kills: int = 0
    lost: int = 0
    twice: int = 0
    unknown: int = 0
    arrived: int = 0  # of the unknown
    notices: list[str] = field(default_factory=list)


@contextlib.contextmanager
def killer(variables: Mapping[str, str]) -> Iterator[Callable[[str], int | None]]:
    """Call it with a point: a sender is killed there; gives the key of the row that it held, if it held one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.killing"], cwd=ROOT, env={**os.environ, **variables},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

    def kill_at(point: str) -> int | None:
        print(point, file=process.stdin, flush=True)
        said = json.loads(process.stdout.readline())  # type: ignore[union-attr]
        if said["signal"] != signal.SIGKILL:
            raise RuntimeError(f"{point}: the sender did not come to this point.")
        return said["row"]

    try:
        yield kill_at
    finally:
        process.communicate()


def table(rows: list[Row]) -> str:
    """As text, one line a point, with the sums."""
    lines = [f"{'killed':<36}{'kills':>7}{'lost':>7}{'twice':>7}{'unknown':>9}{'had arrived':>13}"]
    for row in [*rows, total(rows)]:
        lines.append(
            f"{row.point:<36}{row.kills:>7}{row.lost:>7}{row.twice:>7}{row.unknown:>9}{row.arrived:>13}"
        )
    return "\n".join(lines)


def total(rows: list[Row]) -> Row:
    names = ("kills", "lost", "twice", "unknown", "arrived")
    return Row("together", **{name: sum(getattr(row, name) for row in rows) for name in names})


# -- In the process that forks -------------------------------------------------------------------------------------


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    """Whoever calls it dies."""
    setattr(owner, name, die)


def after(owner: Any, name: str, when: Callable[..., bool] = lambda *_: True) -> None:
    """Whoever has called it dies when it has done its work."""
    act = getattr(owner, name)

    def acting(*given: Any, **more: Any) -> Any:
        came = act(*given, **more)
        if when(*given):
            die()
        return came

    setattr(owner, name, acting)


def half(self: smtplib.SMTP, text: bytes | str) -> None:
    """The first half of a text leaves, and no more."""
    if isinstance(text, bytes) and len(text) > 1000:
        self.sock.sendall(text[: len(text) // 2])  # type: ignore[union-attr]
        die()
    self.sock.sendall(text if isinstance(text, bytes) else text.encode())  # type: ignore[union-attr]


def arm(point: str, told: int) -> None:
    """Let this process die at the point; what it holds is written to `told` as soon as it holds it."""
    from notices import delivery, outbox, settling  # noqa: PLC0415 - only after the settings are there
    from notices.channels import mail  # noqa: PLC0415

    claim = outbox.claim

    def claiming(*given: Any, **more: Any) -> Any:
        rows = claim(*given, **more)
        for row in rows:
            os.write(told, str(row.pk).encode())
        return rows

    outbox.claim = claiming
    armed: dict[str, Callable[[], None]] = dict(
        zip(
            POINTS,
            (
                lambda: before(outbox, "claim"),
                lambda: after(outbox, "claim"),
                lambda: before(mail, "_connect"),
                lambda: after(mail, "_connect"),
                lambda: after(smtplib.SMTP, "mail"),
                lambda: setattr(smtplib.SMTP, "send", half),
                lambda: after(smtplib.SMTP, "send", lambda _, text: text == DOT),
                lambda: before(outbox, "accept"),
                lambda: before(settling, "settle"),
                lambda: before(delivery, "_receive_items"),
            ),
            strict=True,
        )
    )
    armed[point]()


def work() -> None:
    """Fork a sender for every line that comes in."""
    from notices import dispatch  # noqa: PLC0415

    for line in sys.stdin:
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            arm(line.strip(), writes)
            dispatch.send_due(limit=1)
            os._exit(0)
        os.close(writes)
        _, status = os.waitpid(child, 0)
        held = os.read(reads, 20)
        os.close(reads)
        row = int(held) if held else None
        print(
            json.dumps({"row": row, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}),
            flush=True,
        )


if __name__ == "__main__":
    django.setup()
    work()
