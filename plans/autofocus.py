"""The autofocus plan: from anywhere in the window to focus, or an honest account of why not."""

from collections.abc import Sequence
from typing import Any

from bluesky import plan_stubs as bps
from bluesky import preprocessors as bpp
from bluesky.utils import MsgGenerator

from bluesky_autofocus.errors import (
    CameraFaultError,
    NotRestoredError,
    StageFaultError,
)
from bluesky_autofocus.result import FocusResult
from bluesky_autofocus.search import BELIEF, Window, make_search
from bluesky_autofocus.verdict import Outcome, Side, Verdict
from devices import EstimatorSensor
from devices.station import Station

from .checks import approachable, checked_start, checked_window, load_estimator
from .focus_run import FocusRun
from .frame_stubs import record, take_frame
from .sensors import sensor_for
from .staged_camera import with_camera_staged
from .stubs import last_readback, move_and_verify, return_to

__all__ = ["autofocus"]


def autofocus(
    station: Station,
    *,
    window: tuple[float, float] | None = None,
    search: str | None = None,
    region: Sequence[int] | None = None,
    md: dict[str, Any] | None = None,
) -> MsgGenerator[FocusResult]:
    """Bring the sample into focus, or say why that cannot be done.

    The stage never leaves the window and arrives from the station's approach side, so no frame is
    taken nearer to that end of the window than the backlash; its readback is checked after each
    move. Unless the run ends in focus, the stage goes back to where it started.
    The camera is left as found in any case.

    Parameters
    ----------
    station : Station
        Stage, camera and sensor, and what may be done with them.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.
    search : {'belief', 'sweep', 'golden', 'brent', 'hill_climb'}, optional
        How to look for the focus. Default: ``belief`` where the station's optics are known, else
        ``sweep``.
    region : (int, int, int, int), optional
        Part of the frames that is to be in focus, where the rest may lie at other heights: row,
        column, rows, columns, in pixels. Default: the station file's, or else all of it.
    md : dict, optional
        Metadata for the run.

    Returns
    -------
    FocusResult
        Verdict, position and expected error, in the stage's unit.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    WindowError
        Before anything moves: if the window is empty, inverted, not finite, past the limits or not
        wider than the backlash, or the stage is outside it.
    StageFaultError
        Before anything moves: if the stage does not answer.
    CameraFaultError
        Before anything moves: if the camera cannot be staged.
    StationError
        Before anything moves: if the belief is asked for and the station's optics are unknown.
    RegionError
        Before anything moves: if the region is malformed or does not lie in the frames.
    OpticsError, WeightsError
        Before anything moves: if the estimator cannot be loaded for the station's optics.
    NotRestoredError
        If stage or camera could not be put back as they were found; the run says so as well.
    """
    search = search or (BELIEF if station.estimator else "sweep")
    sensor = sensor_for(station, search, region)
    allowed = checked_window(station, window)
    searched = approachable(station, allowed)
    start = yield from checked_start(station, allowed)
    if isinstance(sensor, EstimatorSensor):
        load_estimator(sensor)
    scale = station.scale
    places = Window(scale.to_dof(searched[0]), scale.to_dof(searched[1]))
    strategy = make_search(
        search,
        window=places,
        start_dof=places.clip(scale.to_dof(start)),
        approach=Side(station.approach.side),
    )
    run = FocusRun(station, sensor, strategy, start, allowed, searched)

    @bpp.subs_decorator({"all": [run.witness]})
    @bpp.run_decorator(md={**run.metadata(search), **(md or {})})
    def recorded() -> MsgGenerator[None]:
        yield from bpp.contingency_wrapper(_search(run), except_plan=lambda e: _interrupted(run, e))

    yield from with_camera_staged(
        station, recorded(), lambda: run.result() if run.outcome else None
    )
    return run.result()


def _search(run: FocusRun) -> MsgGenerator[None]:
    """Move and measure until the search has an outcome; then bring the stage to its place."""
    if isinstance(run.sensor, EstimatorSensor):
        run.sensor.prepare()
    try:
        while not isinstance(step := run.search.suggest(), Outcome):
            yield from bps.checkpoint()
            target = run.announce(step)
            yield from move_and_verify(run.station, target, run.window)
            yield from take_frame(run.station, run.sensor, [run.step_readout])
            # From here on a pause does not repeat the frame, so what was recorded is taken in.
            yield from bps.checkpoint()
            run.ingest()
            yield from record("search", [run.search_readout])
        outcome = step
    except StageFaultError as error:
        outcome = Outcome(Verdict.STAGE_FAULT, detail=str(error))
    except CameraFaultError as error:
        outcome = Outcome(Verdict.CAMERA_FAULT, detail=str(error))
    yield from _conclude(run, outcome)


def _interrupted(run: FocusRun, error: Exception) -> MsgGenerator[None]:
    """After a stop, an abort or an error that is not ours: as after any search without focus."""
    if not run.concluded:
        said = f"The run was interrupted by {type(error).__name__}: {error}".rstrip(": ")
        unfinished = Outcome(Verdict.NOT_CONVERGED, detail=f"{said}.")
        # On the way back the verdict is known, and stays.
        yield from _conclude(run, run.outcome or unfinished)


def _conclude(run: FocusRun, outcome: Outcome) -> MsgGenerator[None]:
    """Take the stage back unless it is in focus, and record the verdict."""
    run.outcome = outcome
    failure = ""
    yield from bps.checkpoint()
    if outcome.verdict is not Verdict.IN_FOCUS:
        try:
            run.position = yield from return_to(run.station, run.start, run.window)
        except StageFaultError as error:
            failure = f"The stage could not be returned to its start: {error}"
            run.position = yield from last_readback(run.station, run.position)
    run.publish_outcome(failure)
    yield from record("outcome", [run.outcome_readout])
    run.concluded = True
    # A pause that comes when the run is closed must not repeat its last event.
    yield from bps.checkpoint()
    if failure:
        raise NotRestoredError(f"{run.result().message} {failure}", run.result())
