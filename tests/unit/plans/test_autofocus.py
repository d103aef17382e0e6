from dataclasses import replace

import numpy as np
import pytest
from bluesky import plan_stubs as bps
from bluesky.utils import IllegalMessageSequence, RequestAbort, RunEngineInterrupted

from bluesky_autofocus.errors import CameraFaultError, NotRestoredError, WindowError
from bluesky_autofocus.verdict import Verdict
from devices import Approach, SampleSide
from plans import autofocus
from plans.frame_stubs import record
from plans.stubs import ATTEMPTS

SEARCHES = ["sweep", "golden", "brent", "hill_climb"]


@pytest.mark.parametrize("search", SEARCHES)
def test_a_textured_sample_ends_in_focus(soft, engine, search):
    soft.stage.set(-25.0)
    result = engine(autofocus(soft.station, search=search)).plan_result
    assert result.verdict is Verdict.IN_FOCUS, result
    assert result.in_focus
    assert soft.stage.readback.get() == pytest.approx(-12.0, abs=2.0)
    assert result.position == soft.stage.readback.get()
    assert result.frames == soft.camera.frames


def test_each_frame_is_one_event_and_each_decision_another(soft, engine):
    result = engine(autofocus(soft.station)).plan_result
    seen, decided, ended = (soft.events(s) for s in ("primary", "search", "outcome"))
    assert len(seen) == len(decided) == result.frames
    assert [d["search_position"] for d in decided] == [s["stage"] for s in seen]
    assert [d["search_sharpness"] for d in decided] == [s["focus_sharpness"] for s in seen]
    assert [s["step_number"] for s in seen] == list(range(1, result.frames + 1))
    assert decided[-1]["search_decision"] == "in_focus"
    assert len(ended) == 1
    assert ended[0]["outcome_verdict"] == "in_focus"
    assert ended[0]["outcome_frames"] == result.frames
    assert ended[0]["outcome_restored"] is True
    start = soft.last("start")
    assert start["uid"] == result.uid
    assert start["autofocus"]["window"] == [-60.0, 60.0]
    assert start["autofocus"]["unit"] == "um"
    assert soft.last("stop")["exit_status"] == "success"


def test_the_stage_stays_in_the_window_and_arrives_from_the_approach_side(soft, engine):
    engine(autofocus(soft.station))
    positions = [30.0, *soft.stage.targets]
    assert min(positions) >= -60.0
    assert max(positions) <= 60.0
    for before, here, after in zip(positions, positions[1:], positions[2:], strict=False):
        # A move down is the first half of an approach: the next one goes up.
        assert here >= before or after > here or here == -60.0


def test_the_first_frame_is_taken_after_an_arrival_from_the_approach_side(soft, engine):
    engine(autofocus(soft.station))
    assert soft.stage.targets[:2] == pytest.approx([27.0, 30.0])
    assert soft.events("primary")[0]["stage"] == pytest.approx(30.0)


def test_a_blank_sample_has_no_texture_and_the_stage_goes_back(soft, engine):
    soft.camera.contrast = 0.0
    result = engine(autofocus(soft.station)).plan_result
    assert result.verdict is Verdict.NO_TEXTURE
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert result.position == pytest.approx(30.0)
    assert "structure" in result.message
    assert soft.events("outcome")[0]["outcome_verdict"] == "no_texture"
    assert soft.camera.staged == soft.camera.unstaged == 1


def test_focus_beyond_the_window_is_out_of_range_with_its_side(soft, engine):
    result = engine(autofocus(soft.station, window=(10.0, 50.0))).plan_result
    assert result.verdict is Verdict.OUT_OF_RANGE
    assert result.side == "low"
    assert soft.stage.readback.get() == pytest.approx(30.0)


def test_a_camera_without_frames_is_a_camera_fault_and_the_stage_goes_back(soft, engine):
    soft.camera.broken = True
    result = engine(autofocus(soft.station)).plan_result
    assert result.verdict is Verdict.CAMERA_FAULT
    assert "no frame" in result.message
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert soft.camera.unstaged == 1
    assert soft.events("outcome")[0]["outcome_verdict"] == "camera_fault"
    assert soft.events("primary") == []


def test_a_stage_that_does_not_arrive_is_a_fault_that_nothing_hides(soft, engine):
    soft.stage.shortfall = 0.5
    with pytest.raises(NotRestoredError, match="could not be returned to its start"):
        engine(autofocus(soft.station))
    ended = soft.events("outcome")[0]
    assert ended["outcome_verdict"] == "stage_fault"
    assert ended["outcome_restored"] is False
    assert soft.last("stop")["exit_status"] == "fail"
    assert soft.camera.unstaged == 1


def test_a_stage_that_cannot_leave_its_start_is_not_moved_back(soft, engine):
    soft.stage.stalled = True
    result = engine(autofocus(soft.station)).plan_result
    assert result.verdict is Verdict.STAGE_FAULT
    assert soft.events("outcome")[0]["outcome_restored"] is True
    assert soft.stage.stopped == ATTEMPTS


