"""Which sensor a search measures with, and which part of the frames."""

from collections.abc import Sequence

from bluesky_autofocus.errors import CameraFaultError, StationError
from bluesky_autofocus.frame_region import FrameRegion
from bluesky_autofocus.search import BELIEF
from devices import EstimatorSensor, FocusSensor
from devices.station import Station

__all__ = ["sensor_for"]


def sensor_for(
    station: Station, search: str, region: Sequence[int] | None = None
) -> FocusSensor | EstimatorSensor:
    """Return what measures the frames for a search.

    Parameters
    ----------
    station : Station
        The station.
    search : str
        Name of the search.
    region : (int, int, int, int), optional
        Row, column, rows and columns of the part of the frames to measure. Default: the station's.

    Returns
    -------
    FocusSensor or EstimatorSensor
        One of the station's, or one like it for that part.

    Raises
    ------
    StationError
        If the belief is asked for and the station's optics are unknown.
    RegionError
        If the region is malformed, or does not lie in the frames of a camera that tells their
        ``frame_shape``.
    CameraFaultError
        If such a camera does not tell it.
    """
    if search != BELIEF:
        sensor = station.sensor
    elif station.estimator is None:
        raise StationError(
            f"The search {BELIEF!r} needs the optics of the station, and {station.name!r} has "
            "none. Give them in the station file, or choose another search, such as 'sweep'."
        )
    else:
        sensor = station.estimator
    if region is not None:
        sensor = sensor.within(FrameRegion.of(region))
    if sensor.part is not None:
        try:
            shape = getattr(station.camera, "frame_shape", None)
        except Exception as error:
            raise CameraFaultError(
                f"{station.camera.name} does not tell the shape of its frames: {error}. Is its IOC "
                "running?"
            ) from error
        if shape is not None:
            sensor.part.check(shape)
    return sensor
