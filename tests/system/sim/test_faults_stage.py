"""The stage's faults, switched while it runs and seen through ophyd's own EpicsMotor."""

import time

import epics
import pytest
from ophyd.utils import DisconnectedError

pytestmark = pytest.mark.system


def wait_until(condition, timeout=5.0):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"not true within {timeout} s"
        time.sleep(0.005)


def test_stall_stays_moving_until_it_is_stopped(stage, puts):
    puts.put("fault:stage_stall", 1)
    move = stage.set(100.0)
    time.sleep(0.5)
    assert not move.done
    assert puts.get("m1.DMOV") == 0
    assert puts.get("m1.MOVN") == 1
    assert puts.get("m1.RBV") == 0.0
    puts.put("fault:stage_stall", 0)
    time.sleep(0.1)
    assert not move.done
    stage.motor_stop.put(1)
    move.wait(timeout=5)
    assert puts.get("m1.VAL") == 0.0
    stage.set(100.0).wait(timeout=5)
    assert stage.position == pytest.approx(100.0)


def test_stop_short_reports_done_before_the_target(stage, puts):
    puts.put("fault:stage_stop_short", 0.2)
    move = stage.set(100.0)
    move.wait(timeout=5)
    assert move.success
    assert stage.position == pytest.approx(80.0)
    assert puts.get("m1.VAL") == 100.0
    assert puts.get("m1.DIFF") == pytest.approx(20.0)


def test_retries_close_in_on_the_target_or_report_a_miss(stage, puts):
    puts.put("fault:stage_stop_short", 0.2)
    puts.put("m1.RTRY", 2)
    stage.set(100.0).wait(timeout=5)
    assert puts.get("m1.RCNT") == 2
    assert stage.position == pytest.approx(99.2)
    assert puts.get("m1.MISS") == 1
    puts.put("m1.RTRY", 10)
    stage.set(0.0).wait(timeout=5)
    assert puts.get("m1.MISS") == 0
    assert stage.position == pytest.approx(0.0, abs=puts.get("m1.RDBD"))


def test_slow_takes_longer_by_its_factor(stage, puts):
    puts.put("fault:stage_slow", 0.2)
    start = time.perf_counter()
    stage.set(200.0).wait(timeout=10)
    assert 1.0 <= time.perf_counter() - start < 1.4


@pytest.mark.parametrize(("target", "switch"), [(100.0, "HLS"), (-100.0, "LLS")])
def test_limit_switch_ahead_fails_the_move(stage, puts, target, switch):
    puts.put("fault:stage_limit", 1)
    move = stage.set(target)
    wait_until(lambda: move.done)
    assert not move.success
    assert puts.get(f"m1.{switch}") == 1
    assert abs(puts.get("m1.RBV")) < 10.0
    puts.put("fault:stage_limit", 0)
    stage.set(-target).wait(timeout=5)
    assert puts.get(f"m1.{switch}") == 0


def test_limit_switch_comes_on_during_a_move(stage, puts):
    move = stage.set(1000.0)
    wait_until(lambda: stage.position > 200)
    puts.put("fault:stage_limit", 1)
    wait_until(lambda: move.done)
    assert not move.success
    # The machine may be slow to put the switch on: short of the target is enough.
    assert 200 < stage.position < 999


def test_disconnected_stage_is_gone_and_comes_back(stage, puts):
    puts.put("fault:stage_disconnect", 1)
    wait_until(lambda: not stage.user_readback.connected)
    with pytest.raises(DisconnectedError):
        _ = stage.position
    stranger = epics.PV(f"{stage.prefix}.CDIR", auto_monitor=False)
    assert not stranger.wait_for_connection(timeout=1.0)
    assert puts.get("fault:stage_disconnect") == 1
    assert puts.get("m1:TruePosition") == 0.0
    puts.put("fault:stage_disconnect", 0)
    wait_until(lambda: stage.connected, timeout=30)
    wait_until(lambda: stranger.connected, timeout=30)
    stage.set(50.0).wait(timeout=5)
    assert stage.position == pytest.approx(50.0)


def test_disconnect_during_a_move_with_a_put_waiting(stage, puts):
    move = stage.set(400.0)
    wait_until(lambda: stage.position > 50)
    puts.put("fault:stage_disconnect", 1)
    wait_until(lambda: puts.get("m1:TruePosition") == pytest.approx(400.0))
    puts.put("fault:stage_disconnect", 0)
    wait_until(lambda: stage.connected, timeout=30)
    wait_until(lambda: stage.user_readback.get() == pytest.approx(400.0))
    move.wait(timeout=5)
    assert move.success
    stage.set(0.0).wait(timeout=5)
    assert stage.position == pytest.approx(0.0)


def test_bad_values_are_refused_and_leave_the_fault_as_it_is(puts, stage):
    for value in (0.0, -1.0, 1.5, float("nan")):
        puts.pv("fault:stage_slow").put(value, wait=True, timeout=2)
        assert puts.get("fault:stage_slow") == 1.0
    puts.pv("fault:stage_stall").put(7, wait=True, timeout=2)
    assert puts.get("fault:stage_stall") == 0
    stage.set(10.0).wait(timeout=5)