def test_a_fault_that_passes_is_tried_again(soft, engine):
    shortfalls = iter([0.5])
    plain = soft.stage.set

    def once_short(value):
        soft.stage.shortfall = next(shortfalls, 0.0)
        return plain(value)

    soft.stage.set = once_short
    assert engine(autofocus(soft.station)).plan_result.in_focus


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ((5.0, 5.0), "empty or inverted"),
        ((40.0, -40.0), "empty or inverted"),
        ((float("nan"), 40.0), "not finite"),
        ((-40.0, float("inf")), "not finite"),
        ((-80.0, 40.0), "station's window"),
        ((-60.0, 20.0), "outside the window"),
        ((28.0, 31.0), "not wider than approach.backlash, 3"),
    ],
)
def test_a_bad_window_is_refused_before_anything_happens(soft, engine, window, said):
    with pytest.raises(WindowError, match=said):
        engine(autofocus(soft.station, window=window))
    assert soft.stage.targets == []
    assert soft.documents == []
    assert soft.camera.staged == 0


def test_towards_the_sample_the_stage_goes_in_steps_that_arrive(soft, engine):
    soft.station = replace(soft.station, sample=SampleSide("low", 4.0))
    assert engine(autofocus(soft.station)).plan_result.in_focus
    steps = np.diff([30.0, *soft.stage.targets])
    assert steps.min() >= -4.0 - 1e-9
    assert steps.max() > 5.0

    soft.stage.set(30.0)
    soft.stage.targets.clear()
    soft.stage.shortfall = 0.5
    soft.station = replace(soft.station, approach=Approach("low", 0.0))
    with pytest.raises(NotRestoredError, match=r"sent to 24\.\d+ um and ended at 26\.\d+"):
        engine(autofocus(soft.station, search="golden"))
    # A step that falls short is tried once more, and nothing goes on from there.
    assert min(soft.stage.targets) > 24.0


@pytest.mark.parametrize(
    ("side", "start", "ends"), [("low", -60.0, (-57.0, 60.0)), ("high", 60.0, (-60.0, 57.0))]
)
def test_frames_are_taken_where_the_whole_approach_fits_the_window(soft, engine, side, start, ends):
    soft.stage.set(start)
    soft.station = replace(soft.station, approach=Approach(side, 3.0))
    assert engine(autofocus(soft.station, search="sweep")).plan_result.in_focus
    places = [event["stage"] for event in soft.events("primary")]
    assert (min(places), max(places)) == pytest.approx(ends)
    assert soft.last("start")["autofocus"]["searched"] == list(ends)


def test_a_start_outside_by_the_tolerance_takes_no_step_outside(soft, engine):
    soft.stage.set(60.09)
    soft.stage.targets.clear()
    soft.station = replace(soft.station, sample=SampleSide("low", 0.05), window=(55.0, 60.0))
    engine(autofocus(soft.station, search="sweep"))
    assert max(soft.stage.targets) <= 60.0


def test_a_window_of_too_many_steps_is_refused(soft, engine):
    soft.station = replace(soft.station, sample=SampleSide("low", 0.5))
    with pytest.raises(WindowError, match="more than 200 steps"):
        engine(autofocus(soft.station))
    assert soft.documents == []


def test_a_window_beyond_the_soft_limits_is_refused(soft, engine):
    soft.stage.limits = (-50.0, 50.0)
    with pytest.raises(WindowError, match="soft limits"):
        engine(autofocus(soft.station))
    assert soft.documents == []


@pytest.mark.parametrize("command", ["set", "wait", "trigger", "create", "read", "save"])
@pytest.mark.parametrize("occurrence", [2, 5])
def test_pause_and_resume_anywhere_leaves_record_and_decisions_in_step(
    soft, engine, paused_before, command, occurrence
):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(autofocus(soft.station), command, occurrence))
    result = engine.resume().plan_result
    assert result.in_focus
    seen, decided = soft.events("primary"), soft.events("search")
    assert len(seen) == len(decided) == result.frames
    assert [d["search_sharpness"] for d in decided] == [s["focus_sharpness"] for s in seen]


@pytest.mark.parametrize("how", ["abort", "stop"])
@pytest.mark.parametrize(
    "command", ["checkpoint", "set", "wait", "trigger", "create", "read", "save"]
)
def test_an_interrupted_run_says_so_and_the_stage_goes_back(
    soft, engine, paused_before, how, command
):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(autofocus(soft.station), command, 4))
    getattr(engine, how)()
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert soft.camera.unstaged == 1
    ended = soft.events("outcome")[0]
    assert ended["outcome_verdict"] == "not_converged"
    assert "interrupted" in ended["outcome_message"]


