"""Time to an event where some have not had it yet: Kaplan-Meier and Aalen-Johansen; pure arithmetic on arrays.

Durations are numbers of any one unit from 0 on. At equal times, events come before censorings.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
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
    """The times with an event, how many were at risk at each, and how many had an event then; and the rows by time."""

    times: Floats
    at_risk: Floats
    had: Floats
    order: NDArray[np.intp]
    firsts: NDArray[np.intp]  # where, in that order, each time begins
    kept: NDArray[np.bool_]  # which of these times have an event

    def among(self, chosen: NDArray[np.bool_]) -> Floats:
        """How many of the chosen rows there are at each time with an event."""
        return _sums(chosen[self.order], self.firsts)[self.kept]


def kaplan_meier(durations: ArrayLike, observed: ArrayLike) -> Curve:
    """The share still without the event, with Greenwood's band on the log(-log) scale.

    Raises `ValueError` for negative durations or lists of unequal length.
    """
    steps = _steps(durations, np.asarray(observed, bool))
    left = steps.at_risk - steps.had
    survival = np.cumprod(left / steps.at_risk)
    return Curve(1.0, steps.times, survival, partial(_greenwood, steps, left, survival))


def _greenwood(steps: _Steps, left: Floats, survival: Floats) -> tuple[Floats, Floats]:
    some = left > 0  # all but, perhaps, the last time
    spread = np.cumsum(steps.had[some] / (steps.at_risk[some] * left[some]))
    low, high = _band(survival[some], np.sqrt(spread) / np.abs(np.log(survival[some])))
    if not some.all():
        low, high = np.append(low, 0.0), np.append(high, high[-1:] if len(high) else 1.0)
    return low, high


def aalen_johansen(durations: ArrayLike, causes: Sequence[Cause | None]) -> dict[Cause, Curve]:
    """The share that has had each cause first, in the presence of the others; cause None is censored.

    The bands follow from the delta method on the log(-log) scale. Raises `ValueError` as `kaplan_meier` does.
    """
    names = [name for name in dict.fromkeys(causes) if name is not None]
    numbers: dict[Cause | None, int] = {name: number for number, name in enumerate(names)}
    numbers[None] = -1
    codes = np.fromiter(map(numbers.__getitem__, causes), np.int64, len(causes))
    return dict(zip(names, incidences(durations, codes, len(names)), strict=True))


def incidences(durations: ArrayLike, causes: NDArray[Any], number: int) -> Iterator[Curve]:
    """`aalen_johansen` for the causes 0, 1, … up to `number`, in their order; another cause is censored."""
    steps = _steps(durations, (causes >= 0) & (causes < number))
    left = steps.at_risk - steps.had
    before = np.concatenate(([1.0], np.cumprod(left / steps.at_risk)))[: len(left)]
    with np.errstate(divide="ignore"):
        weight = np.where(left > 0, steps.had / (steps.at_risk * left), 0.0)
    for cause in range(number):
        own = steps.among(causes == cause)
        value = np.cumsum(before * own / steps.at_risk)
        yield Curve(0.0, steps.times, value, partial(_delta, value, steps.at_risk, own, before, weight))


def _delta(
    value: Floats, at_risk: Floats, own: Floats, before: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """The variance is that of Marubini and Valsecchi; `before` is the survival just before each time."""
    cross = before * own / at_risk**2
    shared = value * value * np.cumsum(weight) - 2 * value * np.cumsum(value * weight)
    alone = np.cumsum(value * value * weight) + np.cumsum(before**2 * own * (at_risk - own) / at_risk**3)
    crossed = 2 * (value * np.cumsum(cross) - np.cumsum(value * cross))
    variance = np.maximum(0.0, shared + alone - crossed)
    low, high, open_ = value.copy(), value.copy(), (value > 0) & (1 - value >= ROUNDING)
    inner = value[open_]
    low[open_], high[open_] = _band(inner, np.sqrt(variance[open_]) / np.abs(inner * np.log(inner)))
    return low, high


def _band(value: Floats, error: Floats) -> tuple[Floats, Floats]:
    return value ** np.exp(Z95 * error), value ** np.exp(-Z95 * error)


def _steps(durations: ArrayLike, observed: NDArray[np.bool_]) -> _Steps:
    waits = np.asarray(durations, np.float64)
    if waits.shape != observed.shape:
        raise ValueError(f"{len(waits)} durations and {len(observed)} events: give one for each.")
    if (waits < 0).any():
        raise ValueError("A duration cannot be negative.")
    order = np.argsort(waits, kind="stable")
    waits = waits[order]
    firsts = np.flatnonzero(np.concatenate((np.ones(min(1, len(waits)), bool), waits[1:] != waits[:-1])))
    had = _sums(observed[order], firsts)
    kept = had > 0
    at_risk = (len(waits) - firsts).astype(np.float64)
    return _Steps(waits[firsts][kept], at_risk[kept], had[kept], order, firsts, kept)


def _sums(chosen: NDArray[np.bool_], firsts: NDArray[np.intp]) -> Floats:
    """How many are chosen from each of `firsts` to the next."""
    until = np.concatenate(([0], np.cumsum(chosen)))
    return np.diff(until[np.append(firsts, len(chosen))]).astype(np.float64)
