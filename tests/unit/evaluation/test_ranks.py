"""Rank correlation, against scipy's and where it is undefined."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from bluesky_autofocus.evaluation import spearman


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3).filter(
        lambda pairs: all(len(set(side)) > 1 for side in zip(*pairs, strict=True))
    )
)
def test_is_that_of_scipy_ties_and_all(pairs):
    first, second = zip(*pairs, strict=True)
    expected = spearmanr(first, second)[0]
    assert spearman(first, second) == pytest.approx(expected, abs=1e-12)


def test_pairs_that_are_not_finite_are_left_out():
    assert spearman([1, 2, np.nan, 4, 5], [9, 8, 100, np.inf, 5]) == pytest.approx(-1)


@pytest.mark.parametrize(
    ("first", "second"),
    [([1, 2], [1, 2]), ([3, 3, 3], [1, 2, 3]), ([1, 2, 3], [5, 5, 5]), ([1, np.nan, 2], [1, 2, 3])],
)
def test_undefined_is_nan(first, second):
    assert np.isnan(spearman(first, second))
