from math import isnan

import numpy as np
import pytest

from bluesky_autofocus.benchmark.map_frames import draw_step
from bluesky_autofocus.benchmark.maps import cell_errors, sign_errors


def test_known_errors_of_cells():
    truth, said = np.array([0.5, 0.5, 0.5, 0.5]), np.array([0.6, 0.4, 0.5, 0.9])
    errors = cell_errors(truth, said, np.array([True, True, True, False]))
    assert errors.cells == 4
    assert errors.share_valid == 0.75
    assert errors.rmse_s_valid == pytest.approx(np.sqrt(0.02 / 3))
    assert errors.rmse_s_all == pytest.approx(np.sqrt((0.02 + 0.16) / 4))


def test_no_valid_cell_has_no_error():
    errors = cell_errors(np.zeros(3), np.ones(3), np.zeros(3, dtype=bool))
    assert isnan(errors.rmse_s_valid)
    assert errors.rmse_s_all == 1


def test_known_errors_of_signs():
    u = np.array([5.0, -5.0, 5.0, 0.3, 2.0, -8.0])
    said = np.array([4.0, 6.0, -5.0, -1.0, -2.0, -8.0])
    one_sided = np.array([True, True, True, True, False, True])
    claimed = np.array([True, True, False, True, True, True])
    errors = sign_errors(u, one_sided, said, claimed)
    # The fourth lies in focus and the fifth on both sides.
    assert errors.cells == 4
    assert errors.share_claimed == 0.75
    assert (errors.wrong_claimed.errors, errors.wrong_claimed.trials) == (1, 3)
    assert (errors.wrong_all.errors, errors.wrong_all.trials) == (2, 4)


def test_the_second_frame_is_half_the_distance_away_on_either_side():
    rng = np.random.default_rng(0)
    far = [draw_step(rng, np.array([10.0, 20.0, 90.0])) for _ in range(40)]
    assert {abs(step) for step in far} == {10.0}
    assert {np.sign(step) for step in far} == {-1.0, 1.0}
    assert abs(draw_step(rng, np.array([0.1, 0.2]))) == 0.5
