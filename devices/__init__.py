"""Ophyd devices of an autofocus station."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .camera import FocusCamera
    from .estimator_sensor import EstimatorSensor
    from .field_sensor import FieldSensor
    from .frame_sources import ReadingFrames
    from .sensor import FocusSensor, FrameSource
    from .stage import FocusStage
    from .station import Approach, FocusMovable, FrameCamera, SampleSide, Station
    from .station_file import StationSettings, read_station_file
    from .station_loader import connect_station, load_station
    from .streaming_camera import StreamingCamera

__all__ = [
    "Approach",
    "EstimatorSensor",
    "FieldSensor",
    "FocusCamera",
    "FocusMovable",
    "FocusSensor",
    "FocusStage",
    "FrameCamera",
    "FrameSource",
    "ReadingFrames",
    "SampleSide",
    "Station",
    "StationSettings",
    "StreamingCamera",
    "connect_station",
    "load_station",
    "read_station_file",
]

_HOMES = {
    "Approach": "station",
    "EstimatorSensor": "estimator_sensor",
    "FieldSensor": "field_sensor",
    "FocusCamera": "camera",
    "FocusMovable": "station",
    "FocusSensor": "sensor",
    "FocusStage": "stage",
    "FrameCamera": "station",
    "FrameSource": "sensor",
    "ReadingFrames": "frame_sources",
    "SampleSide": "station",
    "Station": "station",
    "StationSettings": "station_file",
    "StreamingCamera": "streaming_camera",
    "connect_station": "station_loader",
    "load_station": "station_loader",
    "read_station_file": "station_file",
}


def __getattr__(name: str) -> Any:
    # On demand, because ophyd opens a Channel Access client as soon as it is imported, which the
    # simulated IOC in `devices.sim` must not have.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
