"""The plan on the live simulation, recorded and read back."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from bluesky import plan_stubs as bps
from bluesky import plans as bp
from bluesky import preprocessors as bpp
from bluesky.utils import RunEngineInterrupted
from ophyd.sim import SynAxis

from bluesky_autofocus.catalog import load_run
from bluesky_autofocus.errors import NotRestoredError
from bluesky_autofocus.result import FocusResult
from bluesky_autofocus.verdict import Verdict
from devices.sim.process import simulated_station
from plans import FocusSuspender, autofocus, keep_focus_wrapper

pytestmark = pytest.mark.system

READ_BACK = """
import hashlib, json, sys
from databroker import Broker
run = Broker.named("autofocus")[sys.argv[1]]
frames = Broker.named("autofocus").v2[sys.argv[1]]["primary"]["data"]["camera_image"]
table, outcome = run.table(), run.table("outcome")
print(json.dumps({
    "sha256": [hashlib.sha256(frames[i].tobytes()).hexdigest() for i in range(len(table))],
    "positions": table["stage"].tolist(),
    "verdict": outcome["outcome_verdict"].iloc[-1],
    "documents": [name for name, _ in run.documents()],
    "search": run.start["autofocus"]["search"],
}))
"""


def test_a_new_process_reads_the_very_frames_that_the_search_used(live, recorder, catalog):
    import hashlib

    used = []
    plain = live.station.camera.frame
    live.station.camera.frame = lambda: used.append(plain()) or used[-1]
    try:
        live.engine(bps.mv(live.station.stage, 40.0))
        result = live.engine(autofocus(live.station, search="hill_climb")).plan_result
    finally:
        del live.station.camera.frame
    assert result.in_focus
    true_error = float(live.puts.get("m1:TruePosition")) - live.focus()
    assert abs(true_error) < 0.5 * live.station.scale.depth_of_field
    assert recorder.flush(60)

    read = subprocess.run(
        [sys.executable, "-c", READ_BACK, result.uid],
        env={**os.environ, "TILED_PROFILES": str(catalog.storage.home / "profiles")},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    said = json.loads(read.stdout)
    assert said["sha256"] == [hashlib.sha256(frame.tobytes()).hexdigest() for frame in used]
    assert said["positions"] == [event["stage"] for event in live.events("primary")]
    assert said["verdict"] == "in_focus"
    assert said["search"] == "hill_climb"
    assert said["documents"][0] == "start"
    assert said["documents"][-1] == "stop"


@pytest.mark.parametrize(("command", "occurrence"), [("save", 1), ("checkpoint", 2)])
def test_a_pause_at_the_first_event_loses_no_file(live, recorder, catalog, command, occurrence):
    seen = []

    def pause_once(msg):
        seen.append(msg.command)
        if msg.command != command or seen.count(command) != occurrence:
            return None, None

        def pause_first():
            yield from bps.pause()
            return (yield msg)

        return pause_first(), None

    live.engine(bps.mv(live.station.stage, live.focus()))
    with pytest.raises(RunEngineInterrupted):
        live.engine(bpp.plan_mutator(autofocus(live.station), pause_once))
    result = live.engine.resume().plan_result
    assert recorder.flush(60)
    # What the pause had sent again counts once.
    assert len(load_run(catalog, result.uid).frames()) == result.frames


def ended(caught) -> FocusResult:
    assert caught.value.result is not None
    return caught.value.result


def one_frame(camera):
    yield from bps.stage(camera)
    yield from bps.trigger(camera, wait=True)
    yield from bps.unstage(camera)


@pytest.mark.parametrize(
    ("fault", "value", "verdict"),
    [
        ("camera_dark", 1, Verdict.TOO_DARK),
        ("camera_saturate", 1, Verdict.SATURATED),
        ("camera_freeze", 1, Verdict.NO_TEXTURE),
        ("camera_hang", 1, Verdict.CAMERA_FAULT),
        ("camera_drop", 1, Verdict.CAMERA_FAULT),
        ("camera_wrong_shape", 1, Verdict.CAMERA_FAULT),
    ],
)
def test_a_camera_fault_has_its_verdict_and_the_stage_goes_back(live, fault, value, verdict):
    live.engine(bps.mv(live.station.stage, 25.0))
    live.engine(one_frame(live.station.camera))
    live.puts.put(f"fault:{fault}", value)
    result = live.engine(autofocus(live.station, window=(-60.0, 60.0))).plan_result
    assert result.verdict is verdict, result
    assert live.station.stage.position == pytest.approx(25.0, abs=live.station.stage.tolerance)
    assert live.events("outcome")[-1]["outcome_verdict"] == str(verdict)
    assert live.puts.get("cam1:Acquire_RBV") == 0
    assert live.last("stop")["exit_status"] == "success"


def test_flickering_light_does_not_hide_the_focus(live):
    live.puts.put("fault:camera_flicker", 0.1)
    live.engine(bps.mv(live.station.stage, 100.0))
    result = live.engine(autofocus(live.station)).plan_result
    error = float(live.puts.get("m1:TruePosition")) - live.focus()
    assert result.in_focus, result
    assert abs(error) < live.station.scale.depth_of_field


def test_a_stage_that_stops_short_is_a_fault_and_that_it_is_not_back_another(live):
    live.engine(bps.mv(live.station.stage, 25.0))

    def fail_after_the_first_frame(name, doc):
        live.puts.put("fault:stage_stop_short", 0.7, wait=False)

    live.engine.subscribe(fail_after_the_first_frame, "event")
    with pytest.raises(NotRestoredError) as caught:
        live.engine(autofocus(live.station, window=(-200.0, 200.0)))
    assert ended(caught).verdict is Verdict.STAGE_FAULT
    outcome = live.events("outcome")[-1]
    assert outcome["outcome_verdict"] == "stage_fault"
    assert outcome["outcome_restored"] is False
    assert live.last("stop")["exit_status"] == "fail"


@pytest.mark.parametrize("fault", ["stage_stall", "stage_limit"])
def test_a_stage_that_cannot_leave_its_start_is_a_fault(live, fault):
    live.engine(bps.mv(live.station.stage, 25.0))
    live.puts.put(f"fault:{fault}", 1)
    result = live.engine(autofocus(live.station, window=(-200.0, 200.0))).plan_result
    assert result.verdict is Verdict.STAGE_FAULT
    assert ("did not finish" if fault == "stage_stall" else "limit switch") in result.message
    assert live.station.stage.position == pytest.approx(25.0, abs=live.station.stage.tolerance)
    assert live.events("outcome")[-1]["outcome_restored"] is True


def test_a_slow_stage_still_finds_focus(live):
    live.puts.put("fault:stage_slow", 0.3)
    live.engine(bps.mv(live.station.stage, live.focus() - 30.0))
    result = live.engine(autofocus(live.station, search="hill_climb")).plan_result
    assert result.in_focus, result


def test_an_ioc_that_dies_ends_the_run_within_its_timeouts(new_station, new_port, catalog):
    with simulated_station(port=new_port(), seed=3, data_directory=catalog.storage.frames) as ioc:
        live = new_station(ioc, catalog.storage.frames)
        from bluesky_autofocus.catalog import Recorder

        with Recorder(catalog) as recorder:
            live.engine.subscribe(recorder)
            seen = []

            def kill_at_the_fourth(name, doc):
                seen.append(doc)
                if len(seen) == 4:
                    os.kill(ioc.pid, signal.SIGKILL)

            live.engine.subscribe(kill_at_the_fourth, "event")
            began = time.monotonic()
            with pytest.raises(NotRestoredError) as caught:
                live.engine(autofocus(live.station))
            seconds = time.monotonic() - began
            assert recorder.flush(60)
    assert ended(caught).verdict in (Verdict.STAGE_FAULT, Verdict.CAMERA_FAULT)
    assert seconds < 60.0
    run = load_run(catalog, ended(caught).uid)
    assert run.stop is not None
    assert run.stop["exit_status"] == "fail"
    assert run.verdict is ended(caught).verdict
    frames = run.frames()
    assert len(frames) == len(live.events("primary"))
    assert all(np.ptp(frame) > 0 for frame in frames)


def test_a_stage_that_vanishes_is_a_stage_fault(live):
    seen = []

    def vanish(name, doc):
        seen.append(doc)
        if len(seen) == 3:
            live.puts.put("fault:stage_disconnect", 1, wait=False)

    live.engine.subscribe(vanish, "event")
    with pytest.raises(NotRestoredError) as caught:
        live.engine(autofocus(live.station, window=(-100.0, 100.0)))
    assert ended(caught).verdict is Verdict.STAGE_FAULT
    live.puts.put("fault:stage_disconnect", 0)
    live.station.stage.wait_for_connection(timeout=30)


def drift_with_every_other_event(live) -> None:
    """Put the stage into focus, and move the sample by three depths of field again and again."""

    def drift(_name, document):
        if "sample_x" in document["data"] and document["seq_num"] % 2 == 0:
            shift = 3 * live.station.scale.depth_of_field * document["seq_num"] / 2
            live.puts.put("scene:Drift", shift, wait=False)

    live.engine(bps.mv(live.station.stage, live.focus()))
    live.engine.subscribe(drift, "event")


def test_a_scan_of_a_drifting_sample_is_kept_in_focus(live, recorder, catalog):
    drift_with_every_other_event(live)
    scan = bp.scan([live.station.camera], SynAxis(name="sample_x"), 0, 4, 5)
    live.engine(keep_focus_wrapper(scan, live.station, every_events=2))
    assert recorder.flush(60)
    parent, *refocuses = (doc for name, doc in live.documents if name == "start")
    assert len(refocuses) == 2
    assert live.puts.get("cam1:Acquire_RBV") == 0
    run = load_run(catalog, parent["uid"])
    contrast = [float(np.std(frame) / np.mean(frame)) for frame in run.frames()]
    assert len(contrast) == 5
    assert min(contrast) > 0.8 * max(contrast)
    said = run.events("refocus")
    assert [event["refocus_uid"] for event in said] == [start["uid"] for start in refocuses]
    for start in refocuses:
        assert start["keep_focus"]["parent"] == parent["uid"]
        assert load_run(catalog, start["uid"]).verdict is Verdict.IN_FOCUS


def test_a_blurred_event_is_taken_again_under_a_suspender(live):
    drift_with_every_other_event(live)
    live.engine.install_suspender(FocusSuspender(live.station, below_sharpness=0.9))
    detectors = [live.station.camera, live.station.estimator]
    live.engine(bp.scan(detectors, SynAxis(name="sample_x"), 0, 3, 4))
    live.engine.clear_suspenders()
    # What bluesky repeats comes again, and the later one counts.
    events = [event for event in live.events("primary") if "sample_x" in event]
    sharpness = {event["sample_x"]: event["estimate_sharpness"] for event in events}
    assert list(sharpness) == [0, 1, 2, 3]
    assert min(sharpness.values()) >= 0.9
