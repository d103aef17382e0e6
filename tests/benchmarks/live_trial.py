"""One run of the plan on the live simulation, as drawn, and whether it kept what it promises."""

import time
from dataclasses import asdict, replace
from typing import Any

from bluesky import plan_stubs as bps
from bluesky.utils import RunEngineInterrupted
from drawn_trial import Found, Trial
from live_station import LiveStation

from bluesky_autofocus.catalog import Catalog, Recorder, load_run
from bluesky_autofocus.errors import AutofocusError
from bluesky_autofocus.verdict import Verdict
from devices import Approach, SampleSide, Station
from plans import autofocus

__all__ = ["carried_out_live"]

FAR_DOF = 1.0
PAUSE_S = 0.3
REST_S = 2.0
LONGEST_S = 120.0
FLUSH_S = 60.0


def carried_out_live(
    live: LiveStation, trial: Trial, recorder: Recorder, catalog: Catalog
) -> dict[str, Any]:
    """Make a run and judge it.

    Parameters
    ----------
    live : LiveStation
        Where.
    trial : Trial
        What to do, and what goes wrong meanwhile.
    recorder : Recorder
        Records the run.
    catalog : Catalog
        The run is read back from it.

    Returns
    -------
    dict
        What was drawn, what came of it, and under ``wrong`` what must not be.
    """
    station, start = prepared(live, trial)
    before = live.camera_state()
    begin_counting(live, trial)
    began = time.monotonic()
    how, error = run(live, trial, station)
    seconds = time.monotonic() - began
    live.due = {}
    live.clear_faults()
    wrong, facts = judged(live, station, start, how, error)
    after = live.camera_state()
    if after != before and "camera could not be put back" not in str(error):
        changed = [f"{name} {before[name]} -> {after[name]}" for name in before]
        wrong.append(f"camera left changed: {[c for c in changed if c.split()[1] != c.split()[3]]}")
    if seconds > LONGEST_S:
        wrong.append("endless")
    if not recorder.flush(FLUSH_S):
        wrong.append("not recorded")
    else:
        try:
            wrong += unreadable(live, catalog)
        except Exception as problem:  # noqa: BLE001
            wrong.append(f"unreadable: {type(problem).__name__}: {problem}")
    return {
        **asdict(trial),
        **facts,
        "how": how,
        "error": "" if error is None else f"{type(error).__name__}: {error}",
        "messages": live.messages,
        "seconds": round(seconds, 1),
        "wrong": wrong,
    }


def prepared(live: LiveStation, trial: Trial) -> tuple[Station, float]:
    """Put sample, light and stage where they begin; return the station and the start."""
    live.clear_faults()
    dof = live.station.scale.depth_of_field
    backlash = live.station.approach.backlash
    live.put("scene:Drift", trial.drift_dof * dof)
    live.put("scene:Light", trial.light)
    live.put("m1:Backlash", trial.play_share * backlash)
    leave_camera(live, trial.found)
    focus = live.get("scene:FocusPosition")
    low, high = (focus + end * dof for end in trial.window_dof)
    # The play is taken up from the wrong side as often as from the right one.
    live.engine(bps.mv(live.stage, focus + sum(trial.window_dof) / 2 * dof, timeout=5.0))
    live.engine(bps.mv(live.stage, focus + trial.start_dof * dof, timeout=5.0))
    sample = None
    if trial.sample_side is not None:
        sample = SampleSide(trial.sample_side, trial.step_share * (high - low))
    station = replace(
        live.station, window=(low, high), approach=Approach(trial.side, backlash), sample=sample
    )
    # Not from a monitor, which may come late.
    return station, live.get("m1.RBV")


def leave_camera(live: LiveStation, found: Found) -> None:
    """Set the camera as a run is to find it."""
    live.put("cam1:Acquire", 0)
    live.put("cam1:AcquireTime", found.exposure_s)
    live.put("cam1:Gain", found.gain)
    live.put("cam1:ImageMode", found.image_mode)
    live.put("cam1:NumImages", found.images)
    if found.live:
        # It completes when the camera stops.
        live.put("cam1:Acquire", 1, wait=False)
        deadline = time.monotonic() + REST_S
        while not live.get("cam1:Acquire_RBV") and time.monotonic() < deadline:
            time.sleep(0.05)


