"""What the simulated camera sees, as a function of where the simulated stage is."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scene"]


class Scene(Protocol):
    """A sample under an objective: the stage position becomes a frame."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a full frame."""
        ...

    @property
    def focus_position(self) -> float | None:
        """Stage position of best focus in engineering units; None where nobody knows it."""
        ...

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
            True stage position during the exposure, engineering units.
        exposure_s : float
            Exposure time, seconds.
        gain : float
            Camera gain; 1 is the sensor's native gain.
        bits : int
            Depth of the analogue-to-digital converter, 8 to 16.
        index : int
            Frame number since the start: the seed of this frame's noise.
        light : float
            Factor on the illumination for this frame; 0 is dark.

        Returns
        -------
        numpy.ndarray
            Shape (rows, cols); uint8 for 8 bits, else uint16 with values below ``2**bits``.
        """
        ...
