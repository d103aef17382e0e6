"""The plan that measures how a sample is tilted against the focal plane."""

from typing import Any

from bluesky.utils import MsgGenerator

from bluesky_autofocus.result import TiltResult
from devices.station import Station

from .checks import checked_window
from .field_focus import focused_field
from .tilt_run import TiltRun

__all__ = ["measure_tilt"]


def measure_tilt(
    station: Station,
    *,
    window: tuple[float, float] | None = None,
    md: dict[str, Any] | None = None,
) -> MsgGenerator[TiltResult]:
    """Measure the tilt of a flat sample with four frames near focus.

    Begin where some of the field is near focus, as after `autofocus`; from farther away it takes up
    to eight frames. At the end the middle of the field is in focus; if the tilt could not be told,
    the stage goes back to where it started. Window, approach and camera are as for `autofocus`.

    Parameters
    ----------
    station : Station
        Stage and camera, and the optics, which must be known.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the station file's window, or else the soft
        limits.
    md : dict, optional
        Metadata for the run.

    Returns
    -------
    TiltResult
        Both angles with their standard deviations, and where the corners come into focus.

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
    NotRestoredError
        If stage or camera could not be put back as they were found; the run says so as well.
    """
    # Late, because it imports torch.
    from bluesky_autofocus.search.tilt_search import TiltSearch

    allowed = checked_window(station, window)
    return (
        yield from focused_field(
            station, allowed, TiltRun, TiltSearch, plan_name="measure_tilt", search="tilt", md=md
        )
    )
