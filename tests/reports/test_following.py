"""What follows from sums with withheld counts, worked out by hand."""

from reports.following import Line, opened, told

WHOLE = Line(["whole"], ["a", "b", "c"])


def test_the_only_withheld_part_follows() -> None:
    assert told([WHOLE], {"whole": 9, "a": 2, "b": 7, "c": 0}, {"a"}) == {"a"}


def test_two_withheld_parts_do_not() -> None:
    assert told([WHOLE], {"whole": 9, "a": 2, "b": 6, "c": 1}, {"a", "c"}) == set()


def test_two_withheld_parts_that_leave_nothing_do() -> None:
    assert told([WHOLE], {"whole": 7, "a": 0, "b": 7, "c": 0}, {"a", "c"}) == {"a", "c"}


def test_one_sum_after_another() -> None:
    twice = Line(["a"], ["d"])

    sizes = {"whole": 9, "a": 2, "b": 6, "c": 1, "d": 2}

    assert told([WHOLE, twice], sizes, {"a", "c"}) == {"a", "c"}
    assert told([WHOLE, twice], sizes, {"a", "c", "d"}) == set()


def test_the_smallest_count_beside_what_is_told_is_withheld_next_zeros_last() -> None:
    sizes = {"whole": 9, "a": 2, "b": 7, "c": 0}

    assert [*opened([WHOLE], sizes, {"a"}, {"a"})] == ["b"]
    assert [*opened([WHOLE], sizes, {"a", "b", "whole"}, {"a"})] == ["c"]
    assert [*opened([WHOLE], sizes, {"a"}, set())] == []
