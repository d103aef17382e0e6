from math import nan

import numpy as np
import pytest

from bluesky_autofocus.benchmark.errors_by_distance import errors_by_distance

U = np.array([0.2, -0.7, 1.5, -3.0, 7.0, 15.0, -40.0, 80.0])
"""One frame in each bin."""


def errors(error_s, error_d, scene=None):
    scene = np.zeros(U.size, dtype=int) if scene is None else scene
    return errors_by_distance(U, np.full(U.size, 0.5), 0.5 + error_s, np.abs(U) + error_d, scene)


def test_known_errors_in_each_bin():
    out = errors(np.arange(8) / 10, np.abs(U) / 4)
    assert [b.frames for b in out.bins] == [1] * 8
    assert [b.rmse_s for b in out.bins] == pytest.approx(np.arange(8) / 10)
    assert [b.median_relative_error for b in out.bins] == pytest.approx([0.25] * 8)
    assert out.without_number == 0


def test_pooled_errors_weigh_bins_by_their_width():
    out = errors(np.array([0.3, 0.1, 0, 0, 0, 0, 0.2, 9]), np.zeros(8))
    assert out.rmse_s_1 == pytest.approx(np.sqrt((0.3**2 + 0.1**2) / 2))
    expected = (0.5 * 0.3**2 + 0.5 * 0.1**2 + 30 * 0.2**2) / 50
    assert out.rmse_s_50 == pytest.approx(np.sqrt(expected))


def test_standard_deviation_leaves_a_common_bias_out():
    u = np.array([3.0, 3.0, 3.0, 3.0])
    out = errors_by_distance(u, u * 0, u * 0, u + [1, 3, 1, 3], np.zeros(4))
    assert out.bins[3].std_dof == pytest.approx(1.0)
    assert np.isnan(out.bins[0].rmse_s)
    assert np.isnan(out.rmse_s_50)


def test_frames_without_a_number_are_counted_and_left_out():
    out = errors(np.zeros(8), np.array([nan, 0, 0, 0, 0, 0, 0, 0]))
    assert out.without_number == 1
    assert out.bins[0].frames == 0


def test_interval_follows_the_scatter_between_scenes():
    rng = np.random.default_rng(0)
    u = np.tile(U, 60)
    scene = np.repeat(np.arange(60), U.size)
    of_scene = np.repeat(rng.choice([0.0, 0.2], 60), U.size)
    out = errors_by_distance(u, u * 0, of_scene, np.abs(u), scene)
    low, high = out.rmse_s_50_interval
    assert low < out.rmse_s_50 < high
    # Of independent frames 8 times as many would halve the width and more.
    alone = errors_by_distance(u, u * 0, of_scene, np.abs(u), np.arange(u.size))
    narrow_low, narrow_high = alone.rmse_s_50_interval
    assert high - low > 1.5 * (narrow_high - narrow_low)
