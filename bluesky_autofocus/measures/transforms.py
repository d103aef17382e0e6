"""Focus measures from a transform: how much of the light is in fine structure."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import dctn

from .frames import each_frame, row_blocks

__all__ = ["dct_energy_ratio", "haar_energy_ratio"]

BLOCK = 8
# The five lowest alternating terms of an 8 x 8 block: fine enough for focus, above the noise.
LOW_TERMS = ((0, 1), (1, 0), (2, 0), (1, 1), (0, 2))
HAAR_LEVELS = 3


def dct_energy_ratio(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the reduced energy ratio of 8 x 8 cosine transforms [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 8. Rows and columns beyond a multiple of 8 are left out.

    Returns
    -------
    ndarray of float64, shape (...)
        Energy of the five lowest alternating terms over that of the constant term, summed over
        the blocks; 0 for a black frame.

    References
    ----------
    .. [1] Lee et al., "Reduced energy-ratio measure for robust autofocusing in digital camera",
       IEEE Signal Process. Lett. 16, 2009.
    """
    return each_frame(_dct_energy_ratio, frames, BLOCK)


def haar_energy_ratio(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the detail energy of a three-level Haar transform over the remaining energy [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 8. Rows and columns beyond a multiple of 8 are left out.

    Returns
    -------
    ndarray of float64, shape (...)
        Energy of all detail terms over that of the last approximation; 0 for a black frame.

    References
    ----------
    .. [1] Kautsky et al., "A new wavelet-based measure of image focus", Pattern Recognit. Lett.
       23, 2002.
    """
    return each_frame(_haar_energy_ratio, frames, 2**HAAR_LEVELS)


def _whole_blocks(frame: NDArray, size: int) -> NDArray:
    rows, columns = (length - length % size for length in frame.shape)
    return frame[:rows, :columns]


def _dct_energy_ratio(frame: NDArray) -> float:
    fine = constant = 0.0
    for block in row_blocks(_whole_blocks(frame, BLOCK), 0):
        rows, columns = block.shape
        tiles = block.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK)
        terms = np.asarray(dctn(tiles, axes=(1, 3), norm="ortho"))
        constant += float(np.square(terms[:, 0, :, 0], dtype=np.float64).sum())
        for down, across in LOW_TERMS:
            fine += float(np.square(terms[:, down, :, across], dtype=np.float64).sum())
    return fine / constant if constant > 0.0 else 0.0


def _haar_energy_ratio(frame: NDArray) -> float:
    detail = remaining = 0.0
    for block in row_blocks(_whole_blocks(frame, 2**HAAR_LEVELS), 0):
        for _ in range(HAAR_LEVELS):
            left, right = block[:, ::2], block[:, 1::2]
            low, high = (left + right) / 2, (left - right) / 2
            block = low[::2] + low[1::2]
            for part in (low[::2] - low[1::2], high[::2] + high[1::2], high[::2] - high[1::2]):
                detail += float(np.vdot(part, part))
        remaining += float(np.vdot(block, block))
    return detail / remaining if remaining > 0.0 else 0.0
