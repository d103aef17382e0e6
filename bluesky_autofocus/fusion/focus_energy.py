"""How much detail each small cell of a plane shows, and how much of that is noise."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, gaussian_filter

from .planes import grey

__all__ = ["CELL_PX", "cell_energy"]

CELL_PX = 4
"""Side of a cell; a window of detail is always larger."""

BLUR_PX = 1.0
DIFFERENCE = np.array([-0.5, 0.0, 0.5], dtype=np.float32)
SECOND = np.array([1.0, -2.0, 1.0], dtype=np.float32)
SECOND_GAIN = 36.0


def _noise_gain() -> float:
    """Energy that the blurred gradient has on white noise of variance 1."""
    point = np.zeros((33, 33))
    point[16, 16] = 1
    across = correlate1d(gaussian_filter(point, BLUR_PX), DIFFERENCE, axis=1)
    return 2 * float((across**2).sum())


NOISE_GAIN = _noise_gain()


def cell_energy(plane: NDArray[np.number]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Measure the blurred gradient of each cell, and what noise may have to do with it.

    Both are relative to the mean of the plane squared, so that flicker and gain drop out.

    Parameters
    ----------
    plane : numpy.ndarray
        Shape (rows, cols) or (rows, cols, 3).

    Returns
    -------
    energy : numpy.ndarray
        Mean squared gradient after a blur of 1 pixel, one value for each cell of 4 × 4 pixels.
    noise : numpy.ndarray
        What of it noise would make, were all that a twofold second difference shows noise [1]_:
        too much in a sharp plane, right in a blurred one.

    References
    ----------
    .. [1] J. Immerkær, "Fast noise variance estimation", Comput. Vis. Image Underst. 64, 1996.
    """
    pixels = grey(plane)
    mean = float(np.abs(pixels).mean(dtype=np.float64))
    if mean == 0:
        nothing = np.zeros(tuple(-(-side // CELL_PX) for side in pixels.shape), dtype=np.float32)
        return nothing, nothing
    pixels /= np.float32(mean)
    # Where a frame is flat, what is left of it is how its mean was rounded.
    pixels -= pixels.flat[0]
    second = correlate1d(correlate1d(pixels, SECOND, axis=0), SECOND, axis=1)
    noise = _cell_means(np.square(second, out=second)) * np.float32(NOISE_GAIN / SECOND_GAIN)
    del second
    blurred = gaussian_filter(pixels, BLUR_PX)
    gradient = correlate1d(blurred, DIFFERENCE, axis=0)
    energy = _cell_means(np.square(gradient, out=gradient))
    correlate1d(blurred, DIFFERENCE, axis=1, output=gradient)
    energy += _cell_means(np.square(gradient, out=gradient))
    return energy, noise


def _cell_means(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average over cells; those at the far edges may be smaller."""
    starts = [np.arange(0, side, CELL_PX) for side in values.shape]
    sums = np.add.reduceat(np.add.reduceat(values, starts[0], axis=0), starts[1], axis=1)
    rows, cols = (
        np.minimum(CELL_PX, side - start) for start, side in zip(starts, values.shape, strict=True)
    )
    return (sums / (rows[:, None] * cols)).astype(np.float32)
