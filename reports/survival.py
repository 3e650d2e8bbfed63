"""Time to an event where some have not had it yet: Kaplan-Meier and Aalen-Johansen; pure arithmetic.

Durations are numbers of any one unit from 0 on. At equal times, events come before censorings.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import TypeVar

from reports.intervals import Z95

Cause = TypeVar("Cause", bound=Hashable)
Point = tuple[float, float, float]
ROUNDING = 1e-9


@dataclass
class Curve:
    """A step function with a pointwise 95% band: `start` until the first event."""

    start: float
    times: list[float] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)

    def at(self, t: float) -> Point:
        """The value at `t` with its limits; after the last event, the last value."""
        place = bisect_right(self.times, t)
        return self.points[place - 1] if place else (self.start, self.start, self.start)

    def quantile(self, q: float) -> tuple[float | None, float | None, float | None]:
        """For survival: when the share `q` has had the event, with limits; None if not reached."""
        value, low, high = (
            next(
                (
                    t
                    for t, point in zip(self.times, self.points, strict=True)
                    if point[which] <= 1 - q + ROUNDING
                ),
                None,
            )
            for which in range(3)
        )
        return value, low, high

    def restricted_mean(self, horizon: float) -> float:
        """The area under the curve from 0 to `horizon`."""
        area, before, value = 0.0, 0.0, self.start
        for t, point in zip(self.times, self.points, strict=True):
            if t >= horizon:
                break
            area += value * (t - before)
            before, value = t, point[0]
        return area + value * (horizon - before)


def kaplan_meier(durations: Sequence[float], observed: Sequence[bool]) -> Curve:
    """The share still without the event, with Greenwood's band on the log(-log) scale.

    Raises `ValueError` for negative durations or lists of unequal length.
    """
    curve, survival, spread, high = Curve(1.0), 1.0, 0.0, 1.0
    for t, at_risk, events in _steps(durations, [True if seen else None for seen in observed]):
        had = events[True]
        survival *= (at_risk - had) / at_risk
        if had == at_risk:
            curve.points.append((0.0, 0.0, high))
        else:
            spread += had / (at_risk * (at_risk - had))
            low, high = _band(survival, sqrt(spread) / abs(log(survival)))
            curve.points.append((survival, low, high))
        curve.times.append(t)
    return curve


def aalen_johansen(durations: Sequence[float], causes: Sequence[Cause | None]) -> dict[Cause, Curve]:
    """The share that has had each cause first, in the presence of the others; cause None is censored.

    The bands follow from the delta method on the log(-log) scale. Raises `ValueError` as `kaplan_meier` does.
    """
    names = dict.fromkeys(cause for cause in causes if cause is not None)
    incidences = {name: _Incidence(Curve(0.0)) for name in names}
    survival = 1.0
    for t, at_risk, events in _steps(durations, causes):
        had = events.total()
        for name, incidence in incidences.items():
            incidence.step(t, at_risk, had, events[name], survival)
        survival *= (at_risk - had) / at_risk
    return {name: incidence.curve for name, incidence in incidences.items()}


@dataclass
class _Incidence:
    """One cause's curve while it grows; `sums` are those that its variance needs (Marubini and Valsecchi)."""

    curve: Curve
    value: float = 0.0
    sums: list[float] = field(default_factory=lambda: [0.0] * 6)

    def step(self, t: float, at_risk: int, had: int, own: int, survival: float) -> None:
        self.value += survival * own / at_risk
        weight = had / (at_risk * (at_risk - had)) if had < at_risk else 0.0
        cross = survival * own / at_risk**2
        terms = (weight, self.value * weight, self.value**2 * weight,
                 survival**2 * own * (at_risk - own) / at_risk**3, cross, self.value * cross)  # fmt: skip
        self.sums = [total + term for total, term in zip(self.sums, terms, strict=True)]
        self.curve.times.append(t)
        self.curve.points.append((self.value, *self._limits()))

    def _limits(self) -> tuple[float, float]:
        if self.value == 0 or 1 - self.value < ROUNDING:
            return self.value, self.value
        f, (a, b, c, own, cross, crossed) = self.value, self.sums
        variance = max(0.0, f * f * a - 2 * f * b + c + own - 2 * (f * cross - crossed))
        return _band(f, sqrt(variance) / abs(f * log(f)))


def _band(value: float, error: float) -> tuple[float, float]:
    return value ** exp(Z95 * error), value ** exp(-Z95 * error)


def _steps(
    durations: Sequence[float], causes: Sequence[Cause | None]
) -> list[tuple[float, int, Counter[Cause]]]:
    """For each time with an event: the time, how many were at risk, and the events by cause."""
    if any(duration < 0 for duration in durations):
        raise ValueError("A duration cannot be negative.")
    leaving: dict[float, Counter[Cause | None]] = {}
    for duration, cause in zip(durations, causes, strict=True):
        leaving.setdefault(duration, Counter())[cause] += 1
    at_risk, steps = len(durations), []
    for t, left in sorted(leaving.items()):
        total, _ = left.total(), left.pop(None, None)
        if left:
            steps.append((t, at_risk, left))
        at_risk -= total
    return steps  # type: ignore[return-value]
