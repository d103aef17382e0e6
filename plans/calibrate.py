"""The calibration plan: the frames from which a station's optics, play and noise can be told."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.protocols import Readable
from bluesky.utils import MsgGenerator

from bluesky_autofocus.calibration.arrival import Leg
from bluesky_autofocus.calibration.sharpness_curve import (
    FEWEST_PLANES,
    steepest_position,
    sweep_peak,
)
from bluesky_autofocus.errors import (
    CalibrationError,
    CameraFaultError,
    NotRestoredError,
    StageFaultError,
    WindowError,
)
from bluesky_autofocus.verdict import Verdict
from devices.station import Approach, Station

from .calibration_run import CalibrationResult, CalibrationRun
from .checks import approachable_both_ways, checked_start, checked_window
from .frame_stubs import record, take_frame
from .staged_camera import with_camera_staged
from .stubs import move_and_verify, return_to

__all__ = ["calibrate"]

FINE_PLANES, REPEATS, FRAMES_OF_A_REPEAT = 21, 8, 2
# The fine sweep reaches this many steps of the first one to either side of the focus.
FINE_STEPS = 2
MOST_PLANES = 200


def calibrate(
    station: Station,
    *,
    reach: float | None = None,
    planes: int = 31,
    window: tuple[float, float] | None = None,
    md: dict[str, Any] | None = None,
) -> MsgGenerator[CalibrationResult]:
    """Take the frames from which optics, play, position noise and exposure can be told.

    One sweep over the range; a finer one across the focus, upwards and downwards; then one position
    on the flank again and again. The stage arrives from both sides, so no frame is taken nearer to
    an end of the window than the backlash. The stage and the camera are left as found. What the
    frames say is told afterwards, from the recorded run: ``bluesky-autofocus calibrate UID``.

    Parameters
    ----------
    station : Station
        Stage, camera and sensor. Neither its optics nor its depth of field need be right.
    reach : float, optional
        How far to sweep to either side of where the stage is, in its unit; never beyond the window.
        Default: the whole window.
    planes : int
        Positions of the first sweep, 7 to 200.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.
    md : dict, optional
        Metadata for the run.

    Returns
    -------
    CalibrationResult
        The run's uid, and whether it is complete.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    CalibrationError
        Before anything moves: if reach or planes are out of range.
    WindowError
        Before anything moves: if the window is empty, inverted, not finite, past the limits or not
        wider than twice the backlash; if the stage is outside it; or if nothing within reach can be
        arrived at from both sides.
    StageFaultError, CameraFaultError
        Before anything moves: if stage or camera do not answer.
    NotRestoredError
        If stage or camera could not be put back as they were found; the run says so as well.
    """
    allowed = checked_window(station, window)
    if not FEWEST_PLANES <= planes <= MOST_PLANES:
        raise CalibrationError(
            f"planes is {planes}; a sweep takes {FEWEST_PLANES} to {MOST_PLANES} positions."
        )
    if reach is not None and not 0 < reach < float("inf"):
        raise CalibrationError(
            f"reach is {reach:g} {station.scale.unit}; give a positive distance, or leave it out "
            "to sweep over the window."
        )
    searched = approachable_both_ways(station, allowed)
    start = yield from checked_start(station, allowed)
    ends = searched if reach is None else _around(station, start, reach, searched)
    run = CalibrationRun(station, start, allowed, searched)
    try:
        metadata = run.metadata(ends, planes)
    except Exception as error:
        raise CameraFaultError(
            f"{station.camera.name} cannot be read: {error}. Is its IOC running?"
        ) from error

    @bpp.subs_decorator({"all": [run.witness]})
    @bpp.run_decorator(md={**metadata, **(md or {})})
    def recorded() -> MsgGenerator[None]:
        yield from bpp.contingency_wrapper(
            _calibrate(run, ends, planes), except_plan=lambda e: _interrupted(run, e)
        )

    yield from with_camera_staged(station, recorded())
    return CalibrationResult(
        run.uid, run.verdict, run.message, run.focus, station.scale.unit, run.frames
    )


def _around(
    station: Station, start: float, reach: float, searched: tuple[float, float]
) -> tuple[float, float]:
    """Return the ends of a sweep around the start, as far as the stage can arrive there."""
    low, high = max(searched[0], start - reach), min(searched[1], start + reach)
    unit = station.scale.unit
    if not low < high:
        raise WindowError(
            f"{station.stage.name} is at {start:g} {unit}, and within {reach:g} of there it cannot "
            f"arrive from both sides by approach.backlash, {station.approach.backlash:g}: only in "
            f"[{searched[0]:g}, {searched[1]:g}]. Move it there, or give a longer reach."
        )
    return low, high


def _calibrate(run: CalibrationRun, ends: tuple[float, float], planes: int) -> MsgGenerator[None]:
    verdict, message = None, "All frames were taken."
    try:
        yield from _legs(run, ends, planes)
    except CalibrationError as error:
        verdict, message = Verdict.NOT_CONVERGED, str(error)
    except StageFaultError as error:
        verdict, message = Verdict.STAGE_FAULT, str(error)
    except CameraFaultError as error:
        verdict, message = Verdict.CAMERA_FAULT, str(error)
    yield from _conclude(run, verdict, message)


def _legs(run: CalibrationRun, ends: tuple[float, float], planes: int) -> MsgGenerator[None]:
    station, (low, high) = run.station, run.searched
    rising = station.approach.side == "low"
    first = np.linspace(*ends, planes)
    step = float(first[1] - first[0])
    yield from _leg(run, Leg.SWEEP, first if rising else first[::-1], station.approach)
    run.focus = sweep_peak(*run.curve(Leg.SWEEP), station.scale.unit)
    # The play is unknown: go past by more than any that such a sweep could show.
    past = max(station.approach.backlash, FINE_STEPS * step)
    fine = np.linspace(
        max(low, run.focus - FINE_STEPS * step),
        min(high, run.focus + FINE_STEPS * step),
        FINE_PLANES,
    )
    legs = [(Leg.UP, fine, Approach("low", past)), (Leg.DOWN, fine[::-1], Approach("high", past))]
    for leg, targets, approach in legs if rising else legs[::-1]:
        yield from _leg(run, leg, targets, approach)
    own = Leg.UP if rising else Leg.DOWN
    place = steepest_position(*run.curve(own))
    approach = Approach(station.approach.side, past)
    for _ in range(REPEATS):
        yield from _leg(run, Leg.REPEAT, np.array([place]), approach, frames=FRAMES_OF_A_REPEAT)


def _leg(
    run: CalibrationRun,
    leg: Leg,
    targets: np.ndarray,
    approach: Approach,
    *,
    frames: int = 1,
) -> MsgGenerator[None]:
    station = replace(run.station, approach=approach)
    here = run.position
    for index, target in enumerate(map(float, targets)):
        yield from bps.checkpoint()
        if index == 0:
            yield from _take_up_play(station, here, target, run.window)
        run.position = yield from move_and_verify(station, target, run.window)
        run.arrivals += 1
        for _ in range(frames):
            run.announce(leg, target)
            yield from take_frame(station, cast(Readable, station.sensor), [run.step_readout])
            # From here on a pause does not repeat the frame.
            yield from bps.checkpoint()
            run.ingest(leg)


def _take_up_play(
    station: Station, here: float, target: float, window: tuple[float, float]
) -> MsgGenerator[None]:
    """Begin a leg before its first target, however the stage came here."""
    side, past = station.approach.side, station.approach.backlash
    before = max(window[0], target - past) if side == "low" else min(window[1], target + past)
    if abs(before - here) > station.position_tolerance and before != target:
        yield from move_and_verify(replace(station, approach=Approach(side)), before, window)


def _interrupted(run: CalibrationRun, error: Exception) -> MsgGenerator[None]:
    """After a stop, an abort or an error that is not ours."""
    if not run.concluded:
        said = f"The run was interrupted by {type(error).__name__}: {error}".rstrip(": ")
        # On the way back it is known how the calibration ended, and that stays.
        yield from _conclude(run, *(run.ending or (Verdict.NOT_CONVERGED, f"{said}.")))


def _conclude(run: CalibrationRun, verdict: Verdict | None, message: str) -> MsgGenerator[None]:
    """Take the stage back, and record how the calibration ended."""
    run.ending = verdict, message
    failure = ""
    yield from bps.checkpoint()
    try:
        yield from return_to(run.station, run.start, run.window)
    except StageFaultError as error:
        failure = f"The stage could not be returned to its start: {error}"
    run.publish_outcome(verdict, message, failure)
    yield from record("outcome", [run.outcome_readout])
    run.concluded = True
    # A pause that comes when the run is closed must not repeat its last event.
    yield from bps.checkpoint()
    if failure:
        raise NotRestoredError(f"{message} {failure}")
