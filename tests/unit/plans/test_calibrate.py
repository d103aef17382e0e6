"""The calibration plan: what it refuses, where it goes, and how it ends."""

from dataclasses import replace

import pytest
from bluesky.utils import RunEngineInterrupted

from bluesky_autofocus.errors import CalibrationError, WindowError
from bluesky_autofocus.verdict import Verdict
from devices import Approach, SampleSide
from plans import calibrate


def run(soft, engine, **options):
    return engine(calibrate(soft.station, **options)).plan_result


@pytest.mark.parametrize("side", ["low", "high"])
def test_both_directions_are_taken_and_all_is_left_as_found(soft, engine, side):
    approach = replace(soft.station.approach, side=side)
    soft.station = replace(soft.station, approach=approach, sample=SampleSide("high", 40.0))
    result = run(soft, engine)
    assert result.verdict is None, result
    assert result.focus == pytest.approx(-12.0, abs=1.0)
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert soft.camera.staged == soft.camera.unstaged == 1
    assert -60 <= min(soft.stage.targets) <= max(soft.stage.targets) <= 60
    events = soft.events("primary")
    legs = [event["step_leg"] for event in events]
    assert {leg: legs.count(leg) for leg in legs} == {
        "sweep": 31,
        "up": 21,
        "down": 21,
        "repeat": 16,
    }
    targets = {leg: [e["stage"] for e in events if e["step_leg"] == leg] for leg in set(legs)}
    assert targets["up"] == sorted(targets["up"])
    assert targets["down"] == sorted(targets["down"], reverse=True)
    arrivals = [e["step_arrival"] for e in events if e["step_leg"] == "repeat"]
    assert len(set(arrivals)) == 8
    assert soft.last("stop")["exit_status"] == "success"
    assert soft.last("start")["calibration"]["full_scale"] == 255.0


def test_every_repeat_comes_from_the_approach_side(soft, engine):
    run(soft, engine)
    place = soft.events("primary")[-1]["stage"]
    last = soft.stage.targets[-20:]
    came = [before for before, at in zip(last, last[1:], strict=False) if at == place]
    assert len(came) == 8 and all(before < place - 3.0 for before in came)


@pytest.mark.parametrize("focus", [-51.0, 51.0])
@pytest.mark.parametrize("side", ["low", "high"])
def test_frames_are_taken_where_the_stage_can_arrive_from_both_sides(soft, engine, side, focus):
    soft.camera.focus = focus
    soft.station = replace(soft.station, approach=Approach(side, 3.0))
    run(soft, engine)
    events = soft.events("primary")
    places = [event["stage"] for event in events]
    assert (min(places), max(places)) == pytest.approx((-57.0, 57.0))
    # Each leg begins with the whole backlash, from its own side.
    came = {"up": -3.0, "down": 3.0}
    for leg, past in came.items():
        first = next(event["stage"] for event in events if event["step_leg"] == leg)
        at = [k for k, target in enumerate(soft.stage.targets) if target == first]
        before = [soft.stage.targets[k - 1] for k in at]
        assert any((there - first) / past >= 1 - 1e-9 for there in before)
    assert soft.last("start")["calibration"]["sweep"] == [-57.0, 57.0]


@pytest.mark.parametrize(
    ("start", "backlash", "options", "said"),
    [
        (0.0, 60.0, {}, "not wider than twice approach.backlash, 2 x 60"),
        (0.0, 3.0, {"window": (-3.0, 3.0)}, "not wider than twice approach.backlash"),
        (-60.0, 10.0, {"reach": 10.0}, r"cannot arrive from both sides .* only in \[-50, 50\]"),
        (58.0, 10.0, {"reach": 5.0}, "Move it there, or give a longer reach"),
    ],
)
def test_where_no_approach_can_be_made_nothing_moves(soft, engine, start, backlash, options, said):
    soft.stage.set(start)
    soft.stage.targets.clear()
    soft.station = replace(soft.station, approach=Approach("low", backlash))
    with pytest.raises(WindowError, match=said):
        run(soft, engine, **options)
    assert soft.stage.targets == [] and soft.camera.staged == 0 and soft.documents == []


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"planes": 6}, CalibrationError, "7 to 200"),
        ({"planes": 201}, CalibrationError, "7 to 200"),
        ({"reach": -1.0}, CalibrationError, "positive"),
        ({"reach": float("nan")}, CalibrationError, "positive"),
        ({"window": (-99.0, 60.0)}, WindowError, "reaches past"),
    ],
)
def test_bad_settings_are_refused_before_anything_moves(soft, engine, options, error, said):
    with pytest.raises(error, match=said):
        run(soft, engine, **options)
    assert soft.stage.targets == [] and soft.camera.staged == 0