def begin_counting(live: LiveStation, trial: Trial) -> None:
    """Let the fault and the interruption come with the messages drawn."""
    live.clear()
    fault = trial.fault
    if fault is not None:
        whole = 1.0 if fault.name == "stage_slow" else 0.0
        live.due.setdefault(fault.at, []).append(lambda: live.fault(fault.name, fault.value))
        live.due.setdefault(fault.until, []).append(lambda: live.fault(fault.name, whole))
    if trial.interruption is not None:
        keyboard = trial.interruption.startswith("Ctrl-C")
        live.due.setdefault(trial.interrupted_at, []).append(
            lambda: live.ask_for_pause(trial.interrupted_after_s, keyboard=keyboard)
        )


def run(live: LiveStation, trial: Trial, station: Station) -> tuple[str, Exception | None]:
    """Run the plan; return how it was interrupted, if at all, and what it raised."""
    how = ""
    try:
        try:
            live.engine(autofocus(station, search=trial.search))
        except RunEngineInterrupted:
            time.sleep(PAUSE_S)
            # A pause that comes with the last message finds the run at its end.
            if live.engine.state == "paused":
                how = (trial.interruption or "").split()[-1]
                getattr(live.engine, how)()
    except Exception as error:  # noqa: BLE001
        return how, error
    return how, None


def judged(
    live: LiveStation, station: Station, start: float, how: str, error: Exception | None
) -> tuple[list[str], dict[str, Any]]:
    """Compare what happened with what the plan promises."""
    wrong: list[str] = []
    deadline = time.monotonic() + REST_S
    while live.stage.moving and time.monotonic() < deadline:
        time.sleep(0.05)
    if live.stage.moving:
        wrong.append("stage still moves")
    here = live.get("m1.RBV")
    dof, tolerance = station.scale.depth_of_field, station.position_tolerance
    far = (live.get("m1:TruePosition") - live.get("scene:FocusPosition")) / dof
    wrong += outside(live, station)
    if error is not None and not isinstance(error, AutofocusError):
        wrong.append(f"raised {type(error).__name__}: {error}")
    opened = any(name == "start" for name, _ in live.documents)
    outcomes = live.events("outcome")
    outcome = outcomes[-1] if outcomes else {}
    verdict = outcome.get("outcome_verdict", "")
    if opened and how != "halt" and len(outcomes) != 1:
        wrong.append(f"{len(outcomes)} verdicts")
    back = abs(here - start) <= tolerance
    if verdict == Verdict.IN_FOCUS:
        if abs(far) > FAR_DOF:
            wrong.append(f"in focus {far:.2f} depths of field from it")
    elif how != "halt" and not back and outcome.get("outcome_restored", True):
        wrong.append(f"left {(here - start) / dof:.2f} depths of field from the start, unsaid")
    if not opened and live.moves:
        wrong.append("moved without a run")
    message = outcome.get("outcome_message", "")
    said = {
        "verdict": verdict,
        "message": message,
        "restored": outcome.get("outcome_restored"),
        "back": back,
    }
    return wrong, {**said, "frames": len(live.events("primary")), "far_dof": round(far, 3)}


def outside(live: LiveStation, station: Station) -> list[str]:
    """List moves and readbacks outside the window, and steps too long towards the sample."""
    assert station.window is not None
    (low, high), tolerance = station.window, station.position_tolerance
    wrong = [f"sent to {t}, outside" for _, t in live.moves if not low - 1e-9 <= t <= high + 1e-9]
    places = [p for p in live.places if not low - tolerance <= p <= high + tolerance]
    if places:
        wrong.append(f"was at {min(places)} to {max(places)}, outside [{low}, {high}]")
    sample = station.sample
    if sample is not None:
        longest = sample.largest_step + 2 * tolerance
        wrong += [
            f"step of {abs(there - here)} towards the sample"
            for here, there in live.moves
            if (there > here) == (sample.side == "high") and abs(there - here) > longest
        ]
    return wrong


def unreadable(live: LiveStation, catalog: Catalog) -> list[str]:
    """Read the run back from the catalog; list what is not as it was emitted."""
    starts = [doc for name, doc in live.documents if name == "start"]
    if not starts:
        return []
    found = load_run(catalog, starts[-1]["uid"])
    emitted, outcomes = live.events("primary"), live.events("outcome")
    wrong: list[str] = []
    if found.stop is None:
        wrong.append("no stop document")
    if outcomes and str(found.verdict) != outcomes[-1]["outcome_verdict"]:
        wrong.append(f"reads as {found.verdict}")
    if emitted:
        frames = found.frames()
        if len(frames) != len(emitted):
            wrong.append(f"{len(frames)} frames of {len(emitted)} can be read")
        elif frames[-1].size == 0:
            wrong.append("empty frames")
    return wrong
