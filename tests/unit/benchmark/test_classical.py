import numpy as np
import pytest

from bluesky_autofocus.benchmark.classical import (
    GAIN_POWER,
    fit_monotone,
    measured,
    normalised,
)
from bluesky_autofocus.measures import MEASURES


def test_every_measure_has_its_power_of_gain():
    assert set(GAIN_POWER) == set(MEASURES)
    rng = np.random.default_rng(0)
    frame = rng.uniform(10, 100, (64, 64))
    ones, threes = (normalised(measured(f), float(f.mean())) for f in (frame, 3 * frame))
    assert threes == pytest.approx(ones, rel=1e-6)


def test_known_isotonic_fit():
    fit = fit_monotone([1, 2, 3, 4], [0.0, 1.0, 0.5, 1.0])
    assert fit([1, 2, 3, 4]).tolist() == [0.0, 0.75, 0.75, 1.0]
    assert fit([0, 1.5, 9]).tolist() == [0.0, 0.375, 1.0]
    assert fit.rises


def test_a_measure_that_falls_with_sharpness_gets_a_falling_fit():
    fit = fit_monotone([1, 2, 3], [1.0, 0.4, 0.1])
    assert fit([1, 2, 3]).tolist() == [1.0, 0.4, 0.1]
    assert not fit.rises


def test_equal_values_get_their_mean_by_weight():
    fit = fit_monotone([1, 1, 1, 2, 3], [0.0, 0.0, 0.9, 0.1, 1.0])
    assert fit([1, 2, 3]) == pytest.approx([0.25, 0.25, 1.0])


def test_the_fit_does_not_change_under_a_monotone_function():
    rng = np.random.default_rng(0)
    value = rng.uniform(1, 100, 300)
    sharpness = np.clip(np.log(value) / 5 + rng.normal(0, 0.1, 300), 0, 1)
    plain, logarithm = fit_monotone(value, sharpness), fit_monotone(np.log(value), sharpness)
    assert logarithm(np.log(value)) == pytest.approx(plain(value))
