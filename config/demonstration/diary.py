"""The desk's diary: work entered for a moment, done in the order of time, each piece on its own day."""

import heapq
from collections.abc import Callable
from datetime import datetime

from config.demonstration import clock

Work = Callable[[], object]


class Diary:
    """What is entered for `until` (aware) or later stays undone, so that the queues have something today."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.entries: list[tuple[datetime, int, Work]] = []
        self.number = 0

    def plan(self, moment: datetime, work: Work) -> None:
        if moment < self.until:
            self.number += 1
            heapq.heappush(self.entries, (moment, self.number, work))

    def live(self) -> None:
        """Do everything, also what is entered meanwhile."""
        while self.entries:
            moment, _, work = heapq.heappop(self.entries)
            with clock.on(moment):
                work()
