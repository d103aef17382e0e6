"""Every plane is estimated and measured, in order, and a bad one is named."""

import numpy as np
import pytest

from bluesky_autofocus.errors import FrameError
from bluesky_autofocus.evaluation import read_planes
from bluesky_autofocus.measures import MEASURES


class ByContrast:
    """Says the spread of a frame's grey levels."""

    def __init__(self, hand_made):
        self.hand_made = hand_made

    def summary(self, frame):
        if frame.max() < 130:
            raise FrameError("The frame is too flat.")
        return self.hand_made(float(np.ptp(frame)))


def test_planes_come_in_order_with_every_measure(make_stack, hand_made):
    stack = make_stack([4.0, -1.0, 2.0], focus=2.0)
    counted = []
    planes = read_planes(stack, ByContrast(hand_made), on_plane=lambda: counted.append(1))
    assert [plane.z for plane in planes] == [-1.0, 2.0, 4.0]
    assert [plane.file for plane in planes] == ["1.png", "2.png", "0.png"]
    assert len(counted) == 3
    for plane, index in zip(planes, range(3), strict=True):
        frame = stack.plane(index)
        assert plane.estimate.distance_dof == np.ptp(frame)
        assert dict(plane.measures) == {name: float(of(frame)) for name, of in MEASURES.items()}


def test_plane_that_cannot_be_estimated_is_named(make_stack, hand_made):
    stack = make_stack([0.0, 1.0, 90.0], focus=0.0)
    with pytest.raises(FrameError, match=r"sweep/2\.png: The frame is too flat\."):
        read_planes(stack, ByContrast(hand_made))
