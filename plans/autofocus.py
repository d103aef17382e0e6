"""The autofocus plan: from anywhere in the window to focus, or an honest account of why not."""

from collections.abc import Sequence
from typing import Any

from bluesky import preprocessors as bpp
from bluesky.utils import MsgGenerator

from bluesky_autofocus.errors import WindowError
from bluesky_autofocus.result import FocusResult
from bluesky_autofocus.search import BELIEF, Window, make_search
from bluesky_autofocus.verdict import Side
from devices import EstimatorSensor
from devices.station import Station

from .checks import approachable, checked_start, checked_window, load_estimator
from .find_focus import find_focus
from .focus_run import FocusRun
from .sensors import sensor_for
from .staged_camera import with_camera_staged
from .widened import widened

__all__ = ["autofocus"]

MOST_WIDENINGS = 3


def autofocus(
    station: Station,
    *,
    window: tuple[float, float] | None = None,
    outer_window: tuple[float, float] | None = None,
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
    outer_window : (float, float), optional
        How far the window may be widened, in a run of its own, on the side on which focus seems to
        lie beyond it; at most three times. Default: not at all.
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
        Verdict, position and expected error, in the stage's unit; of the last run, where there
        are several.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    WindowError
        Before anything moves: if the window is empty, inverted, not finite, past the limits or not
        wider than the backlash, or the stage is outside it; or if the outer window is not around
        the window.
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
    allowed = checked_window(station, window)
    outer = allowed if outer_window is None else checked_window(station, outer_window)
    if not (outer[0] <= allowed[0] and allowed[1] <= outer[1]):
        raise WindowError(
            f"The outer window [{outer[0]:g}, {outer[1]:g}] is not around the window "
            f"[{allowed[0]:g}, {allowed[1]:g}]. Give one that holds it."
        )
    result = yield from _autofocus(station, allowed, search, region, md)
    for _ in range(MOST_WIDENINGS):
        wider = widened(allowed, outer, result)
        if wider is None:
            break
        allowed = wider
        result = yield from _autofocus(station, allowed, search, region, md)
    return result


def _autofocus(
    station: Station,
    allowed: tuple[float, float],
    search: str | None,
    region: Sequence[int] | None,
    md: dict[str, Any] | None,
) -> MsgGenerator[FocusResult]:
    """Search in a run of its own."""
    search = search or (BELIEF if station.estimator else "sweep")
    sensor = sensor_for(station, search, region)
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
        yield from find_focus(run)

    yield from with_camera_staged(
        station, recorded(), lambda: run.result() if run.outcome else None
    )
    return run.result()
