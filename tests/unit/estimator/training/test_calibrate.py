"""Thresholds on hand-made answers, of which it is known how many are wrong."""

import numpy as np
import pytest

from bluesky_autofocus.estimator.distribution import BINS
from bluesky_autofocus.estimator.pair_network import SIGNED_BINS
from bluesky_autofocus.estimator.training.calibrate import (
    FALSE_ACCEPTS,
    FEWEST_CERTAIN,
    WRONG_SIGNS,
    _certain_std,
    _in_focus_share,
    _sign_claim,
)


def test_certain_cells_together_err_as_little_as_is_wanted():
    rng = np.random.default_rng(1)
    std = rng.uniform(0.001, 0.2, 20_000)
    error = std * rng.standard_normal(std.size)
    limit = _certain_std(std, error, 0.08)
    certain = std <= limit
    assert np.sqrt((error[certain] ** 2).mean()) == pytest.approx(0.08, abs=0.002)
    assert FEWEST_CERTAIN < certain.mean() < 1


def test_half_the_cells_are_certain_however_bad_they_are():
    std = np.linspace(0.1, 0.2, 100)
    limit = _certain_std(std, np.full(100, 0.5), 0.05)
    assert (std <= limit).mean() == FEWEST_CERTAIN


def test_few_of_the_claimed_signs_are_wrong():
    rng = np.random.default_rng(2)
    confidence = rng.uniform(0.5, 1, 40_000)
    truth = 5.0 * rng.choice([-1, 1], confidence.size)
    right = rng.random(confidence.size) < confidence
    p = np.zeros((confidence.size, SIGNED_BINS))
    said = np.where(right, np.sign(truth), -np.sign(truth))
    rows = np.arange(confidence.size)
    p[rows, np.where(said > 0, SIGNED_BINS - 10, 9)] = confidence
    p[rows, np.where(said > 0, 9, SIGNED_BINS - 10)] = 1 - confidence
    claim = _sign_claim(p, truth)
    # Of answers as sure as that, evenly spread up to certainty, half the gap to 1 is wrong.
    assert claim == pytest.approx(1 - 2 * WRONG_SIGNS, abs=0.005)
    # What lies in focus has no sign to be wrong about.
    assert _sign_claim(p, 0.01 * truth) == 0.99


def test_a_thousandth_of_the_frames_outside_is_called_in_focus():
    rng = np.random.default_rng(3)
    inside = rng.uniform(0.2, 0.95, 50_000)
    p = np.zeros((inside.size, BINS))
    p[:, 0], p[:, 30] = inside, 1 - inside
    share = _in_focus_share(p, np.full(inside.size, 5.0))
    assert (inside >= share).mean() == pytest.approx(FALSE_ACCEPTS, abs=2e-4)


def test_frames_inside_do_not_move_the_threshold():
    p = np.zeros((2000, BINS))
    p[:1000, 0], p[:1000, 30], p[1000:, 0] = 0.95, 0.05, 1.0
    truth = np.r_[np.full(1000, 5.0), np.full(1000, 0.1)]
    assert _in_focus_share(p, truth) == pytest.approx(0.95)


def test_no_frame_is_in_focus_at_less_than_nine_in_ten():
    p = np.zeros((1000, BINS))
    p[:, 30] = 1
    assert _in_focus_share(p, np.full(1000, 5.0)) == pytest.approx(0.9)
