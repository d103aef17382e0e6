"""A halt at every kind of step: nothing more is done, and all can begin anew."""

import pytest
from bluesky.utils import RunEngineInterrupted

from plans import autofocus, calibrate

PLANS = {"autofocus": autofocus, "calibrate": lambda station: calibrate(station, planes=11)}


@pytest.mark.parametrize("plan", [pytest.param(plan, id=name) for name, plan in PLANS.items()])
def test_after_a_halt_nothing_moves_and_the_run_is_closed_without_a_verdict(
    soft, engine, steps_of, paused_at, plan
):
    steps = steps_of(engine, plan(soft.station))
    soft.stage.set(30.0)
    for number in steps:
        soft.documents.clear()
        soft.camera.staged = soft.camera.unstaged = 0
        with pytest.raises(RunEngineInterrupted):
            engine(paused_at(plan(soft.station), number))
        here, targets = soft.stage.readback.get(), list(soft.stage.targets)
        ended = bool(soft.events("outcome"))
        engine.halt()
        assert engine.state == "idle"
        assert soft.stage.targets == targets and soft.stage.readback.get() == here
        # The RunEngine itself unstages what a plan has staged.
        assert soft.camera.staged == soft.camera.unstaged
        assert bool(soft.events("outcome")) is ended
        names = [name for name, _ in soft.documents]
        assert names.count("start") == names.count("stop") == bool(names)
        if names and not ended:
            assert soft.last("stop")["exit_status"] == "abort"
        # The start document says where to go back to.
        for start in [doc for name, doc in soft.documents if name == "start"]:
            said = start.get("autofocus") or start["calibration"]
            soft.stage.set(said["start"])
        assert soft.stage.readback.get() == pytest.approx(30.0)


def test_after_a_halt_the_next_run_is_as_any_other(soft, engine, paused_before):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(autofocus(soft.station), "save", 4))
    engine.halt()
    soft.documents.clear()
    result = engine(autofocus(soft.station)).plan_result
    assert result.in_focus
    assert len(soft.events("primary")) == len(soft.events("search")) == result.frames
    assert soft.camera.staged == soft.camera.unstaged == 2
