"""Textures made of spectra: smooth over frequency, the same for all levels, and only power."""

import numpy as np
import pytest
import torch

from bluesky_autofocus.estimator.features import (
    LEVEL_SIZE,
    SUMMARY_SIZE,
    summary_features,
    summary_parts,
)
from bluesky_autofocus.estimator.spectra import BANDS, RINGS
from bluesky_autofocus.estimator.training.tilt import (
    TILTED_SHARE,
    draw_tilt,
    tilted,
    tilted_levels,
)

FRAMES = 400


@pytest.fixture(scope="module")
def features():
    frame = np.random.default_rng(1).normal(100, 5, (512, 700))
    return summary_features(frame).expand(FRAMES, -1)


@pytest.fixture(scope="module")
def changes(features):
    torch.manual_seed(0)
    return tilted(features, draw_tilt(FRAMES)) - features


def test_most_frames_get_another_texture(changes):
    share = float((changes.abs().amax(1) > 1e-3).float().mean())
    assert share == pytest.approx(TILTED_SHARE, abs=0.08)


def test_only_power_changes(changes):
    parts = summary_parts(changes)
    assert parts.levels[:, :, LEVEL_SIZE - 1].abs().max() == 0
    assert parts.log_side.abs().max() == 0
    # 512 pixels have no level of 1024.
    assert parts.levels[:, 4].abs().max() == 0


def test_levels_agree_about_a_frequency(changes):
    """Ring 20 of a level is ring 10 of the one above and ring 10 * 512 / 128 of the whole."""
    parts = summary_parts(changes)
    rings = parts.levels[:, :, :RINGS]
    assert rings[:, 1, 19] == pytest.approx(rings[:, 0, 9], abs=1e-4)
    # Ring 8 of level 2 has f = 8 / 256, as ring 16 of 512 pixels.
    assert parts.whole[:, 0, 15] == pytest.approx(rings[:, 2, 7], abs=1e-4)


def test_the_same_seed_draws_the_same(features, changes):
    torch.manual_seed(0)
    assert torch.equal(tilted(features, draw_tilt(FRAMES)) - features, changes)
    assert features.shape == (FRAMES, SUMMARY_SIZE)


def test_the_cells_of_a_frame_change_as_its_summary_does(features, changes):
    torch.manual_seed(0)
    levels = tuple(torch.zeros(FRAMES, BANDS, 2, 3) for _ in range(2))
    cells = tilted_levels(levels, draw_tilt(FRAMES))
    parts = summary_parts(changes)
    for k in range(2):
        assert torch.allclose(cells[k][:, :, 1, 2], parts.levels[:, k, :BANDS], atol=1e-5)
        assert torch.equal(cells[k].amax((2, 3)), cells[k].amin((2, 3)))
