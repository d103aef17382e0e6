import numpy as np
import pytest

from bluesky_autofocus.errors import FrameError
from bluesky_autofocus.estimator.frames import checked_frame, exposure
from bluesky_autofocus.estimator.validity import Validity

GOOD = np.random.default_rng(0).integers(40, 200, (96, 128)).astype(np.uint8)


@pytest.mark.parametrize(
    "frame, said",
    [
        (GOOD > 100, "bool"),
        (GOOD.astype(complex), "complex"),
        (np.full((96, 128), "x"), "<U1"),
        (GOOD[None], r"\(1, 96, 128\)"),
        (GOOD[0], r"\(128,\)"),
        (GOOD[:, :1], r"\(96, 1\)"),
        (GOOD[:0], r"\(0, 128\)"),
        (np.zeros((63, 64), np.uint8), r"\(63, 64\)"),
        (np.broadcast_to(np.uint8(1), (64, 16385)), "16385"),
        (np.where(GOOD == GOOD[5, 5], np.nan, GOOD.astype(float)), "not finite"),
        (np.where(GOOD == GOOD[5, 5], np.inf, GOOD.astype(float)), "not finite"),
        (GOOD.astype(np.int16) - 60, "below 0"),
        (None, "object"),
    ],
)
def test_what_is_no_frame_is_refused_with_its_value(frame, said):
    with pytest.raises(FrameError, match=said):
        checked_frame(frame)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32, np.float64, ">u2"])
def test_frames_of_all_grey_types_are_taken(dtype):
    assert checked_frame(GOOD.astype(dtype)).shape == GOOD.shape


def test_a_plain_frame_is_well_exposed():
    light = exposure(GOOD)
    assert light.validity is Validity.GOOD
    assert light.mean_fraction == pytest.approx(GOOD.mean() / 255, rel=0.02)


def test_a_clipped_frame_is_saturated():
    assert exposure(np.where(GOOD > 180, 255, GOOD).astype(np.uint8)).validity is Validity.SATURATED


def test_twelve_bits_in_sixteen_are_recognised_by_the_brightest_pixel():
    twelve = GOOD.astype(np.uint16) * 16
    clipped = np.where(twelve > 2900, 4095, twelve).astype(np.uint16)
    assert exposure(twelve).full_scale == 4095
    assert exposure(clipped).validity is Validity.SATURATED
    assert exposure(clipped, full_scale=65535).validity is Validity.GOOD


def test_a_dark_frame_is_too_dark_and_a_dim_one_is_not():
    assert exposure(GOOD // 50).validity is Validity.TOO_DARK
    assert exposure(GOOD // 10).validity is Validity.GOOD


def test_real_numbers_have_a_full_scale_only_where_they_are_cut():
    real = GOOD / 255.0 + np.random.default_rng(1).random(GOOD.shape) / 255
    assert exposure(real).validity is Validity.GOOD
    assert not np.isfinite(exposure(real).full_scale)
    assert exposure(np.minimum(real, 0.7)).validity is Validity.SATURATED
