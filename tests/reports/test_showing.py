import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reports.exports import neutral
from reports.showing import base_mark, shares


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=11))
def test_shares_sum_to_a_hundred_and_each_is_within_a_unit(counts: list[int]) -> None:
    whole = sum(counts)
    assume(whole >= 10)

    printed = shares(counts, whole)

    unit = 0.1 if whole >= 100 else 1
    parts = [float(part.removesuffix("%")) for part in printed]
    assert round(sum(parts), 6) == 100
    assert all(abs(part - 100 * count / whole) < unit for count, part in zip(counts, parts, strict=True))


@pytest.mark.parametrize(
    ("counts", "printed"),
    [
        ([0, 0], ["no items", "no items"]),
        ([4, 5], ["too few", "too few"]),
        ([3, 7], ["30%", "70%"]),
        ([33, 33, 33], ["34%", "33%", "33%"]),
        ([100, 200, 0], ["33.3%", "66.7%", "0.0%"]),
    ],
)
def test_shares_have_one_place_from_a_hundred(counts: list[int], printed: list[str]) -> None:
    assert shares(counts, sum(counts)) == printed


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
