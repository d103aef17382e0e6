"""Gaussian and Laplacian pyramids of any size of image [1]_.

.. [1] P. Burt and E. Adelson, "The Laplacian pyramid as a compact image code", IEEE Trans. Commun.
   31, 1983.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

__all__ = ["collapsed", "gaussian_levels", "laplacian_levels", "level_count"]

TAPS = np.array([1, 4, 6, 4, 1], dtype=np.float32) / 16
SMALLEST_PX = 8


def level_count(shape: tuple[int, int]) -> int:
    """Count the levels until the shorter side is down to some 8 pixels.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns.

    Returns
    -------
    int
        At least 1.
    """
    return max(1, int(np.log2(min(shape) / SMALLEST_PX)) + 1)


def gaussian_levels(image: NDArray[np.float32], levels: int) -> list[NDArray[np.float32]]:
    """Blur and halve, again and again.

    Parameters
    ----------
    image : numpy.ndarray
        Shape (rows, cols).
    levels : int
        How many, the image among them.

    Returns
    -------
    list of numpy.ndarray
        The image first.
    """
    out = [image]
    for _ in range(levels - 1):
        out.append(_halved(out[-1]))
    return out


def laplacian_levels(image: NDArray[np.float32], levels: int) -> list[NDArray[np.float32]]:
    """Split an image into bands of detail.

    Parameters
    ----------
    image : numpy.ndarray
        Shape (rows, cols), float32.
    levels : int
        How many bands; the last is what is left of the image.

    Returns
    -------
    list of numpy.ndarray
        Finest first; none of them is the image itself.
    """
    out = []
    for _ in range(levels - 1):
        smaller = _halved(image)
        out.append(image - _doubled(smaller, image.shape))
        image = smaller
    return [*out, image.copy()]


def collapsed(bands: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Put the bands of an image together again: the inverse of `laplacian_levels`.

    Parameters
    ----------
    bands : list of numpy.ndarray
        Finest first.

    Returns
    -------
    numpy.ndarray
        Shape of the first band, float32.
    """
    image = bands[-1]
    for band in reversed(bands[:-1]):
        image = _doubled(image, band.shape) + band
    return image


def _halved(image: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = correlate1d(image, TAPS, axis=0, mode="mirror")[::2]
    return np.asarray(correlate1d(rows, TAPS, axis=1, mode="mirror")[:, ::2], dtype=np.float32)


def _doubled(image: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Interpolate to twice the size; an odd side has lost its last half step."""
    for axis, side in enumerate(shape):
        wide = list(image.shape)
        wide[axis] = side
        apart = np.zeros(wide, dtype=np.float32)
        apart[(slice(None),) * axis + (slice(None, None, 2),)] = image
        image = np.asarray(correlate1d(apart, 2 * TAPS, axis=axis, mode="mirror"), np.float32)
    return image
