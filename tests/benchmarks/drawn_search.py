"""One search drawn at random and made as the plan makes it, without hardware, and judged.

Frames are those of `drawn_frames`; the moves are the plan's own (`plans.stubs`).
"""

from math import isfinite
from typing import Any, cast

import numpy as np
from drawn_frames import KINDS, DrawnFrames
from drawn_stage import DrawnStage, carried_out
from drawn_station import drawn_station

from bluesky_autofocus.errors import StageFaultError
from bluesky_autofocus.measurement import Measurement
from bluesky_autofocus.search import Window, make_search
from bluesky_autofocus.verdict import Outcome, Side, Verdict
from plans.checks import approachable, checked_start
from plans.focus_run import FocusRun
from plans.stubs import move_and_verify, return_to

__all__ = ["FALSE", "NEVER", "searched"]

NEVER = ("outside", "endless", "no number", "raised", "not back", "wrong arrival")
"""What no search may do."""

FALSE = ("far", "far, more play")
"""In focus said farther away than a depth of field: always, or where the play is not as stated."""

FAR_DOF = 1.0


class Sensor:
    """All that a run asks of a sensor when it begins."""

    name = "focus"
    parent = None
    part = None

    def __init__(self) -> None:
        self.measure = self

    def get(self) -> str:
        """Return the name of the measure."""
        return "drawn"


def searched(search: str, seed: int, number: int) -> tuple[str, list[str]]:
    """Run one search as the plan does, and judge it.

    Parameters
    ----------
    search : str
        Its name.
    seed, number : int
        What is drawn depends on these alone.

    Returns
    -------
    (str, list of str)
        Kind of sample, and what happened: the verdict, ``frames`` once for each of them, and
        whatever of `NEVER` and `FALSE`: ``far`` is in focus said farther away than one depth of
        field, in the other case on a stage with more play than the station file says.
    """
    rng = np.random.default_rng([seed, number])
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    station, window, stage = drawn_station(rng)
    scale = station.scale
    searched = approachable(station, window)
    low_dof, high_dof = (scale.to_dof(end) for end in searched)
    width = high_dof - low_dof
    focus = float(rng.uniform(low_dof, high_dof))
    if rng.random() < 0.15:
        focus = float(rng.choice([low_dof - 1, high_dof + 1]) + rng.uniform(-0.3, 0.3) * width)
    frames = DrawnFrames(kind, focus, rng)
    happened: list[str] = []
    start = carried_out(checked_start(station, window), station)
    begun = make_search(
        search,
        window=Window(low_dof, high_dof),
        start_dof=min(max(scale.to_dof(start), low_dof), high_dof),
        approach=Side(station.approach.side),
    )
    run = FocusRun(station, cast(Any, Sensor()), begun, start, window, searched)
    try:
        outcome = looked(run, stage, frames, happened)
    except StageFaultError as error:
        outcome = Outcome(Verdict.STAGE_FAULT, detail=str(error))
    except Exception as error:  # noqa: BLE001
        return kind, ["raised", f"{type(error).__name__}: {error}"]
    happened += concluded(run, outcome, frames)
    happened += ["outside"] * stage.too_far(window, station.sample)
    return kind, happened


def looked(run: FocusRun, stage: DrawnStage, frames: DrawnFrames, happened: list[str]) -> Outcome:
    """Move and measure until the search has an outcome."""
    station, most = run.station, cast(Any, run.search).max_frames
    believing = hasattr(run.search, "belief")
    while not isinstance(step := run.search.suggest(), Outcome):
        if step.position_dof not in run.search.window:
            happened.append("outside")
        if run.frames >= most:
            happened.append("endless")
            return Outcome(Verdict.NOT_CONVERGED)
        readback = carried_out(move_and_verify(station, run.announce(step), run.window), station)
        happened += ["wrong arrival"] * stage.wrong_arrivals(station.approach, run.window)
        seen: Measurement = frames.take(station.scale.to_dof(stage.sample))
        if not believing:
            seen = Measurement(
                seen.sharpness, seen.mean_fraction, seen.saturated_fraction, seen.condition
            )
        run.search = run.search.ingest(station.scale.to_dof(readback), seen)
        run.frames += 1
        happened.append("frames")
    return step


def concluded(run: FocusRun, outcome: Outcome, frames: DrawnFrames) -> list[str]:
    """End a run as the plan does, and judge its outcome."""
    run.outcome, station = outcome, run.station
    happened, failure = [str(outcome.verdict)], ""
    if outcome.verdict is Verdict.IN_FOCUS:
        if outcome.position_dof is None or outcome.expected_error_dof is None:
            happened.append("no number")
        if not abs(frames.distance_dof) <= FAR_DOF:
            known = cast(DrawnStage, station.stage).play <= station.approach.backlash
            happened.append("far" if known else "far, more play")
    else:
        try:
            back = carried_out(return_to(station, run.start, run.window), station)
        except StageFaultError as error:
            failure = str(error)
            happened.append("said not to be back")
        else:
            if abs(back - run.start) > station.position_tolerance:
                happened.append("not back")
    run.publish_outcome(failure)
    result = run.result()
    numbers = [result.focus_position, result.expected_error]
    words = result.message.lower().replace("±", " ").split()
    if not all(isfinite(n) for n in numbers if n is not None) or {"nan", "inf"} & set(words):
        happened.append("no number")
    return happened
