"""The focus measure as a readable: sharpness in the same event as the frame and the position."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from ophyd import Component as Cpt
from ophyd import Device, Kind, Signal
from ophyd.device import OrderedDictType

from bluesky_autofocus.frame_region import FrameRegion
from bluesky_autofocus.measurement import Condition, measure_frame
from bluesky_autofocus.measures import measure as find_measure

__all__ = ["FocusSensor", "FrameSource", "with_frame"]


class FrameSource(Protocol):
    """Anything that yields its latest frame."""

    @property
    def full_scale(self) -> float:
        """Largest value that a pixel can have."""
        ...

    def frame(self) -> NDArray[np.number] | Awaitable[NDArray[np.number]]:
        """Return the latest frame, shape (rows, columns), at once or to be awaited."""
        ...


def with_frame(
    camera: FrameSource, use: Callable[[NDArray[np.number]], OrderedDictType]
) -> OrderedDictType | Awaitable[OrderedDictType]:
    """Use a camera's latest frame, as soon as it is there.

    Parameters
    ----------
    camera : FrameSource
        Where the frame comes from.
    use : callable
        What makes readings of it.

    Returns
    -------
    dict or awaitable
        The readings; to be awaited, as the RunEngine does, if the frame has to be.
    """
    frame = camera.frame()
    if not isawaitable(frame):
        return use(frame)

    async def later() -> OrderedDictType:
        return use(await frame)

    return later()


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
    region : FrameRegion, optional
        Part of the frames to measure; default: all of it.

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
    region = Cpt(Signal, value=(), kind=Kind.config)

    def __init__(
        self,
        camera: FrameSource,
        *,
        name: str,
        measure: str = "blurred_gradient",
        region: FrameRegion | None = None,
    ):
        super().__init__("", name=name)
        self.part = region
        self.region.put(() if region is None else region.as_list())
        self._function = find_measure(measure)
        self.camera = camera
        self.measure.put(measure)

    def within(self, region: FrameRegion) -> "FocusSensor":
        """Return a sensor like this one for another part of the frames.

        Parameters
        ----------
        region : FrameRegion
            The part.

        Returns
        -------
        FocusSensor
            Of the same name and measure.
        """
        return FocusSensor(
            self.camera, name=self.name, measure=str(self.measure.get()), region=region
        )

    def read(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
    ) -> OrderedDictType | Awaitable[OrderedDictType]:
        """Measure the camera's latest frame.

        Returns
        -------
        dict or awaitable
            Readings of ``sharpness``, ``mean_fraction``, ``saturated_fraction``, ``condition``; to
            be awaited if the camera's frames are.
        """
        return with_frame(self.camera, self._measured)

    def _measured(self, frame: NDArray[np.number]) -> OrderedDictType:
        seen = frame if self.part is None else self.part.cut(frame)
        measured = measure_frame(seen, measure=self._function, full_scale=self.camera.full_scale)
        self.sharpness.put(measured.sharpness)
        self.mean_fraction.put(measured.mean_fraction)
        self.saturated_fraction.put(measured.saturated_fraction)
        self.condition.put(str(measured.condition))
        return super().read()
