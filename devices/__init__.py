"""Ophyd devices of an autofocus station."""

from .camera import FocusCamera
from .sensor import FocusSensor, FrameSource
from .stage import FocusStage
from .station import Approach, FocusMovable, FrameCamera, Station
from .station_file import StationSettings, read_station_file
from .station_loader import connect_station, load_station

__all__ = [
    "Approach",
    "FocusCamera",
    "FocusMovable",
    "FocusSensor",
    "FocusStage",
    "FrameCamera",
    "FrameSource",
    "Station",
    "StationSettings",
    "connect_station",
    "load_station",
    "read_station_file",
]
