"""The kinematics of the simulated stage: no clock, no Channel Access."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.sim.stage.motion import Leg, carriage_position, move_profile, plan_legs, stop_profile

positions = st.floats(-1e4, 1e4)
velocities = st.floats(-2e3, 2e3)
speeds = st.floats(1.0, 2e3)
accelerations = st.floats(10.0, 1e5)

SLEW = Leg(0.0, 1000.0, 10_000.0)
FINAL = Leg(0.0, 100.0, 1000.0)


def test_long_move_is_a_trapezoid():
    profile = move_profile(0.0, 0.0, 1000.0, speed=1000.0, acceleration=10_000.0)
    assert profile.duration == pytest.approx(1.1)
    assert profile.state(0.1) == pytest.approx((50.0, 1000.0))
    assert profile.state(0.55) == pytest.approx((500.0, 1000.0))
    assert profile.state(1.0) == pytest.approx((950.0, 1000.0))
    assert profile.state(1.1) == (1000.0, 0.0)


def test_short_move_is_a_triangle():
    profile = move_profile(10.0, 0.0, 9.0, speed=1000.0, acceleration=100.0)
    assert profile.duration == pytest.approx(2 * math.sqrt(1.0 / 100.0))
    assert profile.state(profile.duration / 2) == pytest.approx((9.5, -10.0))


def test_no_distance_takes_no_time():
    profile = move_profile(5.0, 0.0, 5.0, speed=1.0, acceleration=1.0)
    assert profile.duration == 0.0
    assert profile.state(0.0) == (5.0, 0.0)


def test_retarget_backwards_brakes_first():
    profile = move_profile(0.0, 100.0, -50.0, speed=100.0, acceleration=1000.0)
    brake_end, velocity = profile.state(0.1)
    assert (brake_end, velocity) == pytest.approx((5.0, 0.0))
    assert profile.state(profile.duration) == (-50.0, 0.0)


def test_retarget_within_braking_distance_turns_round():
    profile = move_profile(0.0, 100.0, 2.0, speed=100.0, acceleration=1000.0)
    furthest = max(profile.state(profile.duration * i / 500)[0] for i in range(501))
    assert furthest == pytest.approx(5.0, abs=0.01)
    assert profile.end == 2.0


def test_faster_than_allowed_slows_to_the_speed():
    profile = move_profile(0.0, 200.0, 1000.0, speed=100.0, acceleration=1000.0)
    assert profile.state(0.1)[1] == pytest.approx(100.0)
    assert profile.state(profile.duration / 2)[1] == pytest.approx(100.0)


def test_stop_ends_one_braking_distance_ahead():
    profile = stop_profile(10.0, -100.0, acceleration=1000.0)
    assert profile.end == pytest.approx(5.0)
    assert profile.duration == pytest.approx(0.1)
    assert profile.state(0.05) == pytest.approx((6.25, -50.0))


@given(positions, velocities, positions, speeds, accelerations)
def test_every_move_is_smooth_bounded_and_arrives(position, velocity, target, speed, acceleration):
    profile = move_profile(position, velocity, target, speed=speed, acceleration=acceleration)
    assert profile.state(profile.duration) == (target, 0.0)
    assert all(duration >= 0.0 for duration, _ in profile.phases)
    assert all(abs(ramp) <= acceleration for _, ramp in profile.phases)
    # Integrating the phases from the start leads to the target, so nothing jumps at the end.
    place, pace = position, velocity
    for duration, ramp in profile.phases:
        place += pace * duration + ramp * duration**2 / 2
        pace += ramp * duration
        assert abs(pace) <= max(speed, abs(velocity)) * (1 + 1e-9)
    assert place == pytest.approx(target, abs=1e-6 * max(1.0, abs(target), abs(position)))
    assert pace == pytest.approx(0.0, abs=1e-6 * max(speed, abs(velocity)))


def test_carriage_follows_upwards_and_lags_downwards():
    assert carriage_position(0.0, 10.0, 2.0) == 10.0
    assert carriage_position(10.0, 9.0, 2.0) == 10.0
    assert carriage_position(10.0, 5.0, 2.0) == 7.0
    assert carriage_position(7.0, 6.0, 2.0) == 7.0


@given(st.lists(positions, min_size=1, max_size=20), st.floats(0.0, 10.0))
def test_carriage_stays_within_the_play(path, backlash):
    carriage = path[0]
    for encoder in path:
        carriage = carriage_position(carriage, encoder, backlash)
        assert encoder <= carriage <= encoder + backlash


@pytest.mark.parametrize(
    ("current", "target", "distance", "legs"),
    [
        (0.0, 100.0, 0.0, [(100.0, 1000.0)]),
        (0.0, 100.0, 5.0, [(95.0, 1000.0), (100.0, 100.0)]),
        (100.0, 0.0, 5.0, [(-5.0, 1000.0), (0.0, 100.0)]),
        (0.0, 4.0, 5.0, [(4.0, 100.0)]),
        (4.0, 0.0, 5.0, [(-5.0, 1000.0), (0.0, 100.0)]),
        (0.0, 100.0, -5.0, [(105.0, 1000.0), (100.0, 100.0)]),
        (100.0, 97.0, -5.0, [(97.0, 100.0)]),
        (0.0, 100.0, 0.001, [(100.0, 1000.0)]),
    ],
)
def test_backlash_correction_ends_in_the_preferred_direction(current, target, distance, legs):
    planned = plan_legs(current, target, distance=distance, resolution=0.01, slew=SLEW, final=FINAL)
    assert [(leg.target, leg.speed) for leg in planned] == legs


def test_preferred_move_at_equal_speeds_is_one_leg():
    planned = plan_legs(0.0, 100.0, distance=5.0, resolution=0.01, slew=SLEW, final=SLEW)
    assert [leg.target for leg in planned] == [100.0]
