"""A figure of the performance table: what was measured, beside the yardstick of the same run."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Seconds of the work and of the yardstick; `aim` is the least share of the yardstick's speed."""

    name: str
    seconds: float
    yardstick: str
    yardstick_seconds: float
    aim: float

    @property
    def ratio(self) -> float:
        return self.yardstick_seconds / self.seconds

    @property
    def met(self) -> bool:
        return self.ratio >= self.aim

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.seconds:.2f} s; {self.yardstick}: {self.yardstick_seconds:.2f} s; "
            f"ratio {self.ratio:.2f} (aim {self.aim:.2f}){'' if self.met else ' MISSED'}"
        )


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes on the wall clock."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
