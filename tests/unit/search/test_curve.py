from math import inf, nan

import numpy as np
import pytest

from bluesky_autofocus.measurement import Condition, Measurement
from bluesky_autofocus.search import Curve, Sample
from bluesky_autofocus.verdict import Side


def samples(*pairs: tuple[float, float]) -> tuple[Sample, ...]:
    return tuple(Sample(x, Measurement(y)) for x, y in pairs)


def made(*pairs: tuple[float, float]) -> Curve:
    curve = Curve.of(samples(*pairs))
    assert curve is not None
    return curve


def test_samples_are_sorted_by_position():
    curve = made((3, 0.3), (1, 0.1), (2, 0.2))
    assert curve.positions.tolist() == [1, 2, 3]
    assert curve.values.tolist() == [0.1, 0.2, 0.3]


def test_what_cannot_be_used_is_left_out():
    bad = (
        Sample(1.0, Measurement(nan)),
        Sample(2.0, Measurement(inf)),
        Sample(3.0, Measurement(1e300)),
        Sample(nan, Measurement(1.0)),
        Sample(4.0, Measurement(1.0, condition=Condition.SATURATED)),
        Sample(5.0, Measurement(1.0, condition=Condition.TOO_DARK)),
    )
    assert Curve.of(bad) is None
    curve = Curve.of((*bad, Sample(6.0, Measurement(2.0))))
    assert curve is not None
    assert curve.positions.tolist() == [6.0]


def test_the_top_of_a_plateau_is_its_middle():
    curve = made((0, 0), (1, 5), (2, 5), (3, 5), (4, 1))
    assert curve.plateau == (1, 3)
    assert curve.top_position == 2
    assert curve.side(Side.LOW).positions.tolist() == [0, 1]
    assert curve.side(Side.HIGH).positions.tolist() == [3, 4]


def test_height_stands_on_the_tails_and_not_on_one_failed_frame():
    pairs = [(x, 1.0) for x in range(16)]
    pairs[3], pairs[7] = (3, -50.0), (7, 4.0)
    curve = made(*pairs)
    assert curve.base == 1.0
    assert curve.height == 3.0
    assert curve.level == 50.0


@pytest.mark.parametrize("count", [14, 32])
def test_noise_of_a_flat_curve_is_about_its_deviation(count: int):
    rng = np.random.default_rng(2)
    estimates = [made(*enumerate(rng.normal(7, 0.2, count).tolist())).noise for _ in range(200)]
    assert 0.1 < np.median(estimates) < 0.22
    assert np.quantile(estimates, 0.02) > 0.05


def test_a_clean_peak_has_no_noise_however_it_is_sampled():
    for x in (np.linspace(-20, 20, 21), np.array([-24, -9, -3.5, -1.3, -0.5, 0.3, 0.8, 2, 6, 15])):
        assert made(*zip(x, 1 / (1 + (x / 0.5) ** 2), strict=True)).noise == 0.0


def test_two_clean_peaks_have_little_noise():
    x = np.linspace(-20, 20, 41)
    y = 1 / (1 + ((x + 8) / 2) ** 2) + 0.8 / (1 + ((x - 8) / 2) ** 2)
    assert made(*zip(x, y, strict=True)).noise < 0.02


def test_flicker_shows_in_the_peak():
    rng = np.random.default_rng(0)
    x = np.linspace(-10, 10, 41)
    y = 1 / (1 + (x / 4) ** 2)
    assert made(*zip(x, y, strict=True)).peak_noise == 0.0
    noisy = y * (1 + 0.1 * rng.normal(size=x.size))
    assert 0.03 < made(*zip(x, noisy, strict=True)).peak_noise < 0.15


def test_the_neighbours_above_a_share_of_the_height_are_contiguous():
    curve = made((0, 0), (1, 8), (2, 4), (3, 7), (4, 10), (5, 6), (6, 0), (7, 9), (8, 0))
    assert curve.above(0.5) == (3, 5)
    assert curve.above(0.3) == (1, 5)
    assert curve.above(1.0) == (4, 4)


def test_few_samples_have_no_noise_that_could_be_known():
    assert made((0, 1), (1, 3), (2, 2)).noise == 0.0
