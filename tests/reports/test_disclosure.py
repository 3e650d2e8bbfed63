"""What is withheld is attacked as a reader would: by linear programming over all that is shown."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reports.disclosure import Disclosure, differencing, rounded, suppress, uncovered
from reports.protection import Arc, determined, withheld

THRESHOLDS = st.sampled_from([3, 5, 8, 10])
COUNTS = st.one_of(st.integers(0, 12), st.integers(0, 400))


def tables(least: int = 2) -> st.SearchStrategy[list[list[int]]]:
    return st.integers(least, 5).flatmap(
        lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=least, max_size=5)
    )


def with_totals(table: list[list[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in table]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def bounds(shown: list[list[Any]], least: int = 0) -> dict[tuple[int, int], tuple[int, int]]:
    """What a reader of a table with its totals knows of each withheld count."""
    height, width = len(shown), len(shown[0])
    hidden = [(r, c) for r in range(height) for c in range(width) if shown[r][c] == "c"]
    lines = [[(r, c) for c in range(width)] for r in range(height)]
    lines += [[(r, c) for r in range(height)] for c in range(width)]
    matrix = np.zeros((len(lines), len(hidden)))
    known = np.zeros(len(lines))
    for number, line in enumerate(lines):
        for place in line:
            sign = -1 if place == line[-1] else 1
            if place in hidden:
                matrix[number, hidden.index(place)] = sign
            else:
                known[number] -= sign * shown[place[0]][place[1]]
    ends = {}
    for number, place in enumerate(hidden):
        aim = np.zeros(len(hidden))
        aim[number] = 1
        found = [
            linprog(sign * aim, A_eq=matrix, b_eq=known, bounds=(least, 10_000)).fun * sign
            for sign in (1, -1)
        ]
        ends[place] = (round(found[0]), round(found[1]))
    return ends


@given(tables(), THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_no_withheld_count_follows_from_what_is_shown(table: list[list[int]], threshold: int) -> None:
    shown = suppress(with_totals(table), threshold, totals=True)

    for place, (low, high) in bounds(shown).items():
        assert low < high, place


@given(tables(), THRESHOLDS)
@settings(max_examples=200, deadline=None)
def test_small_counts_are_withheld_and_others_stand_as_they_are(
    table: list[list[int]], threshold: int
) -> None:
    whole = with_totals(table)
    shown = suppress(whole, threshold, totals=True)

    for counts, cells in zip(whole, shown, strict=True):
        for count, cell in zip(counts, cells, strict=True):
            assert cell in ("c", count)
            assert cell == "c" or not 0 < cell < threshold


@given(tables(), THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_known_totals_give_away_only_what_no_table_could_hide(table: list[list[int]], threshold: int) -> None:
    shown = suppress(table, threshold, totals=False)
    attacked = [[*row, sum(true)] for row, true in zip(shown, table, strict=True)]
    attacked.append(with_totals(table)[-1])
    blank = [[*(("c",) * len(row)), sum(row)] for row in table] + [with_totals(table)[-1]]
    hopeless = {place for place, (low, high) in bounds(blank).items() if low == high}

    for place, (low, high) in bounds(attacked).items():
        assert low < high or place in hopeless


def test_a_reader_who_takes_every_c_for_at_least_one_learns_nothing() -> None:
    shown = suppress(with_totals([[1, 40, 1, 60], [30, 20, 50, 10], [25, 9, 11, 14]]))

    for low, high in bounds(shown, least=1).values():
        assert low < high


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[3, 7, 9]], [["c", "c", 9]]),
        ([3, 7, 9], ["c", "c", 9]),
        ({"x": 3, "facebook": 7, "tiktok": 9}, {"x": "c", "facebook": "c", "tiktok": 9}),
        ([[3], [7], [9]], [["c"], ["c"], [9]]),
        ([3, 7, 10], ["c", "c", 10]),
        ([5, 0, 12], [5, 0, 12]),
        ([3, 0, 0], ["c", "c", 0]),
        (
            [[20, 2, 22], [30, 40, 70], [50, 42, 92]],
            [["c", "c", 22], ["c", "c", 70], [50, 42, 92]],
        ),
        ([], []),
        ({}, {}),
        ([[0, 0], [0, 0]], [[0, 0], [0, 0]]),
    ],
)  # fmt: skip
def test_tables_keep_their_shape(table: Any, expected: Any) -> None:
    assert suppress(table) == expected


def test_a_mapping_of_rows_keeps_its_shape_and_its_missing_cells() -> None:
    table = {"x": {"down": 2, "live": 30}, "facebook": {"down": 20, "live": 10}, "web": {"live": 6}}

    assert suppress(table) == {
        "x": {"down": "c", "live": "c"}, "facebook": {"down": "c", "live": "c"}, "web": {"live": 6},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ([[1, -2]], "Row 0, column 1"),
        ([[1, 2.5]], "Row 0, column 1"),
        ([[True, 2]], "Row 0, column 0"),
        ({"x": {"down": "many"}}, "Row x, column down"),
        ([[1, 2], [3]], "not of one length"),
        ([[1, 2], 3], "no row of counts"),
    ],
)
def test_what_is_no_table_of_counts_is_refused_with_its_place(table: Any, place: str) -> None:
    with pytest.raises(ValueError, match=place):
        suppress(table)


def test_threshold_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold 0 is too small"):
        suppress([[1]], 0)


def test_rounding_takes_each_total_by_itself() -> None:
    assert rounded([[7, 7, 14], [2, 3, 5], [9, 10, 19]]) == [[5, 5, 15], [0, 5, 5], [10, 10, 20]]
    assert rounded([12, 13]) == [10, 15]
    assert rounded({"x": {"down": 578}}, 10) == {"x": {"down": 580}}
    assert rounded([]) == []


def test_two_nested_tables_give_away_their_difference() -> None:
    tables = {
        "all": {"x": {"down": 50, "live": 9}},
        "adverts": {"x": {"down": 47, "live": "c"}},
        "last quarter": {"x": {"down": 50, "live": 5}},
    }

    found = differencing(tables, [("all", "adverts"), ("all", "last quarter")])

    assert found == [
        Disclosure("all", "adverts", ("x", "down"), 3),
        Disclosure("all", "last quarter", ("x", "live"), 4),
    ]


def test_what_one_release_withholds_another_must_not_show() -> None:
    tables = {"spring": [30, "c", "c"], "summer": [30, 4, "c"]}

    assert uncovered(tables, [("spring", "summer")]) == [("spring", "summer", (0, 1))]


def test_network_finds_what_its_nodes_give_away() -> None:
    """A subtotal that is shown gives the one withheld part of it away; its withheld brothers elsewhere do not help."""
    arcs = [
        Arc("whole", "outside", "all", 30), Arc("sub", "all", "sub", 12), Arc("rest", "all", "outside", 18),
        Arc("a", "sub", "outside", 3), Arc("b", "sub", "outside", 9),
    ]  # fmt: skip

    assert determined(arcs, {"a"}) == {"a"}
    assert withheld(arcs, 5) == {"a", "b"}
    assert determined(arcs, {"a", "b"}) == set()
