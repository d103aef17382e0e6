"""At which grey level the camera of a recorded stack saturates."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..measurement import full_scale_level

__all__ = ["stack_full_scale"]

CONVERTER_BITS = (8, 10, 12, 14, 16)


def stack_full_scale(planes: Iterable[NDArray[np.unsignedinteger]]) -> float:
    """Return the full scale of the camera that took some planes.

    Files hold 8 or 16 bits, cameras often 10, 12 or 14 of them, at the lower or at the upper end.
    All levels that occur, taken together bit by bit, tell which bits are in use.

    Parameters
    ----------
    planes : iterable of numpy.ndarray
        All planes of a stack, uint8 or uint16, one dtype; 16-bit planes are looked at one after
        the other.

    Returns
    -------
    float
        Greatest grey level: 255 for uint8; for uint16 that of the least usual converter (8, 10,
        12, 14 or 16 bits) that holds every level of the stack, shifted up where the levels are.
    """
    used = 0
    for plane in planes:
        if plane.dtype == np.uint8:
            return full_scale_level(plane.dtype)
        used |= int(np.bitwise_or.reduce(plane, axis=None))
    # Bits that are never set below the lowest one in use: levels that the file shifted up.
    shift = 16 - next(bits for bits in CONVERTER_BITS if used % 2 ** (16 - bits) == 0)
    if shift and used >= 2**15:
        return float(2**16 - 2**shift)
    return float(2 ** next(bits for bits in CONVERTER_BITS if used < 2**bits) - 1)
