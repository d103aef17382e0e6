"""The plan that records focal stacks: what it refuses, where it goes, and how it ends."""

from dataclasses import replace
from threading import Timer
from time import sleep

import numpy as np
import pytest
from bluesky.utils import RunEngineInterrupted
from ophyd import Signal

from bluesky_autofocus.errors import NotRestoredError, StudyError, WindowError
from bluesky_autofocus.optics import Optics
from bluesky_autofocus.verdict import Verdict
from devices import Approach
from plans import record_stacks

OPTICS = Optics(numerical_aperture=0.30, wavelength_um=0.55, magnification=10.0, pixel_um=3.45)
POSITIONS = tuple(np.linspace(-40.0, 16.0, 8))
FRAMES = 3 * len(POSITIONS)


class Lamp(Signal):
    """A light that remembers its levels, and may fail at one of them."""

    def __init__(self):
        super().__init__(name="lamp", value=0.05)
        self.levels, self.fails_at = [], -1

    def set(self, value, **rest):
        self.levels.append(value)
        if len(self.levels) == self.fails_at:
            raise TimeoutError("no answer")
        return super().set(value, **rest)


@pytest.fixture
def lamp():
    return Lamp()


@pytest.fixture
def lit(soft):
    soft.station = replace(soft.station, optics=OPTICS)
    return soft


def stacks(soft, lamp, **options):
    given = {"positions": POSITIONS, "sample": "chip", "light": lamp, **options}
    return record_stacks(soft.station, given.pop("positions"), **given)


@pytest.mark.parametrize("side", ["low", "high"])
def test_each_light_has_a_sweep_from_the_approach_side_and_all_is_left_as_found(
    lit, lamp, engine, side
):
    lit.station = replace(lit.station, approach=Approach(side, 3.0))
    result = engine(stacks(lit, lamp, study="ours", known_focus=-12.0)).plan_result
    assert result.verdict is None and result.frames == FRAMES, result
    assert lit.stage.readback.get() == pytest.approx(30.0)
    assert lit.camera.staged == lit.camera.unstaged == 1
    assert lamp.levels == pytest.approx([0.07, 0.05, 0.035, 0.05])
    events = lit.events("primary")
    assert [e["step_light"] for e in events[:: len(POSITIONS)]] == ["bright", "normal", "dark"]
    assert [e["step_number"] for e in events] == list(range(1, FRAMES + 1))
    order = POSITIONS if side == "low" else POSITIONS[::-1]
    assert [e["stage"] for e in events] == pytest.approx([*order] * 3)
    away = -3.0 if side == "low" else 3.0
    again = [k for k, target in enumerate(lit.stage.targets) if target == order[0]][1:]
    assert [lit.stage.targets[k - 1] for k in again] == pytest.approx([order[0] + away] * 2)
    start = lit.last("start")
    assert (start["plan_name"], start["purpose"]) == ("record_stacks", "study")
    study = start["study"]
    assert study["name"] == "ours" and study["sample"] == "chip" and study["known_focus"] == -12.0
    assert study["lights"] == {"bright": 1.4, "normal": 1.0, "dark": 0.7}
    assert study["full_scale"] == 255.0 and study["light"] == "lamp"
    assert lit.last("stop")["exit_status"] == "success"
    assert lit.events("outcome")[-1]["outcome_complete"]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"positions": POSITIONS[:6]}, StudyError, "7 to 200"),
        ({"positions": [0.0] * 9}, StudyError, "1 different positions"),
        (
            {"positions": np.linspace(-60, 60, 9)},
            WindowError,
            r"cannot arrive at -60 .*\[-57, 60\]",
        ),
        ({"positions": [*POSITIONS, float("nan")]}, WindowError, "cannot arrive at nan"),
        ({"window": (-99.0, 60.0)}, WindowError, "reaches past"),
        ({"lights": {}}, StudyError, "No light"),
        ({"lights": {"off": 0.0}}, StudyError, "'off' light is 0.0"),
        ({"known_focus": float("inf")}, StudyError, "known_focus is inf"),
        ({"sample": ""}, StudyError, "both need a name"),
        ({"light": None}, StudyError, "no cam.acquire_time"),
    ],
)
def test_bad_settings_are_refused_before_anything_moves(lit, lamp, engine, options, error, said):
    with pytest.raises(error, match=said):
        engine(stacks(lit, lamp, **options))
    assert lit.stage.targets == [] and lit.camera.staged == 0
    assert lamp.levels == [] and lit.documents == []


