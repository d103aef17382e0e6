import numpy as np
import pytest

from bluesky_autofocus.benchmark.distance_bins import (
    EDGES_DOF,
    bin_index,
    bin_weights,
    draw_in_bin,
)


def test_every_distance_has_its_bin():
    assert bin_index([0, 0.3, 0.5, -0.7, 3, -49, 50.1, 100]).tolist() == [0, 0, 0, 1, 3, 6, 7, 7]


@pytest.mark.parametrize("index", range(len(EDGES_DOF) - 1))
def test_draws_lie_in_their_bin_on_both_sides(index):
    rng = np.random.default_rng(0)
    drawn = np.array([draw_in_bin(rng, index) for _ in range(200)])
    assert (bin_index(drawn) == index).all()
    assert 60 < np.count_nonzero(drawn > 0) < 140


@pytest.mark.parametrize("reach", [1.0, 50.0])
def test_weights_are_those_of_an_even_draw(reach):
    drawn = np.random.default_rng(0).uniform(-reach, reach, 200_000)
    share = np.bincount(bin_index(drawn), minlength=len(EDGES_DOF) - 1) / drawn.size
    assert bin_weights(reach) == pytest.approx(share, abs=0.005)
    assert bin_weights(reach).sum() == pytest.approx(1)
