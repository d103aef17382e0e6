"""Shift and breathing: found, taken out, or refused; what needs nothing stays as it is."""

import numpy as np
import pytest
from drawn_stack import draw_stack, moved_stack
from scipy.ndimage import gaussian_filter

from bluesky_autofocus.errors import FusionError
from bluesky_autofocus.fusion import align_planes
from bluesky_autofocus.fusion.motion import Motion
from bluesky_autofocus.imaging import cap, terraces

SIDE_PX = 384
RELIEF = terraces((SIDE_PX, SIDE_PX), [0.0, 3.0], seed=3)
Z_DOF = np.arange(-1.0, 5.0)
PLANES = draw_stack(RELIEF, Z_DOF)
CORNER_PX = np.hypot(SIDE_PX, SIDE_PX) / 2


@pytest.mark.parametrize("breathing", [0.0, 0.004, -0.01])
def test_shift_and_magnification_are_found(breathing: float) -> None:
    rng = np.random.default_rng(8)
    k = np.arange(len(PLANES)) - len(PLANES) // 2
    shifts = rng.uniform(-4, 4, (len(PLANES), 2)) * (k != 0)[:, None]
    magnifications = (1 + breathing) ** k
    found = align_planes(moved_stack(PLANES, shifts, magnifications))
    assert not found.untouched
    assert np.abs(found.shifts_px - shifts).max() < 1
    assert np.abs(found.magnifications - magnifications).max() * CORNER_PX < 1
    if not breathing:
        assert (found.magnifications == 1).all()


def test_aligned_planes_lie_on_one_another() -> None:
    k = np.arange(len(PLANES)) - len(PLANES) // 2
    moved = moved_stack(PLANES, np.stack([3.3 * k, -2.0 * k], 1), 1.005**k)
    found = align_planes(moved)
    for plane, aligned in zip(PLANES, found, strict=True):
        wanted = gaussian_filter(plane[found.field].astype(float), 2)
        assert aligned.dtype == plane.dtype
        got = gaussian_filter(aligned.astype(float), 2)
        inner = np.s_[8:-8, 8:-8]
        assert np.corrcoef(wanted[inner].ravel(), got[inner].ravel())[0, 1] > 0.98


def test_the_field_is_what_all_planes_show() -> None:
    shifts = np.zeros((len(PLANES), 2))
    shifts[0] = (20, 0)
    found = align_planes(moved_stack(PLANES, shifts, np.ones(len(PLANES))))
    # What lies at row r of the middle plane lies at r + 20 of the first.
    assert abs(found.field[0].stop - (SIDE_PX - 20)) <= 1
    assert found.field[0].start <= 1
    assert found[0].shape == tuple(cut.stop - cut.start for cut in found.field)


def test_frames_that_need_nothing_come_out_bit_for_bit() -> None:
    found = align_planes(PLANES)
    assert found.untouched
    assert all(np.array_equal(a, b) for a, b in zip(found, PLANES, strict=True))


@pytest.mark.parametrize("side_px", [256, 512])
def test_blur_that_grows_outwards_is_no_breathing(side_px: int) -> None:
    # Of the first planes, up to ten depths of field from all of the sample, detail seems to move.
    relief = cap((side_px, side_px), 8.0)
    assert align_planes(draw_stack(relief, np.arange(-10.0, 3.0, 1.2))).untouched


def test_equal_frames_come_out_bit_for_bit() -> None:
    assert align_planes(np.stack([PLANES[1]] * 3)).untouched


def test_frames_with_nothing_in_common_are_refused() -> None:
    noise = np.random.default_rng(0).integers(90, 110, (3, 200, 200)).astype(np.uint8)
    with pytest.raises(FusionError, match=r"[Pp]lanes? 0 (and|to) 1"):
        align_planes(noise)
    with pytest.raises(FusionError, match="Planes 0 and 1 do not show enough"):
        align_planes(np.full((2, 64, 64), 7.0))


def test_a_stack_that_runs_out_of_its_field_is_refused() -> None:
    rng = np.random.default_rng(1)
    wide = (gaussian_filter(rng.normal(size=(256, 1024)), 1.5) * 300 + 128).astype(np.uint8)
    frames = [wide[:, left : left + 256] for left in range(0, 401, 50)]
    with pytest.raises(FusionError, match="columns are seen"):
        align_planes(frames)


def test_motions_add_up_and_turn_back() -> None:
    one, other = Motion((3.0, -1.0), 1.02), Motion((-2.0, 5.0), 0.97)
    middle, point = np.array([100.0, 80.0]), np.array([13.0, 150.0])

    def go(motion: Motion, place: np.ndarray) -> np.ndarray:
        return middle + motion.magnification * (place - middle) + motion.shift_px

    assert np.allclose(go(one.then(other), point), go(other, go(one, point)))
    assert np.allclose(go(one.inverse(), go(one, point)), point)
