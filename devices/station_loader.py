"""From a station file to connected devices."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten
from typing import cast

from bluesky_autofocus.errors import StationError
from bluesky_autofocus.scale import Scale

from .camera import FocusCamera
from .estimator_sensor import EstimatorSensor
from .sensor import FocusSensor
from .stage import FocusStage
from .station import Approach, FocusMovable, FrameCamera, SampleSide, Station
from .station_file import StationSettings, read_station_file

__all__ = ["connect_station", "load_station"]

CONNECTION_TIMEOUT_S = 10.0
PLAN_MARGIN_S = 5.0
# Characters of the list of process variables that do not answer.
SHOWN = 100
# A stage that misses its target by a tenth of a depth of field does no harm to the focus.
TOLERANCE_SHARE = 10


def load_station(
    path: Path | str,
    *,
    frames_directory: str | None = None,
    measure: str = "blurred_gradient",
    connection_timeout_s: float = CONNECTION_TIMEOUT_S,
) -> Station:
    """Read a station file and connect to its devices.

    Parameters
    ----------
    path : path-like
        A YAML file like ``profile/station.yml``.
    frames_directory : str, optional
        Folder for the HDF5 files, where the station file names none.
    measure : str
        Focus measure for the classical searches.
    connection_timeout_s : float
        Longest wait for each device to answer, seconds.

    Returns
    -------
    Station
        With connected devices.

    Raises
    ------
    StationError
        If the file is missing or malformed, or a device does not answer.
    """
    return connect_station(
        read_station_file(path),
        frames_directory=frames_directory,
        measure=measure,
        connection_timeout_s=connection_timeout_s,
    )


def connect_station(
    settings: StationSettings,
    *,
    frames_directory: str | None = None,
    measure: str = "blurred_gradient",
    connection_timeout_s: float = CONNECTION_TIMEOUT_S,
) -> Station:
    """Connect to the devices of a station.

    Parameters
    ----------
    settings : StationSettings
        What the station file says.
    frames_directory : str, optional
        Folder for the HDF5 files, where the settings name none.
    measure : str
        Focus measure for the classical searches.
    connection_timeout_s : float
        Longest wait for each device to answer, seconds.

    Returns
    -------
    Station
        With connected devices.

    Raises
    ------
    StationError
        If a device does not answer, or no folder is named.
    """
    directory = settings.camera.frames_directory or frames_directory
    if directory is None:
        raise StationError(
            "No folder for the frames is named: give camera.frames_directory in the station file."
        )
    with _answering("stage", settings.stage.prefix, connection_timeout_s):
        stage = FocusStage(
            settings.stage.prefix,
            name="stage",
            position_tolerance=settings.stage.position_tolerance,
        )
        stage.wait_for_connection(timeout=connection_timeout_s)
    # Some of its process variables are connected while it is built.
    with _answering("camera", settings.camera.prefix, connection_timeout_s):
        camera = FocusCamera(
            settings.camera.prefix,
            name="camera",
            frames_directory=directory,
            read_directory=settings.camera.read_directory,
            exposure_s=settings.camera.exposure_s,
            frame_timeout_s=settings.limits.frame_timeout_s,
            bits=settings.camera.bits,
        )
        camera.wait_for_connection(timeout=connection_timeout_s)
    unit = stage.egu
    optics = None if settings.optics is None else settings.optics.to_optics()
    if optics is None:
        scale = Scale(settings.depth_of_field or 0.0, unit)
    else:
        scale = Scale.from_um(optics.depth_of_field_um, unit)
    if stage.position_tolerance is None:
        stage.position_tolerance = max(stage.tolerance, scale.depth_of_field / TOLERANCE_SHARE)
    region = settings.camera.frame_region
    exposure_s = settings.camera.exposure_s or float(camera.cam.acquire_time.get())
    return Station(
        name=settings.name,
        # ophyd's annotations predate bluesky's protocols, which its devices fulfil.
        stage=cast(FocusMovable, stage),
        camera=cast(FrameCamera, camera),
        sensor=FocusSensor(camera, name="focus", measure=measure, region=region),
        scale=scale,
        optics=optics,
        estimator=(
            None
            if optics is None
            else EstimatorSensor(camera, optics, name="estimate", region=region)
        ),
        window=settings.window,
        approach=Approach(settings.approach.side, settings.approach.backlash),
        sample=settings.sample and SampleSide(settings.sample.side, settings.sample.largest_step),
        position_tolerance=stage.tolerance,
        move_timeout_s=settings.limits.move_timeout_s,
        frame_timeout_s=exposure_s + settings.limits.frame_timeout_s + PLAN_MARGIN_S,
    )


@contextmanager
def _answering(name: str, prefix: str, timeout_s: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise StationError(
            f"The {name} {prefix!r} did not answer within {timeout_s:g} s. Is its IOC "
            "running, and does EPICS_CA_ADDR_LIST reach it? `bluesky-autofocus ioc` starts a "
            f"simulated station. ({shorten(str(error), SHOWN)})"
        ) from error
