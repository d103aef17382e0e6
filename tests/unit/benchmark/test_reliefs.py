import numpy as np
import pytest

from bluesky_autofocus.benchmark.reliefs import KINDS, REACH_DOF, cell_means, draw_relief
from bluesky_autofocus.optics import optics_of_sampling

SHAPE = (96, 96)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_lie_within_reach(kind):
    rng, optics = np.random.default_rng(0), optics_of_sampling(1.0)
    reliefs = [draw_relief(rng, kind, SHAPE, optics) for _ in range(60)]
    farthest = [float(np.abs(u).max()) for u in reliefs]
    spans = [float(np.ptp(u)) for u in reliefs]
    assert 45 < max(farthest) <= REACH_DOF * (1 + 1e-6)
    assert all(u.shape == SHAPE for u in reliefs)
    levels = {np.unique(u).size for u in reliefs}
    if kind == "flat":
        assert levels == {1}
    elif kind == "terraces":
        assert levels == {2, 3, 4}
        assert 1 <= min(spans) < 3
        assert 30 < max(spans) <= 50.001
    else:
        assert min(levels) > 100
        # Across the diagonal up to 1.42 times as much as along a side.
        assert max(spans) <= 25 * 1.42
        assert max(spans) > 10


def test_cell_means_are_those_of_the_pixels():
    values = np.arange(16.0).reshape(4, 4)
    means = cell_means(values, np.array([1.0, 3.0]), np.array([1.0, 3.0]), 2)
    assert means.tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_a_cell_that_reaches_past_the_frame_is_cut_off():
    values = np.arange(9.0).reshape(3, 3)
    assert cell_means(values, np.array([1.5]), np.array([1.5]), 64).tolist() == [[4.0]]
