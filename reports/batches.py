"""Rows by notice: what left together is one batch, which S11 and S16 count and whose size S04 and S05 tell of."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Batches:
    """The batches of each group, in the order of their notices; those of group g lie between two of `bounds`."""

    order: Array  # of the rows, by group and notice
    starts: Array  # where, in that order, each batch begins
    place: Array  # which batch each row is of
    bounds: Array

    @classmethod
    def of(cls, notices: Array, bounds: Array) -> "Batches":
        """Of rows that lie in groups with these bounds."""
        group = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
        order = np.lexsort((notices, group))
        first = np.ones(len(notices), bool)
        first[1:] = np.diff(notices[order]) != 0
        first[bounds[:-1][np.diff(bounds) > 0]] = True
        place = np.empty(len(notices), np.int64)
        place[order] = np.cumsum(first) - 1
        starts = np.flatnonzero(first)
        return cls(order, starts, place, np.searchsorted(starts, bounds))

    def counts(self) -> list[int]:
        """How many batches each group has."""
        found: list[int] = np.diff(self.bounds).tolist()
        return found

    def sizes(self, mask: Array) -> Array:
        """How many rows of each batch are in a mask."""
        return np.bincount(self.place[np.flatnonzero(mask)], minlength=len(self.starts))

    def earliest(self, times: Array) -> Array:
        """The first of the times of each batch's rows; NaT where there is none."""
        return np.fmin.reduceat(times[self.order], self.starts) if len(self.starts) else times


def greatest(numbers: Array, bounds: Array) -> list[int]:
    """The greatest from each bound to the next; 0 where there is none."""
    return [int(numbers[begin:end].max(initial=0)) for begin, end in pairwise(bounds.tolist())]
