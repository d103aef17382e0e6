"""A recorded focal stack under the simulated camera."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.focal_stack import FocalStack
from devices.sim.scene.rendered import checked_factor

__all__ = ["ReplayedScene"]

Interpolation = Literal["nearest", "linear"]


class ReplayedScene:
    """The planes of a recorded stack, at the stage positions at which they were taken.

    At the nominal exposure of 0.05 s, gain 1 and light 1 the recorded pixels come back as they are;
    otherwise they are multiplied. Their noise is the recorded one; none is added.

    Parameters
    ----------
    stack : FocalStack
        The planes; the stage's unit is the stack's.
    interpolation : {"nearest", "linear"}, default "nearest"
        What to show between two planes.

    Raises
    ------
    SceneError
        If there is no such interpolation.
    """

    focus_position = None
    depth_of_field = None

    def __init__(self, stack: FocalStack, *, interpolation: Interpolation = "nearest") -> None:
        self.name = stack.folder.name
        self.unit = stack.unit
        self.light = 1.0
        self.drift = 0.0
        self._stack = stack
        self.interpolation = interpolation

    @property
    def interpolation(self) -> Interpolation:
        """What is shown between two planes: the nearest one, or a linear blend."""
        return self._interpolation

    @interpolation.setter
    def interpolation(self, value: Interpolation) -> None:
        if value not in ("nearest", "linear"):
            raise SceneError(f"The interpolation is {value!r}. Give nearest or linear.")
        self._interpolation: Interpolation = value

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a full frame."""
        return self._stack.shape

    def frame(
        self,
        position: float,
        *,
        exposure_s: float,
        gain: float,
        bits: int,
        index: int,
        light: float = 1.0,
    ) -> NDArray[np.unsignedinteger]:
        """Take one full frame.

        Parameters
        ----------
        position : float
            Stage position in the stack's unit; beyond its ends the end plane is shown.
        exposure_s : float
            Exposure time, seconds.
        gain : float
            Camera gain; 1 leaves the brightness as recorded.
        bits : int
            Depth of the analogue-to-digital converter, 8 to 16; full scale is kept.
        index : int
            Frame number since the start; a recording does not depend on it.
        light : float, default 1
            Factor on the illumination for this frame; 0 is dark.

        Returns
        -------
        numpy.ndarray
            Shape (rows, cols); uint8 for 8 bits, else uint16 with values below ``2**bits``.

        Raises
        ------
        SceneError
            If the position is not finite or a setting is out of its range.
        FocalStackError
            If the plane's file cannot be read.
        """
        if bits not in range(8, 17):
            raise SceneError(f"bits is {bits}; a sensor has 8 to 16. Give one of those.")
        factor = checked_factor(position, exposure_s, self.light * light) * gain
        blend = self._stack.interpolated if self._interpolation == "linear" else self._stack.nearest
        plane = blend(position - self.drift)
        full_scale = 2**bits - 1
        factor *= full_scale / np.iinfo(plane.dtype).max
        dtype = np.uint8 if bits == 8 else np.uint16
        if factor == 1:
            return plane.astype(dtype)
        return np.clip(np.rint(plane * np.float32(factor)), 0, full_scale).astype(dtype)
