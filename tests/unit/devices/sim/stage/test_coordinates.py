"""User, dial and raw coordinates, and the soft limits of a motor record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.sim.stage.coordinates import Coordinates, violates_soft_limits


def test_user_is_dial_times_sign_plus_offset():
    coordinates = Coordinates(sign=-1, offset=10.0, resolution=0.5)
    assert coordinates.user(3.0) == 7.0
    assert coordinates.dial(7.0) == 3.0
    assert coordinates.raw(3.0) == 6


def test_limits_change_places_with_the_sense():
    assert Coordinates(1, 10.0, 1.0).user_limits(-5.0, 20.0) == (5.0, 30.0)
    assert Coordinates(-1, 10.0, 1.0).user_limits(-5.0, 20.0) == (-10.0, 15.0)


@given(st.floats(-1e6, 1e6), st.sampled_from([1, -1]), st.floats(-1e6, 1e6))
def test_dial_and_user_are_inverse(dial, sign, offset):
    coordinates = Coordinates(sign, offset, 0.01)
    assert coordinates.dial(coordinates.user(dial)) == pytest.approx(dial, abs=1e-9 * 2e6)


@pytest.mark.parametrize(
    ("target", "last", "limits", "distance", "refused"),
    [
        (5.0, 0.0, (-10.0, 10.0), 0.0, False),
        (10.0, 0.0, (-10.0, 10.0), 0.0, False),
        (10.1, 0.0, (-10.0, 10.0), 0.0, True),
        (-10.1, 0.0, (-10.0, 10.0), 0.0, True),
        (99.0, 0.0, (0.0, 0.0), 0.0, False),
        (0.0, 0.0, (10.0, -10.0), 0.0, True),
        (12.0, 15.0, (-10.0, 10.0), 0.0, False),
        (16.0, 15.0, (-10.0, 10.0), 0.0, True),
        (-8.0, 0.0, (-10.0, 10.0), 5.0, True),
        (-5.0, 0.0, (-10.0, 10.0), 5.0, False),
        (9.0, 0.0, (-10.0, 10.0), 5.0, False),
        (8.0, 0.0, (-10.0, 10.0), -5.0, True),
        (float("nan"), 0.0, (0.0, 0.0), 0.0, True),
        (float("inf"), 0.0, (-10.0, 10.0), 0.0, True),
    ],
)
def test_soft_limits(target, last, limits, distance, refused):
    assert violates_soft_limits(target, last, limits, backlash_distance=distance) is refused
