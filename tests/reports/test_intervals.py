"""Against the worked examples of the definitions, and scipy where it gives the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from reports.intervals import newcombe, wilson


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [
        (578, 1218, (44.7, 50.3)),
        (578, 1063, (51.4, 57.3)),
        (3, 125, (0.8, 6.8)),
        (0, 10, (0.0, 27.8)),
        (10, 10, (72.2, 100.0)),
    ],
)
def test_wilson_of_published_examples(successes: int, n: int, expected: tuple[float, float]) -> None:
    low, high = wilson(successes, n) or (0.0, 0.0)

    assert (round(100 * low, 1), round(100 * high, 1)) == expected


def test_wilson_of_nothing_is_none() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_wilson_refuses_what_is_no_proportion(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no proportion"):
        wilson(successes, n)


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy(case: tuple[int, int]) -> None:
    successes, n = case

    expected = binomtest(successes, n).proportion_ci(method="wilson")

    assert wilson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_newcombe_of_his_own_example() -> None:
    """Newcombe 1998, table II (a): 56/70 against 48/80, method 10."""
    difference, low, high = newcombe(56, 70, 48, 80)

    assert (round(difference, 4), round(low, 4), round(high, 4)) == (0.2, 0.0524, 0.3339)


def test_newcombe_refuses_an_empty_group() -> None:
    with pytest.raises(ValueError, match="two groups with items"):
        newcombe(1, 2, 0, 0)
