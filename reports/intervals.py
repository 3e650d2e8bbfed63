"""Intervals of proportions (statistics.md, section 3): pure arithmetic."""

from math import sqrt

Z95 = 1.959963984540054
Z998 = 3.090232306167813


def wilson(successes: int, n: int, z: float = Z95) -> tuple[float, float] | None:
    """The Wilson score interval, without continuity correction, as two proportions; None where n is 0.

    Raises `ValueError` unless 0 <= successes <= n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no proportion: give 0 <= successes <= n.")
    if n == 0:
        return None
    middle = 2 * successes + z * z
    spread = z * sqrt(z * z + 4 * successes * (n - successes) / n)
    scale = 2 * (n + z * z)
    low = 0.0 if successes == 0 else (middle - spread) / scale
    high = 1.0 if successes == n else (middle + spread) / scale
    return low, high


def newcombe(x1: int, n1: int, x2: int, n2: int, z: float = Z95) -> tuple[float, float, float]:
    """The difference x1/n1 - x2/n2 with its hybrid score interval: difference, low, high.

    Raises `ValueError` where either group is empty.
    """
    first, second = wilson(x1, n1, z), wilson(x2, n2, z)
    if first is None or second is None:
        raise ValueError("A difference needs two groups with items in them.")
    p1, p2 = x1 / n1, x2 / n2
    low = p1 - p2 - sqrt((p1 - first[0]) ** 2 + (second[1] - p2) ** 2)
    high = p1 - p2 + sqrt((first[1] - p1) ** 2 + (p2 - second[0]) ** 2)
    return p1 - p2, low, high
