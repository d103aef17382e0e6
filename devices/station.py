"""A station: the devices that an autofocus plan works with, and what it may do with them."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from bluesky.protocols import Movable, Readable, Triggerable
from ophyd import Device

from bluesky_autofocus.optics import Optics
from bluesky_autofocus.scale import Scale

from .estimator_sensor import EstimatorSensor
from .sensor import FocusSensor

__all__ = ["Approach", "FocusMovable", "FrameCamera", "SampleSide", "Station"]


@runtime_checkable
class FocusMovable(Movable, Readable, Protocol):
    """A movable that reads as its position: its one hinted reading."""


@runtime_checkable
class FrameCamera(Triggerable, Readable, Protocol):
    """A camera that takes one frame when triggered."""


@dataclass(frozen=True)
class Approach:
    """How to arrive at a position.

    Parameters
    ----------
    side : {'low', 'high'}
        The side to arrive from.
    backlash : float
        How far before the target to start when coming from the other side, in the stage's unit.
    """

    side: Literal["low", "high"] = "low"
    backlash: float = 0.0


@dataclass(frozen=True)
class SampleSide:
    """Where the sample is, and how far the stage may go towards it at a time.

    Parameters
    ----------
    side : {'low', 'high'}
        The end of the travel towards which stage and objective come nearer to the sample.
    largest_step : float
        Longest single move that way, in the stage's unit, > 0: a longer one is made in steps, each
        of which must have arrived before the next begins.
    """

    side: Literal["low", "high"]
    largest_step: float


@dataclass(frozen=True)
class Station:
    """The devices of a station, and what a plan may do with them.

    Parameters
    ----------
    name : str
        For the metadata of each run.
    stage : FocusMovable
        Any movable that reports its position; `FocusStage` for a motor record.
    camera : FrameCamera
        Any triggerable and readable camera; `FocusCamera` for an areaDetector.
    sensor : FocusSensor
        Measures the camera's latest frame, for the classical searches.
    scale : Scale
        How long a depth of field is on this stage.
    optics : Optics, optional
        The imaging system, where it is known.
    estimator : EstimatorSensor, optional
        Tells how far from focus the latest frame is, for the belief; needs known optics.
    window : (float, float), optional
        Where the stage may go, in its unit. Default: the stage's soft limits.
    approach : Approach
        How to arrive at a position.
    sample : SampleSide, optional
        Where the sample is; by default moves of any length are made either way.
    position_tolerance : float
        How near to its target the readback must end, in the stage's unit.
    move_timeout_s, frame_timeout_s : float
        Longest wait for one move and for one frame, seconds.
    """

    name: str
    stage: FocusMovable
    camera: FrameCamera
    sensor: FocusSensor
    scale: Scale
    optics: Optics | None = None
    estimator: EstimatorSensor | None = None
    window: tuple[float, float] | None = None
    approach: Approach = Approach()
    sample: SampleSide | None = None
    position_tolerance: float = 0.0
    move_timeout_s: float = 30.0
    frame_timeout_s: float = 10.0

    def disconnect(self) -> None:
        """Close the channels of ophyd devices; the station cannot be used any more."""
        for device in (self.stage, self.camera):
            if isinstance(device, Device):
                device.destroy()
