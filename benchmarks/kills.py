"""A thousand notices whose senders are killed (SIGKILL) at ten named points: how many are lost, twice, unknown.

Each notice meets one kill; then the leases run out and ordinary senders finish the work. What nobody can know is
resolved as a person would, by looking whether the other side has it. `NOTICES` in the environment sets how many.
"""

import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from benchmarks import letters
from benchmarks.killing import POINTS, UNKNOWABLE, Row, killer, table, total
from benchmarks.recorder import recorded, running
from notices import dispatch
from notices.models import Dispatch, DispatchState, Notice

NOTICES = int(os.environ.get("NOTICES", "1000"))
LATER = timedelta(minutes=5)  # the leases have run out


@dataclass
class Drill:
    """Met when nothing is lost, nothing arrived twice, and only what cannot be known was unknown."""

    notices: int
    rows: list[Row]
    seconds: float

    @property
    def met(self) -> bool:
        together = total(self.rows)
        knowable = [row.unknown for row in self.rows if row.point not in UNKNOWABLE]
        return not (together.lost or together.twice or any(knowable))

    def __str__(self) -> str:
        return (
            f"SIGKILL at ten points of sending, {self.notices} notices, {self.seconds:.0f} s:\n"
            f"{table(self.rows)}{'' if self.met else ' MISSED'}"
        )


def measure() -> Iterable[Drill]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recorded"
        with running(file) as port:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
            letters.queued(NOTICES, reference="KILLS")
            begun = time.monotonic()
            rows = drill(NOTICES, file, {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)})
            yield Drill(NOTICES, rows, time.monotonic() - begun)


def drill(number: int, file: Path, variables: Mapping[str, str]) -> list[Row]:
    """Kill a sender for each of so many letters that wait, in turn at every point, and let others finish."""
    rows = {point: Row(point) for point in POINTS}
    points = [POINTS[each % len(POINTS)] for each in range(number)]
    held: dict[int, Row] = {}
    with killer(variables) as kill_at:
        for point in points:
            row = rows[point]
            row.kills += 1
            if (key := kill_at(point)) is not None:
                held[key] = row
    _finish(held, file)
    _count(held, rows[POINTS[0]], file)
    return list(rows.values())


def _finish(held: Mapping[int, Row], file: Path) -> None:
    """What other senders do when the leases have run out, and a person with what is unknown."""
    by = letters.officer()
    while dispatch.send_due(timezone.now() + LATER):
        pass
    for unknown in Dispatch.objects.filter(state=DispatchState.UNKNOWN).select_related("notice"):
        arrived = unknown.notice.message_id in recorded(file)
        held[unknown.pk].unknown += 1
        held[unknown.pk].arrived += arrived
        dispatch.resolve_unknown(unknown, arrived=arrived, by=by)
    while dispatch.send_due(timezone.now() + LATER):
        pass


def _count(held: Mapping[int, Row], untouched: Row, file: Path) -> None:
    """Whom each letter counts for: the point at which its sender died, else the one before any claim."""
    arrived = recorded(file)
    for key, notice in Dispatch.objects.values_list("pk", "notice"):
        row, letter = held.get(key, untouched), Notice.objects.get(pk=notice)
        row.lost += not arrived[letter.message_id] or letter.status != "sent"
        row.twice += arrived[letter.message_id] > 1
