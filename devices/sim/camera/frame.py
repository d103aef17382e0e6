"""A frame on its way from the camera to its plugins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["EPICS_EPOCH_S", "Frame"]

EPICS_EPOCH_S = 631152000
"""1990-01-01 00:00 UTC in seconds since 1970: where EPICS time starts."""


@dataclass(frozen=True)
class Frame:
    """One frame, as areaDetector's NDArray has it.

    Parameters
    ----------
    pixels : numpy.ndarray
        Shape (rows, columns), uint8 or uint16, not writeable.
    unique_id : int
        Number of the frame; the camera's array counter.
    started_s : float
        Start of the exposure, seconds since 1970.
    """

    pixels: NDArray[np.unsignedinteger]
    unique_id: int
    started_s: float

    @property
    def timestamp_s(self) -> float:
        """Start of the exposure, seconds since 1990 as areaDetector stamps it."""
        return self.started_s - EPICS_EPOCH_S

    @property
    def epics_seconds(self) -> int:
        """Whole seconds since 1990."""
        return int(self.timestamp_s)

    @property
    def epics_nanoseconds(self) -> int:
        """Nanoseconds past the whole second."""
        return int((self.timestamp_s - self.epics_seconds) * 1e9)
