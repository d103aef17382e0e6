"""Part of a frame: what lies in it, and what cannot be one."""

import numpy as np
import pytest

from bluesky_autofocus.errors import RegionError
from bluesky_autofocus.frame_region import FrameRegion

FRAME = np.arange(100 * 200).reshape(100, 200)


def test_a_region_is_cut_out():
    region = FrameRegion.of([10, 20, 64, 70])
    part = region.cut(FRAME)
    assert part.shape == region.shape == (64, 70)
    assert part[0, 0] == FRAME[10, 20] and part[-1, -1] == FRAME[73, 89]
    assert part.flags.c_contiguous
    assert region.as_list() == [10, 20, 64, 70]


def test_a_region_may_be_all_of_the_frame():
    assert np.array_equal(FrameRegion(0, 0, 100, 200).cut(FRAME), FRAME)


@pytest.mark.parametrize("values", [[0, 0, 101, 64], [37, 0, 64, 64], [0, 137, 64, 64]])
def test_a_region_must_lie_in_the_frame(values):
    with pytest.raises(RegionError, match="frame has 100 × 200 pixels"):
        FrameRegion.of(values).cut(FRAME)


@pytest.mark.parametrize(
    "values", [[0, 0, 64], [0, 0, 64, 64, 1], [0, 0, "64", 64], [0, 0, 64.0, 64], None, 3]
)
def test_a_region_is_four_whole_numbers(values):
    with pytest.raises(RegionError, match="four whole numbers"):
        FrameRegion.of(values)


@pytest.mark.parametrize("values", [[-1, 0, 64, 64], [0, -1, 64, 64]])
def test_a_region_begins_in_the_frame(values):
    with pytest.raises(RegionError, match="counted from 0"):
        FrameRegion.of(values)


@pytest.mark.parametrize("values", [[0, 0, 63, 64], [0, 0, 64, -64]])
def test_a_region_is_large_enough(values):
    with pytest.raises(RegionError, match="64 each way"):
        FrameRegion.of(values)