@pytest.mark.parametrize("how", ["abort", "stop"])
@pytest.mark.parametrize("command", ["set", "wait", "read", "create", "save", "unstage"])
def test_an_interruption_at_the_end_changes_neither_the_verdict_nor_the_way_back(
    soft, engine, paused_before, how, command
):
    soft.camera.contrast = 0.0
    commands = []
    engine.msg_hook = lambda msg: commands.append(msg.command)
    verdict = engine(autofocus(soft.station)).plan_result.verdict
    soft.documents.clear()
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(autofocus(soft.station), command, commands.count(command)))
    getattr(engine, how)()
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert [end["outcome_verdict"] for end in soft.events("outcome")] == [str(verdict)]
    assert soft.camera.unstaged >= 2


@pytest.mark.parametrize(
    "command", ["checkpoint", "set", "wait", "trigger", "create", "read", "save"]
)
def test_a_halt_moves_nothing_frees_the_camera_and_the_next_run_finds_focus(
    soft, engine, paused_before, command
):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(autofocus(soft.station), command, 4))
    here, moves = soft.stage.readback.get(), len(soft.stage.targets)
    engine.halt()
    assert (soft.stage.readback.get(), len(soft.stage.targets)) == (here, moves)
    assert soft.camera.staged == soft.camera.unstaged == 1
    assert soft.last("stop")["exit_status"] == "abort"
    assert soft.events("outcome") == []
    assert engine(autofocus(soft.station)).plan_result.in_focus


def test_whatever_a_camera_raises_is_a_camera_fault(soft, engine):
    class DriverError(Exception):
        pass

    plain = soft.camera.read
    readings = iter(range(3))

    def read():
        if next(readings, None) is None:
            raise DriverError("from the vendor's library")
        return plain()

    soft.camera.read = read
    result = engine(autofocus(soft.station)).plan_result
    assert result.verdict is Verdict.CAMERA_FAULT
    assert "from the vendor's library" in result.message
    assert result.frames == 3
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert soft.camera.unstaged == 1


def test_every_move_follows_a_checkpoint(soft, engine):
    commands = []
    engine.msg_hook = lambda msg: commands.append(msg.command)
    engine(autofocus(soft.station))
    since = 0
    for command in commands:
        if command == "checkpoint":
            since = 0
        elif command == "set":
            since += 1
            # At most an approach and a target, tried once.
            assert since <= 2
    assert commands.count("checkpoint") >= 2 * soft.camera.frames


def test_the_engine_is_free_for_the_next_plan(soft, engine):
    soft.camera.broken = True
    engine(autofocus(soft.station))
    soft.camera.broken = False
    engine(bps.mv(soft.stage, 20.0))
    assert engine(autofocus(soft.station)).plan_result.in_focus


def test_a_camera_that_cannot_be_staged_is_refused_before_anything_moves(soft, engine):
    def stage():
        raise TimeoutError("the driver does not answer")

    soft.camera.stage = stage
    with pytest.raises(CameraFaultError, match="cannot be made ready: the driver does not answer"):
        engine(autofocus(soft.station))
    assert soft.stage.targets == []
    assert soft.documents == []


def test_an_interruption_passes_though_there_is_no_event_to_drop():
    plan = record("primary", [])
    assert [next(plan).command, plan.send(None).command] == ["create", "save"]
    assert plan.throw(RequestAbort()).command == "drop"
    with pytest.raises(RequestAbort):
        plan.throw(IllegalMessageSequence("the pause has dropped it"))


@pytest.mark.parametrize("search", ["sweep", "golden"])
@pytest.mark.parametrize("low, high, start", [(8.0, 50.0, 30.0), (-60.0, -28.0, -40.0)])
def test_a_focus_beyond_the_window_is_found_within_the_outer_one(
    soft, engine, search, low, high, start
):
    soft.stage.set(start)
    soft.stage.targets.clear()
    plan = autofocus(soft.station, window=(low, high), outer_window=(-60.0, 60.0), search=search)
    result = engine(plan).plan_result
    assert result.verdict is Verdict.IN_FOCUS, result
    assert result.position == pytest.approx(-12.0, abs=2.0)
    starts = [doc for name, doc in soft.documents if name == "start"]
    windows = [doc["autofocus"]["window"] for doc in starts]
    assert windows[0] == [low, high]
    assert 2 <= len(windows) <= 4
    assert all(-60 <= window[0] < window[1] <= 60 for window in windows)
    assert starts[-1]["uid"] == result.uid


def test_nothing_is_searched_outside_the_outer_window(soft, engine):
    soft.stage.set(30.0)
    soft.stage.targets.clear()
    plan = autofocus(soft.station, window=(20.0, 50.0), outer_window=(10.0, 50.0), search="sweep")
    result = engine(plan).plan_result
    assert result.verdict is Verdict.OUT_OF_RANGE, result
    assert min(soft.stage.targets) >= 10.0
    assert soft.stage.readback.get() == pytest.approx(30.0, abs=0.1)


def test_an_outer_window_has_to_hold_the_window(soft, engine):
    with pytest.raises(WindowError, match=r"\[0, 60\] is not around the window \[-10, 40\]"):
        engine(autofocus(soft.station, window=(-10.0, 40.0), outer_window=(0.0, 60.0)))
    assert not soft.documents
