"""A figure of the performance table: what was measured, beside the yardstick of the same run."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")  # of a processor's second
PARENT, OWN, REAPED = 1, slice(11, 13), slice(13, 15)  # in /proc/PID/stat, behind the name


@dataclass(frozen=True)
class Figure:
    """Seconds of the work and of the yardstick; `aim` is the least share of the yardstick's speed."""

    name: str
    seconds: float
    yardstick: str
    yardstick_seconds: float
    aim: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.yardstick_seconds / self.seconds

    @property
    def met(self) -> bool:
        return self.ratio >= self.aim

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.seconds:.2f} s; {self.yardstick}: {self.yardstick_seconds:.2f} s; "
            f"ratio {self.ratio:.2f} (aim {self.aim:.2f}){'' if self.met else ' MISSED'}{self.note}"
        )


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes on the wall clock."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class Spent(NamedTuple):
    """Seconds on the wall clock, and of processors: of this process and of the database's."""

    clock: float
    processor: float

    def beside(self, name: str, yardstick: "Spent", told: str, aim: float) -> "Figure":
        """A figure by processor seconds, which stay what they are where others are at work; the clock is told."""
        note = f"; by the clock {self.clock:.2f} s to {yardstick.clock:.2f} s"
        return Figure(name, self.processor, told, yardstick.processor, aim, note)


def spent(work: Callable[[], object], *, runs: int = 1) -> Spent:
    """What the cheapest of some calls takes; the database must be on this machine, which must be a Linux."""
    return Spent(*map(min, zip(*(_spent(work) for _ in range(runs)), strict=True)))


def _spent(work: Callable[[], object]) -> Spent:
    processor = time.process_time() + database_processor()
    clock = seconds(work)
    return Spent(clock, time.process_time() + database_processor() - processor)


def database_processor() -> float:
    """Processor seconds of the database's processes, those that ended with them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    postmaster = _stat(Path(f"/proc/{backend}"))[PARENT]
    ticks = sum(_stat(Path(f"/proc/{postmaster}"))[REAPED])
    for process in Path("/proc").glob("[0-9]*"):
        try:
            stat = _stat(process)
        except OSError:  # it has just ended
            continue
        if stat[PARENT] == postmaster:
            ticks += sum(stat[OWN])
    return ticks / TICKS


def _stat(process: Path) -> list[int]:
    """The numbers of /proc/PID/stat behind the name and the state, which stands for the first."""
    return [0, *map(int, (process / "stat").read_text().rpartition(")")[2].split()[1:])]


def processor(pid: int) -> float:
    """Processor seconds of a process and of its children; 0 if it has ended."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            stat = _stat(process)
        except OSError:
            continue
        if int(process.name) == pid or stat[PARENT] == pid:
            ticks += sum(stat[OWN])
    return ticks / TICKS