def test_a_camera_that_cannot_be_read_is_named_before_anything_moves(soft, engine):
    del type(soft.camera).full_scale
    try:
        with pytest.raises(Exception, match="cannot be read"):
            run(soft, engine)
    finally:
        type(soft.camera).full_scale = 255.0
    assert soft.stage.targets == []


def test_a_blank_sample_ends_the_calibration_after_one_sweep(soft, engine):
    soft.camera.contrast = 0.0
    result = run(soft, engine)
    assert result.verdict is Verdict.NOT_CONVERGED
    assert "no texture here" in result.message
    assert result.frames == 31
    assert soft.stage.readback.get() == pytest.approx(30.0)


def test_a_stage_that_stops_short_is_a_fault_and_the_run_says_so(soft, engine):
    soft.stage.shortfall = 0.3
    with pytest.raises(Exception, match="could not be returned"):
        run(soft, engine)
    outcome = soft.events("outcome")[-1]
    assert not outcome["outcome_complete"] and not outcome["outcome_restored"]
    assert outcome["outcome_verdict"] == "stage_fault"
    assert soft.camera.unstaged == 1


def test_a_camera_without_frames_is_a_fault_and_the_stage_goes_back(soft, engine):
    soft.camera.broken = True
    result = run(soft, engine)
    assert result.verdict is Verdict.CAMERA_FAULT
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert soft.events("outcome")[-1]["outcome_restored"]


@pytest.mark.parametrize("command", ["set", "wait", "trigger", "create", "read", "save"])
@pytest.mark.parametrize("occurrence", [2, 60])
def test_pause_and_resume_anywhere_takes_every_frame_once(
    soft, engine, paused_before, command, occurrence
):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(calibrate(soft.station), command, occurrence))
    result = engine.resume().plan_result
    assert result.verdict is None, result
    assert result.focus == pytest.approx(-12.0, abs=1.0)
    numbers = [event["step_number"] for event in soft.events("primary")]
    assert numbers == list(range(1, result.frames + 1))
    assert soft.stage.readback.get() == pytest.approx(30.0)


@pytest.mark.parametrize("how", ["abort", "stop"])
@pytest.mark.parametrize(
    "command", ["checkpoint", "set", "wait", "trigger", "create", "read", "save"]
)
def test_an_interrupted_calibration_says_so_and_the_stage_goes_back(
    soft, engine, paused_before, how, command
):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(calibrate(soft.station), command, 30))
    getattr(engine, how)()
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert soft.camera.unstaged == 1
    ended = soft.events("outcome")[0]
    assert not ended["outcome_complete"] and ended["outcome_restored"]
    assert ended["outcome_verdict"] == "not_converged"
    assert "interrupted" in ended["outcome_message"]


@pytest.mark.parametrize("command", ["checkpoint", "set", "wait", "trigger", "create", "save"])
def test_a_halt_moves_nothing_frees_the_camera_and_the_next_run_is_complete(
    soft, engine, paused_before, command
):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(calibrate(soft.station), command, 30))
    here, moves = soft.stage.readback.get(), len(soft.stage.targets)
    engine.halt()
    assert (soft.stage.readback.get(), len(soft.stage.targets)) == (here, moves)
    assert soft.camera.staged == soft.camera.unstaged == 1
    assert soft.last("stop")["exit_status"] == "abort"
    assert run(soft, engine).verdict is None


@pytest.mark.parametrize("how", ["abort", "stop"])
@pytest.mark.parametrize("command", ["set", "wait", "read", "create", "save", "unstage"])
def test_an_interruption_at_the_end_leaves_a_calibration_complete(
    soft, engine, paused_before, how, command
):
    commands = []
    engine.msg_hook = lambda msg: commands.append(msg.command)
    assert run(soft, engine).verdict is None
    soft.documents.clear()
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(calibrate(soft.station), command, commands.count(command)))
    getattr(engine, how)()
    assert soft.stage.readback.get() == pytest.approx(30.0)
    assert [end["outcome_complete"] for end in soft.events("outcome")] == [True]
    assert soft.camera.unstaged >= 2
