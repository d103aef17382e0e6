"""Ctrl-C while a plan is kept in focus."""

import os
import signal
import time

import pytest
from bluesky import plans as bp
from bluesky.utils import RunEngineInterrupted, SigintHandler

from plans import keep_focus_wrapper

POINTS = 6
# Two presses count as two if a human hand could have made them.
APART_S = 0.15


@pytest.fixture
def interrupted(strict, engine, detector, motor, drift, recorded):
    """Scan, and press Ctrl-C a number of times in the second refocus."""

    def run(presses: int) -> None:
        def press(name, document):
            if name == "event" and len(recorded.runs("autofocus")) == 2 and not pressed:
                pressed.append(document)
                for _ in range(presses):
                    os.kill(os.getpid(), signal.SIGINT)
                    time.sleep(APART_S)

        pressed: list[dict] = []
        engine.context_managers = [SigintHandler]
        engine.subscribe(press)
        drift(2)
        plan = bp.scan([detector], motor, 0, 1, POINTS)
        with pytest.raises(RunEngineInterrupted):
            engine(keep_focus_wrapper(plan, strict.station, search="hill_climb"))
        assert engine.state == "paused"
        assert len(recorded.runs("autofocus")) == 2

    return run


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_in_a_refocus_pauses_and_all_goes_on(interrupted, strict, engine, recorded, presses):
    interrupted(presses)
    engine.resume()
    (parent,) = recorded.runs("scan")
    assert len(recorded.events(parent["uid"], "primary")) == POINTS
    assert recorded.stop(parent["uid"])["exit_status"] == "success"
    assert strict.stage.readback.get() == pytest.approx(strict.camera.focus, abs=2.0)
    assert strict.camera.staged == strict.camera.unstaged


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_and_abort_close_both_runs_and_free_the_camera(
    interrupted, strict, engine, recorded, presses
):
    interrupted(presses)
    engine.abort()
    (parent,), refocuses = recorded.runs("scan"), recorded.runs("autofocus")
    assert recorded.stop(parent["uid"])["exit_status"] == "abort"
    assert recorded.stop(refocuses[-1]["uid"])["exit_status"] == "abort"
    assert strict.camera.staged == strict.camera.unstaged
    engine(bp.count([strict.camera]))