def test_unknown_optics_are_refused_before_anything_moves(soft, lamp, engine):
    with pytest.raises(StudyError, match="optics of soft are unknown"):
        engine(stacks(soft, lamp))
    assert soft.documents == []


@pytest.mark.parametrize(
    ("broken", "verdict"), [("camera", Verdict.CAMERA_FAULT), ("lamp", Verdict.NOT_CONVERGED)]
)
def test_a_fault_ends_the_run_with_its_name_and_all_is_put_back(lit, lamp, engine, broken, verdict):
    if broken == "camera":
        lit.camera.broken = True
    else:
        lamp.fails_at = 2
    result = engine(stacks(lit, lamp)).plan_result
    assert result.verdict is verdict, result
    assert lit.stage.readback.get() == pytest.approx(30.0)
    assert lamp.get() == 0.05
    assert lit.camera.unstaged == 1
    outcome = lit.events("outcome")[-1]
    assert not outcome["outcome_complete"] and outcome["outcome_restored"]


def test_a_light_that_is_off_cannot_be_multiplied(lit, lamp, engine):
    lamp.put(0.0)
    result = engine(stacks(lit, lamp)).plan_result
    assert result.verdict is Verdict.NOT_CONVERGED and "Switch it on" in result.message
    assert lamp.levels == [] and lit.stage.targets == []


@pytest.mark.parametrize("broken", ["stage", "lamp"])
def test_what_cannot_be_put_back_is_said_in_the_run_as_well(lit, lamp, engine, broken):
    if broken == "stage":
        lit.stage.shortfall = 0.3
    else:
        lamp.fails_at = 4
    with pytest.raises(NotRestoredError, match="could not be"):
        engine(stacks(lit, lamp))
    assert not lit.events("outcome")[-1]["outcome_restored"]
    assert lit.camera.unstaged == 1


@pytest.mark.parametrize("command", ["set", "wait", "trigger", "create", "read", "save"])
@pytest.mark.parametrize("occurrence", [2, 20])
def test_pause_and_resume_anywhere_takes_every_frame_once(
    lit, lamp, engine, paused_before, command, occurrence
):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(stacks(lit, lamp), command, occurrence))
    result = engine.resume().plan_result
    assert result.verdict is None and result.frames == FRAMES
    events = lit.events("primary")
    assert [e["step_number"] for e in events] == list(range(1, FRAMES + 1))
    assert lamp.get() == 0.05 and lit.stage.readback.get() == pytest.approx(30.0)


def test_a_light_that_was_just_being_set_is_put_back_after_an_abort(lit, lamp, engine, monkeypatch):
    at_once, meanwhile = lamp._set_and_wait, Timer(0.1, engine.request_pause)

    def slowly(*args, **options):
        if not meanwhile.ident:
            meanwhile.start()
        sleep(0.5)
        at_once(*args, **options)

    # Until the first level is there ophyd's signals refuse another one.
    monkeypatch.setattr(lamp, "_set_and_wait", slowly)
    with pytest.raises(RunEngineInterrupted):
        engine(stacks(lit, lamp))
    assert lamp.levels == pytest.approx([0.07])
    engine.abort()
    assert lamp.get() == pytest.approx(0.05)
    assert lit.events("outcome")[-1]["outcome_restored"]


@pytest.mark.parametrize("how", ["abort", "stop"])
@pytest.mark.parametrize("command", ["checkpoint", "set", "wait", "trigger", "create", "save"])
def test_an_interrupted_recording_says_so_and_all_is_put_back(
    lit, lamp, engine, paused_before, how, command
):
    with pytest.raises(RunEngineInterrupted):
        engine(paused_before(stacks(lit, lamp), command, 20))
    getattr(engine, how)()
    assert lit.stage.readback.get() == pytest.approx(30.0)
    assert lamp.get() == 0.05 and lit.camera.unstaged == 1
    ended = lit.events("outcome")[0]
    assert not ended["outcome_complete"] and ended["outcome_restored"]
    assert "interrupted" in ended["outcome_message"]
