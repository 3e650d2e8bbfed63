"""Where the names of points stand in a picture, so that none covers another: pure geometry."""

from collections.abc import Iterator, Sequence

LETTER, LINE, DOT, GAP = (
    6.6,
    13.0,
    5.0,
    4.0,
)  # pixels: a letter's width at most, a line's height, a point's radius
STEPS = 12  # lines up and down that a name may move
Box = tuple[float, float, float, float]  # left, top, right, bottom


def placed(
    points: Sequence[tuple[str, float, float]], size: tuple[int, int]
) -> list[tuple[float, float, float]]:
    """For each name with its point's shares of width (from the left) and height (from the bottom), its own place.

    A place is the left end of the name, its middle, and the end of it that a line from the point goes to, as shares
    too. A name stands beside its point where there is room, otherwise as near as may be; the topmost choose first.
    """
    width, height = size
    dots = [_around(x * width, (1 - y) * height) for _, x, y in points]
    taken: list[Box] = list(dots)
    found: dict[int, Box] = {}
    for place in sorted(range(len(points)), key=lambda place: (-points[place][2], points[place][1])):
        name, x, y = points[place]
        own = dots[place]
        choices = [box for box in _choices(x * width, (1 - y) * height, len(name) * LETTER, size)]
        box = min(choices, key=lambda box: sum(_shared(box, other) for other in taken if other != own))
        found[place] = box
        taken.append(box)
    return [_stated(found[place], points[place][1] * width, size) for place in range(len(points))]


def _choices(x: float, y: float, length: float, size: tuple[int, int]) -> Iterator[Box]:
    """The places for a name, best first: to the right, to the left, then a line further up or down each time."""
    for step in range(STEPS):
        for away in (step * LINE, -step * LINE):
            top = y + away - LINE / 2
            if top < -LINE or top > size[1]:
                continue
            yield (x + DOT + GAP, top, x + DOT + GAP + length, top + LINE)
            if x - DOT - GAP - length > 0:
                yield (x - DOT - GAP - length, top, x - DOT - GAP, top + LINE)


def _around(x: float, y: float) -> Box:
    return (x - DOT, y - DOT, x + DOT, y + DOT)


def _shared(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down)


def _stated(box: Box, x: float, size: tuple[int, int]) -> tuple[float, float, float]:
    width, height = size
    near = box[0] if box[0] > x else box[2]
    return box[0] / width, 1 - (box[1] + box[3]) / 2 / height, near / width
