from math import isnan, nan

import numpy as np
import pytest

from bluesky_autofocus.benchmark.coverage import coverage


def test_known_shares():
    u = [0.2, -0.4, 3.0, -4.0]
    (said,) = coverage(u, {0.9: ([0, 0.5, 2, 5], [1, 1, 4, 6])})
    assert said.level == 0.9
    assert said.overall == 0.5
    assert said.bins[0] == 0.5
    assert said.bins[3] == 0.5
    assert isnan(said.bins[1])


def test_an_interval_that_is_no_number_holds_nothing():
    (said,) = coverage([1.0], {0.5: ([nan], [2.0])})
    assert said.overall == 0


def test_intervals_of_the_true_distribution_cover_what_they_say():
    rng = np.random.default_rng(0)
    middle = rng.uniform(5, 50, 20_000)
    u = middle + rng.standard_normal(middle.size)
    z = {0.5: 0.6745, 0.9: 1.6449, 0.99: 2.5758}
    for said in coverage(u, {level: (middle - k, middle + k) for level, k in z.items()}):
        assert said.overall == pytest.approx(said.level, abs=0.01)
