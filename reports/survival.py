"""Time to an event where some have not had it yet: Kaplan-Meier and Aalen-Johansen; pure arithmetic on arrays.

Durations are numbers of any one unit from 0 on. At equal times, events come before censorings. Many groups that lie one
behind the other are reckoned together, each as it would be alone.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reports.intervals import Z95

Cause = TypeVar("Cause", bound=Hashable)
Point = tuple[float, float, float]
Floats = NDArray[np.floating[Any]]
ROUNDING = 1e-9


@dataclass(frozen=True)
class Curve:
    """A step function with a pointwise 95% band: `start` until the first event, then a value from each time on."""

    start: float
    times: Floats
    values: Floats
    band: Callable[[], tuple[Floats, Floats]]

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        """The lower and the upper limit from each time on; worked out for those who ask."""
        return self.band()

    def at(self, t: float) -> Point:
        """The value at `t` with its limits; after the last event, the last value."""
        place = int(self.times.searchsorted(t, "right")) - 1
        if place < 0:
            return self.start, self.start, self.start
        low, high = self.limits
        return float(self.values[place]), float(low[place]), float(high[place])

    def value_at(self, t: float) -> float:
        """The value at `t` alone."""
        place = int(self.times.searchsorted(t, "right")) - 1
        return float(self.values[place]) if place >= 0 else self.start

    def quantile(self, q: float) -> tuple[float | None, float | None, float | None]:
        """For survival: when the share `q` has had the event, with limits; None if not reached."""
        value, low, high = (self._first(steps <= 1 - q + ROUNDING) for steps in (self.values, *self.limits))
        return value, low, high

    def reached(self, q: float) -> float | None:
        """The first of `quantile`'s three alone."""
        return self._first(self.values <= 1 - q + ROUNDING)

    def restricted_mean(self, horizon: float) -> float:
        """The area under the curve from 0 to `horizon`."""
        before = int(self.times.searchsorted(horizon))
        edges = np.concatenate(([0.0], self.times[:before], [horizon]))
        heights = np.concatenate(([self.start], self.values[:before]))
        return float(np.cumsum(heights * np.diff(edges))[-1])

    def _first(self, reached: NDArray[np.bool_]) -> float | None:
        return float(self.times[reached.argmax()]) if reached.any() else None


@dataclass(frozen=True)
class _Steps:
    """The times with an event, how many were at risk at each, and how many had an event then; by group."""

    times: Floats
    at_risk: Floats
    had: Floats
    bounds: NDArray[np.intp]  # of the groups
    order: NDArray[np.intp]  # of the rows by time
    firsts: NDArray[np.intp]  # where, in that order, each time begins
    kept: NDArray[np.bool_]  # which of these times have an event

    def among(self, chosen: NDArray[np.bool_]) -> Floats:
        """How many of the chosen rows there are at each time with an event."""
        return _sums(chosen[self.order], self.firsts)[self.kept]

    def running(self, work: np.ufunc, numbers: Floats) -> Floats:
        """The numbers added up or multiplied from the beginning of each group on."""
        found = np.empty_like(numbers)
        for begin, end in self.spans():
            work.accumulate(numbers[begin:end], out=found[begin:end])
        return found

    def just_before(self, numbers: Floats) -> Floats:
        """What stood before each time; 1 before the first of a group."""
        found = np.ones_like(numbers)
        found[1:] = numbers[:-1]
        found[self.bounds[:-1][np.diff(self.bounds) > 0]] = 1.0
        return found

    def spans(self) -> Iterator[tuple[int, int]]:
        return pairwise(self.bounds.tolist())

    def curves(self, start: float, values: Floats, band: Callable[[], tuple[Floats, Floats]]) -> list[Curve]:
        """One for each group; `band` gives the limits of all, when one is first asked for."""
        whole = _Band(band)
        return [
            Curve(start, self.times[begin:end], values[begin:end], partial(whole.part, begin, end))
            for begin, end in self.spans()
        ]


@dataclass(frozen=True)
class _Band:
    make: Callable[[], tuple[Floats, Floats]]

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        return self.make()

    def part(self, begin: int, end: int) -> tuple[Floats, Floats]:
        low, high = self.limits
        return low[begin:end], high[begin:end]


def kaplan_meier(durations: ArrayLike, observed: ArrayLike) -> Curve:
    """The share still without the event, with Greenwood's band on the log(-log) scale.

    Raises `ValueError` for negative durations or lists of unequal length.
    """
    waits = np.asarray(durations, np.float64)
    return kaplan_meiers(waits, np.asarray(observed, bool), np.array([0, len(waits)]))[0]


def kaplan_meiers(durations: Floats, observed: NDArray[np.bool_], bounds: NDArray[Any]) -> list[Curve]:
    """`kaplan_meier` of each group; the rows of group g lie from `bounds[g]` up to `bounds[g + 1]`."""
    steps = _steps(durations, observed, bounds)
    left = steps.at_risk - steps.had
    survival = steps.running(np.multiply, left / steps.at_risk)
    return steps.curves(1.0, survival, partial(_greenwood, steps, left, survival))


