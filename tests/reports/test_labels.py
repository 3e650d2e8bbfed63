"""Names beside points: none covers another, and each can be traced to its point."""

import pytest

from reports.labels import LETTER, LINE, placed

SIZE = (480, 280)
Box = tuple[float, float, float, float]


def boxes(points: list[tuple[str, float, float]]) -> list[Box]:
    """Left, top, right and bottom of each name, in pixels."""
    return [
        (x * 480, (1 - y) * 280 - LINE / 2, x * 480 + len(name) * LETTER, (1 - y) * 280 + LINE / 2)
        for (name, _, _), (x, y, _) in zip(points, placed(points, SIZE), strict=True)
    ]


def shared(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1e-6 and down > 1e-6


@pytest.mark.parametrize("near", [0.0, 0.005, 0.02])
def test_no_name_covers_another(near: float) -> None:
    points = [(f"Platform {number}", 0.5 + near * number, 0.6 + near * (number % 3)) for number in range(8)]

    found = boxes(points)

    assert [
        (one, other) for one in range(8) for other in range(one) if shared(found[one], found[other])
    ] == []


def test_lone_name_stands_beside_its_point() -> None:
    assert placed([("X", 0.5, 0.5)], SIZE) == [(pytest.approx(249 / 480), 0.5, pytest.approx(249 / 480))]


def test_nothing_to_place() -> None:
    assert placed([], SIZE) == []
