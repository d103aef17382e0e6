"""The simulated drive: switches, play, noise and faults, at times that the test chooses."""

import math

import pytest

from devices.sim.faults import Faults
from devices.sim.stage.axis import Axis, Mechanics
from devices.sim.stage.motion import Leg


def make_axis(*, backlash=0.0, noise=0.0, travel=(-2000.0, 2000.0), **faults):
    mechanics = Mechanics(travel=travel, resolution=0.01, backlash=backlash, noise=noise)
    return Axis(mechanics, Faults(**faults), seed=3)


def go(axis, target, start=0.0, seconds=10.0, speed=1000.0):
    axis.move(Leg(target, speed, 10_000.0), start)
    for tick in range(int(seconds * 100) + 1):
        axis.update(start + tick / 100)
    return start + seconds


def test_reaches_its_target_in_the_time_that_speed_and_acceleration_say():
    axis = make_axis()
    axis.move(Leg(1000.0, 1000.0, 10_000.0), 5.0)
    assert axis.moving
    assert axis.remaining(5.0) == pytest.approx(1.1)
    axis.update(6.0)
    assert axis.moving
    axis.update(6.101)
    assert not axis.moving
    assert axis.encoder(6.101) == 1000.0


def test_encoder_counts_whole_steps():
    axis = make_axis()
    now = go(axis, 1.2345)
    assert axis.encoder(now) == pytest.approx(1.23)
    assert axis.true_position(now) == pytest.approx(1.2345)


def test_new_target_while_moving_goes_on_from_there():
    axis = make_axis()
    axis.move(Leg(1000.0, 1000.0, 10_000.0), 0.0)
    axis.update(0.5)
    before = axis.encoder(0.5)
    axis.move(Leg(0.0, 1000.0, 10_000.0), 0.5)
    assert axis.encoder(0.5) == before
    assert axis.encoder(0.55) > before
    axis.update(10.0)
    assert axis.encoder(10.0) == 0.0


def test_stop_brakes_short_of_the_target():
    axis = make_axis()
    axis.move(Leg(1000.0, 1000.0, 10_000.0), 0.0)
    axis.stop(0.5)
    axis.update(2.0)
    assert not axis.moving
    assert axis.encoder(2.0) == pytest.approx(450.0 + 50.0, abs=0.01)


def test_limit_switch_stops_the_drive_and_lets_it_back():
    axis = make_axis(travel=(-10.0, 10.0))
    now = go(axis, 500.0)
    assert axis.switches == (False, True)
    assert axis.encoder(now) == 10.0
    now = go(axis, 0.0, now)
    assert axis.switches == (False, False)
    assert axis.encoder(now) == 0.0


def test_carriage_lags_after_a_reversal():
    axis = make_axis(backlash=2.0)
    now = go(axis, 100.0)
    assert axis.true_position(now) == 100.0
    now = go(axis, 99.0, now)
    assert axis.true_position(now) == 100.0
    now = go(axis, 90.0, now)
    assert axis.true_position(now) == pytest.approx(92.0)
    now = go(axis, 95.0, now)
    assert axis.true_position(now) == pytest.approx(95.0)


def test_noise_is_drawn_once_a_move_and_repeats_with_the_seed():
    def errors():
        axis, now, found = make_axis(noise=0.5), 0.0, []
        for target in range(1, 40):
            now = go(axis, float(target), now, seconds=1.0)
            found.append(axis.true_position(now) - target)
            assert axis.true_position(now) == axis.true_position(now + 0.5)
        return found

    first = errors()
    assert first == errors()
    assert len(set(first)) == len(first)
    assert 0.25 < math.sqrt(sum(error**2 for error in first) / len(first)) < 1.0


def test_stall_moves_only_after_it_was_stopped_and_lifted():
    axis = make_axis(stage_stall=True)
    axis.move(Leg(100.0, 1000.0, 10_000.0), 0.0)
    axis.update(60.0)
    assert axis.moving
    assert axis.encoder(60.0) == 0.0
    axis.faults.stage_stall = False
    axis.update(61.0)
    assert axis.moving
    axis.stop(62.0)
    axis.update(62.0)
    assert not axis.moving
    now = go(axis, 100.0, 63.0)
    assert axis.encoder(now) == 100.0


def test_stop_short_leaves_a_fraction_of_the_move():
    axis = make_axis(stage_stop_short=0.25)
    now = go(axis, 100.0)
    assert not axis.moving
    assert axis.encoder(now) == pytest.approx(75.0)


def test_slow_takes_longer_by_its_factor():
    axis = make_axis(stage_slow=0.1)
    axis.move(Leg(1000.0, 1000.0, 10_000.0), 0.0)
    assert axis.remaining(0.0) == pytest.approx(10.01)


@pytest.mark.parametrize(("target", "switches"), [(50.0, (False, True)), (-50.0, (True, False))])
def test_faulty_switch_ahead_stops_the_move_at_once(target, switches):
    axis = make_axis(stage_limit=True)
    axis.move(Leg(target, 1000.0, 10_000.0), 0.0)
    axis.update(0.02)
    assert not axis.moving
    assert axis.switches == switches
    assert abs(axis.encoder(1.0)) < 5.0
    axis.update(1.0)
    assert axis.switches == switches
    axis.faults.stage_limit = False
    axis.update(2.0)
    assert axis.switches == (False, False)
