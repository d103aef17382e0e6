"""Plans for samples of several altitudes: focus each of them, or the one that is picked."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from bluesky import preprocessors as bpp
from bluesky.utils import MsgGenerator
from numpy.typing import NDArray

from bluesky_autofocus.result import AltitudeResult, RegionsResult
from devices.station import Station

from .checks import checked_window
from .field_focus import focused_field
from .regions_run import RegionsRun
from .stubs import move_and_verify

__all__ = ["autofocus_region", "autofocus_regions"]


def autofocus_regions(
    station: Station,
    *,
    window: tuple[float, float] | None = None,
    visit: Callable[[AltitudeResult], MsgGenerator[Any]] | None = None,
    md: dict[str, Any] | None = None,
) -> MsgGenerator[RegionsResult]:
    """Bring every altitude of the sample into focus once, with frames that serve all of them.

    The field is divided into cells of 64 pixels. Each frame tells of all cells; the next one is
    taken at the nearest altitude that has not been seen in focus. At the end the stage is at the
    altitude of most cells; unless the run ends in focus, it goes back to where it started. Window,
    approach and camera are as for `autofocus`.

    Parameters
    ----------
    station : Station
        Stage and camera, and the optics, which must be known.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.
    visit : callable, optional
        Makes a plan for each altitude, carried out with the stage in focus there, in order of
        position, after the run has been closed.
    md : dict, optional
        Metadata for the run.

    Returns
    -------
    RegionsResult
        The altitudes with their positions and parts of the frame, and the verdict.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    StationError
        Before anything moves: if the station's optics are unknown.
    WindowError, StageFaultError, CameraFaultError, RegionError, OpticsError, WeightsError
        Before anything moves: as `autofocus`.
    StageFaultError
        If the stage does not arrive where it is to be visited.
    NotRestoredError
        If stage or camera could not be put back as they were found; the run says so as well.
    """
    allowed = checked_window(station, window)
    result = yield from _focused(station, allowed, None, "autofocus_regions", md)
    if visit is None or not result.in_focus:
        return result

    def visits() -> MsgGenerator[None]:
        for altitude in _on_the_way(result):
            yield from move_and_verify(station, altitude.focus_position, allowed)
            yield from visit(altitude)

    def back() -> MsgGenerator[None]:
        yield from move_and_verify(station, result.position, allowed)

    yield from bpp.finalize_wrapper(visits(), back)
    return result


def autofocus_region(
    station: Station,
    picked: str | int | Sequence[float] | NDArray[np.bool_],
    *,
    window: tuple[float, float] | None = None,
    md: dict[str, Any] | None = None,
) -> MsgGenerator[RegionsResult]:
    """Bring one altitude of the sample into focus, where there are several.

    Parameters
    ----------
    station : Station
        Stage and camera, and the optics, which must be known.
    picked : {'largest', 'nearest'}, int, (float, float), four floats, or numpy.ndarray of bool
        The altitude of most cells; the one nearest to the stage; one by its label, from 0 in order
        of position; the one at a point (row, column) of the frame, or of most of a box (row,
        column, rows, columns), px; or of most cells of a mask, one value for each 64 pixels.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.
    md : dict, optional
        Metadata for the run.

    Returns
    -------
    RegionsResult
        As `autofocus_regions`; other altitudes are in it as far as they have been seen in focus.

    Yields
    ------
    Msg
        Plan messages.

    Raises
    ------
    RegionError
        Before anything moves: if what is picked is none of these.
    StationError, WindowError, StageFaultError, CameraFaultError, OpticsError, WeightsError
        Before anything moves: as `autofocus_regions`.
    NotRestoredError
        If stage or camera could not be put back as they were found; the run says so as well.
    """
    allowed = checked_window(station, window)
    return (yield from _focused(station, allowed, picked, "autofocus_region", md))


def _focused(
    station: Station,
    allowed: tuple[float, float],
    picked: Any,
    plan_name: str,
    md: dict[str, Any] | None,
) -> MsgGenerator[RegionsResult]:
    """Search for altitudes in a run of its own."""
    # Late, because they import torch.
    from bluesky_autofocus.regions import picker
    from bluesky_autofocus.search.region_search import RegionSearch

    pick = None if picked is None else picker(picked)
    search = partial(RegionSearch, pick=pick)
    return (
        yield from focused_field(
            station, allowed, RegionsRun, search, plan_name=plan_name, search="regions", md=md
        )
    )


def _on_the_way(result: RegionsResult) -> list[AltitudeResult]:
    """Order altitudes by position, beginning at the end that is nearer to the stage."""
    order = list(result.altitudes)
    first, last = order[0].focus_position, order[-1].focus_position
    return order if abs(first - result.position) <= abs(last - result.position) else order[::-1]
