"""The autofocus plan: from anywhere in the window to focus, or an honest account of why not."""

from collections.abc import Sequence
from typing import Any

from bluesky import preprocessors as bpp
from bluesky.utils import MsgGenerator

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
        yield from find_focus(run)

    yield from with_camera_staged(
        station, recorded(), lambda: run.result() if run.outcome else None
    )
    return run.result()