def _greenwood(steps: _Steps, left: Floats, survival: Floats) -> tuple[Floats, Floats]:
    """Where nobody is left, perhaps at the last time of a group, the upper limit stays where it was."""
    some = left > 0
    share = np.divide(steps.had, steps.at_risk * left, out=np.zeros_like(left), where=some)
    spread, inner = steps.running(np.add, share)[some], survival[some]
    low, high = np.zeros_like(left), np.ones_like(left)
    low[some], high[some] = _band(inner, np.sqrt(spread) / np.abs(np.log(inner)))
    return low, np.where(some, high, steps.just_before(high))


def aalen_johansen(durations: ArrayLike, causes: Sequence[Cause | None]) -> dict[Cause, Curve]:
    """The share that has had each cause first, in the presence of the others; cause None is censored.

    The bands follow from the delta method on the log(-log) scale. Raises `ValueError` as `kaplan_meier` does.
    """
    names = [name for name in dict.fromkeys(causes) if name is not None]
    numbers: dict[Cause | None, int] = {name: number for number, name in enumerate(names)}
    numbers[None] = -1
    codes = np.fromiter(map(numbers.__getitem__, causes), np.int64, len(causes))
    return dict(zip(names, incidences(durations, codes, len(names)), strict=True))


def incidences(durations: ArrayLike, causes: NDArray[Any], number: int) -> list[Curve]:
    """`aalen_johansen` for the causes 0, 1, … up to `number`, in their order; another cause is censored."""
    waits = np.asarray(durations, np.float64)
    return [found for (found,) in incidences_by_group(waits, causes, number, np.array([0, len(waits)]))]


def incidences_by_group(
    durations: Floats, causes: NDArray[Any], number: int, bounds: NDArray[Any]
) -> Iterator[list[Curve]]:
    """`incidences`, for each cause those of all groups, with bounds as in `kaplan_meiers`."""
    steps = _steps(durations, (causes >= 0) & (causes < number), bounds)
    left = steps.at_risk - steps.had
    before = steps.just_before(steps.running(np.multiply, left / steps.at_risk))
    for cause in range(number):
        own = steps.among(causes == cause)
        value = steps.running(np.add, before * own / steps.at_risk)
        yield steps.curves(0.0, value, partial(_delta, steps, value, own, before, left))


def _delta(steps: _Steps, value: Floats, own: Floats, before: Floats, left: Floats) -> tuple[Floats, Floats]:
    """The variance is that of Marubini and Valsecchi; `before` is the survival just before each time."""
    at_risk, sums = steps.at_risk, partial(steps.running, np.add)
    weight = np.divide(steps.had, at_risk * left, out=np.zeros_like(left), where=left > 0)
    cross = before * own / at_risk**2
    shared = value * value * sums(weight) - 2 * value * sums(value * weight)
    alone = sums(value * value * weight) + sums(before**2 * own * (at_risk - own) / at_risk**3)
    crossed = 2 * (value * sums(cross) - sums(value * cross))
    variance = np.maximum(0.0, shared + alone - crossed)
    low, high, open_ = value.copy(), value.copy(), (value > 0) & (1 - value >= ROUNDING)
    inner = value[open_]
    low[open_], high[open_] = _band(inner, np.sqrt(variance[open_]) / np.abs(inner * np.log(inner)))
    return low, high


def _band(value: Floats, error: Floats) -> tuple[Floats, Floats]:
    return value ** np.exp(Z95 * error), value ** np.exp(-Z95 * error)


def _steps(waits: Floats, observed: NDArray[np.bool_], bounds: NDArray[Any]) -> _Steps:
    if waits.shape != observed.shape:
        raise ValueError(f"{len(waits)} durations and {len(observed)} events: give one for each.")
    if (waits < 0).any():
        raise ValueError("A duration cannot be negative.")
    order = order_within(waits, bounds)
    waits = waits[order]
    first = np.ones(len(waits), bool)
    first[1:] = waits[1:] != waits[:-1]
    first[bounds[:-1][np.diff(bounds) > 0]] = True
    firsts = np.flatnonzero(first)
    had = _sums(observed[order], firsts)
    kept = had > 0
    places = firsts[kept]
    ends = bounds[1:][np.searchsorted(bounds, places, "right") - 1]
    at_risk = (ends - places).astype(np.float64)
    return _Steps(waits[places], at_risk, had[kept], np.searchsorted(places, bounds), order, firsts, kept)


def order_within(numbers: NDArray[Any], bounds: NDArray[Any]) -> NDArray[np.intp]:
    """The places of the numbers, ascending within each group; equal ones in any order."""
    order = np.empty(len(numbers), np.intp)
    for begin, end in pairwise(bounds.tolist()):
        order[begin:end] = begin + np.argsort(numbers[begin:end])
    return order


def _sums(chosen: NDArray[np.bool_], firsts: NDArray[np.intp]) -> Floats:
    """How many are chosen from each of `firsts` to the next."""
    until = np.concatenate(([0], np.cumsum(chosen)))
    return np.diff(until[np.append(firsts, len(chosen))]).astype(np.float64)
