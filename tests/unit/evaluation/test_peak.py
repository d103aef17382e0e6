"""Where a measure peaks: between planes, at an end, on a flat top, or nowhere."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bluesky_autofocus.evaluation import peak_position


@settings(deadline=None)
@given(
    vertex=st.floats(-8, 8),
    gaps=st.lists(st.floats(0.1, 5), min_size=4, max_size=12),
    height=st.floats(-100, 100),
)
def test_vertex_of_a_parabola_is_found_between_irregular_planes(vertex, gaps, height):
    z = np.cumsum([-10.0, *gaps])
    values = height - (z - vertex) ** 2
    assume(0 < np.argmax(values) < z.size - 1 and np.unique(values).size == z.size)
    assert peak_position(z, values) == pytest.approx(vertex, abs=1e-6)


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ([9, 5, 4, 3], 0),
        ([1, 2, 3, 7], 6),
        ([1, 5, 5, 2], 2),
        ([5, 5, 2, 1], 0.5),
        # Through (0, 0), (1, 3) and (6, 0), the third plane missing.
        ([0, 3, np.nan, 0], 3),
    ],
    ids=["low end", "high end", "flat top", "flat end", "missing plane"],
)
def test_peak(values, at):
    assert peak_position([0.0, 1, 3, 6], values) == at


@pytest.mark.parametrize("values", [[2, 2, 2, 2], [np.nan] * 4, [np.nan, 3, np.nan, np.nan]])
def test_no_peak(values):
    assert peak_position([0.0, 1, 3, 6], values) is None
