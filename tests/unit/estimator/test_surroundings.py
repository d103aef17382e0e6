"""Cells compared with their frame: what is left is what differs within it."""

import torch

from bluesky_autofocus.estimator.spectra import BANDS
from bluesky_autofocus.estimator.surroundings import SHARES, compared


def test_the_texture_of_the_frame_cancels():
    torch.manual_seed(0)
    power, texture = torch.randn(2, 5, 6, BANDS), torch.randn(2, 1, 1, BANDS)
    out = compared(power)
    assert out.shape == (2, 5, 6, len(SHARES) * BANDS)
    assert torch.allclose(compared(power + texture), out, atol=1e-5)


def test_two_altitudes_show_their_ratio():
    power = torch.zeros(1, 4, 4, BANDS)
    power[:, :2] -= 3.0
    below_sharpest, above_dullest = compared(power).split(BANDS, dim=-1)
    assert (below_sharpest[:, :2] == -3).all() and (below_sharpest[:, 2:] == 0).all()
    assert (above_dullest[:, :2] == 0).all() and (above_dullest[:, 2:] == 3).all()


def test_a_single_cell_has_no_surroundings():
    assert (compared(torch.randn(3, 1, 1, BANDS)) == 0).all()


def test_frames_of_a_batch_do_not_touch_one_another():
    power = torch.randn(2, 4, 4, BANDS)
    assert torch.equal(compared(power)[:1], compared(power[:1]))
