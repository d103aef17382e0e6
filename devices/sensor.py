"""The focus measure as a readable: sharpness in the same event as the frame and the position."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from ophyd import Component as Cpt
from ophyd import Device, Kind, Signal
from ophyd.device import OrderedDictType

from bluesky_autofocus.measurement import Condition, measure_frame
from bluesky_autofocus.measures import measure as find_measure

__all__ = ["FocusSensor", "FrameSource"]


class FrameSource(Protocol):
    """Anything that yields its latest frame."""

    @property
    def full_scale(self) -> float:
        """Largest value that a pixel can have."""
        ...

    def frame(self) -> NDArray[np.number]:
        """Return the latest frame, shape (rows, columns)."""
        ...


class FocusSensor(Device):
    """Measures the sharpness of a camera's latest frame each time it is read.

    Parameters
    ----------
    camera : FrameSource
        Where the frames come from. Trigger it first: the sensor takes none itself.
    name : str
        Device name; the prefix of the data keys.
    measure : str
        Name of a focus measure in `bluesky_autofocus.measures.MEASURES`.

    Raises
    ------
    MeasureError
        If there is no measure of that name.
    """

    sharpness = Cpt(Signal, value=0.0, kind=Kind.hinted)
    mean_fraction = Cpt(Signal, value=0.0, kind=Kind.normal)
    saturated_fraction = Cpt(Signal, value=0.0, kind=Kind.normal)
    condition = Cpt(Signal, value=str(Condition.GOOD), kind=Kind.normal)
    measure = Cpt(Signal, value="", kind=Kind.config)

    def __init__(self, camera: FrameSource, *, name: str, measure: str = "blurred_gradient"):
        super().__init__("", name=name)
        self._function = find_measure(measure)
        self.camera = camera
        self.measure.put(measure)

    def read(self) -> OrderedDictType:
        """Measure the camera's latest frame.

        Returns
        -------
        dict
            Readings of ``sharpness``, ``mean_fraction``, ``saturated_fraction``, ``condition``.
        """
        measured = measure_frame(
            self.camera.frame(), measure=self._function, full_scale=self.camera.full_scale
        )
        self.sharpness.put(measured.sharpness)
        self.mean_fraction.put(measured.mean_fraction)
        self.saturated_fraction.put(measured.saturated_fraction)
        self.condition.put(str(measured.condition))
        return super().read()
