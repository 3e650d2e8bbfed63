import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.exports import neutral
from reports.showing import base_mark, tenths


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=11))
def test_shares_sum_to_a_hundred_and_each_is_within_a_tenth(counts: list[int]) -> None:
    shares = tenths(counts)

    assert round(sum(shares), 6) == (100 if sum(counts) else 0)
    assert all(
        abs(part - 100 * count / (sum(counts) or 1)) < 0.1 for count, part in zip(counts, shares, strict=True)
    )


@pytest.mark.parametrize(("base", "mark"), [(0, "few"), (9, "few"), (10, "low"), (49, "low"), (50, "")])
def test_small_bases_are_marked(base: int, mark: str) -> None:
    assert base_mark(base) == mark


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-2", "-2"),
        ("-2+1", "'-2+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("i1", "i1"),
        (True, "yes"),
        (False, "no"),
        (None, None),
    ],
)
def test_no_cell_is_a_formula(cell: object, written: object) -> None:
    assert neutral(cell) == written
