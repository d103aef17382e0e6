"""Focus measures from first differences."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .frames import each_frame, mean_level, row_blocks

__all__ = [
    "absolute_gradient",
    "blurred_gradient",
    "brenner",
    "squared_gradient",
    "tenengrad",
    "tenengrad_variance",
]

BLUR_SIGMA = 2.0
BLUR_RADIUS = 8
# Blurring a small tile is two matrix products, which the linear algebra library does several times
# faster than a sum over the taps. Tiles this small it does on one thread: with two, a busy machine
# makes the measure ten times slower.
TILE_COLUMNS = 32


def squared_gradient(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the mean squared difference of neighbouring pixels, both ways [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 2.

    Returns
    -------
    ndarray of float64, shape (...)
        Mean of ``(I(x+1, y) - I(x, y))² + (I(x, y+1) - I(x, y))²``, grey levels squared.

    References
    ----------
    .. [1] Santos et al., "Evaluation of autofocus functions in molecular cytogenetic analysis",
       J. Microsc. 188, 1997 (without its threshold).
    """
    return each_frame(_squared_gradient, frames, 2)


def absolute_gradient(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the mean absolute difference of neighbouring pixels, both ways [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 2.

    Returns
    -------
    ndarray of float64, shape (...)
        Mean of ``|I(x+1, y) - I(x, y)| + |I(x, y+1) - I(x, y)|``, grey levels.

    References
    ----------
    .. [1] Jarvis, "Focus optimisation criteria for computer image processing", Microscope 24,
       1976 (sum modulus difference).
    """
    return each_frame(_absolute_gradient, frames, 2)


def brenner(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the mean squared difference of pixels two columns apart [1]_.

    Structure that varies along the columns only is not seen.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 3.

    Returns
    -------
    ndarray of float64, shape (...)
        Mean of ``(I(x+2, y) - I(x, y))²``, grey levels squared.

    References
    ----------
    .. [1] Brenner et al., "An automated microscope for cytologic research", J. Histochem.
       Cytochem. 24, 1976.
    """
    return each_frame(_brenner, frames, 3)


def tenengrad(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the mean squared Sobel gradient [1]_ [2]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 3.

    Returns
    -------
    ndarray of float64, shape (...)
        Mean of ``Sx² + Sy²``, grey levels squared.

    References
    ----------
    .. [1] Tenenbaum, "Accommodation in computer vision", PhD thesis, Stanford, 1970.
    .. [2] Krotkov, "Focusing", Int. J. Comput. Vis. 1, 1987.
    """
    return each_frame(lambda frame: _sobel_moments(frame)[1], frames, 3)


def tenengrad_variance(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the variance of the Sobel gradient's magnitude [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 3.

    Returns
    -------
    ndarray of float64, shape (...)
        Variance of ``sqrt(Sx² + Sy²)``, grey levels squared.

    References
    ----------
    .. [1] Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
    """
    return each_frame(_tenengrad_variance, frames, 3)


def blurred_gradient(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the squared gradient after a blur, relative to the mean level squared [1]_.

    A Gaussian of sigma 2 pixels first takes out most of the pixel noise, and the division takes
    out a change of illumination or gain. Of the measures here it holds up best on real stacks.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 18, the blur's 17 taps and one difference.

    Returns
    -------
    ndarray of float64, shape (...)
        Squared gradient of the blurred frame over the squared mean; 0 where the mean is 0.

    References
    ----------
    .. [1] Squared gradient as in Santos et al., J. Microsc. 188, 1997, at one scale of
       Geusebroek et al., "Robust autofocusing in microscopy", Cytometry 39, 2000.
    """
    return each_frame(_blurred_gradient, frames, 2 * BLUR_RADIUS + 2)


def _squared_gradient(frame: NDArray) -> float:
    total = 0.0
    for block in row_blocks(frame, 1):
        total += _gradient_energy(block)
    return total / ((frame.shape[0] - 1) * (frame.shape[1] - 1))


def _gradient_energy(block: NDArray) -> float:
    down = block[1:, :-1] - block[:-1, :-1]
    across = block[:-1, 1:] - block[:-1, :-1]
    return float(np.vdot(down, down)) + float(np.vdot(across, across))


def _absolute_gradient(frame: NDArray) -> float:
    total = 0.0
    for block in row_blocks(frame, 1):
        down = block[1:, :-1] - block[:-1, :-1]
        across = block[:-1, 1:] - block[:-1, :-1]
        total += float(np.abs(down).sum(dtype=np.float64) + np.abs(across).sum(dtype=np.float64))
    return total / ((frame.shape[0] - 1) * (frame.shape[1] - 1))


def _brenner(frame: NDArray) -> float:
    total = 0.0
    for block in row_blocks(frame, 0):
        across = block[:, 2:] - block[:, :-2]
        total += float(np.vdot(across, across))
    return total / (frame.shape[0] * (frame.shape[1] - 2))


def _sobel_moments(frame: NDArray) -> tuple[float, float]:
    """Return the means of the Sobel magnitude and of its square."""
    first = second = 0.0
    for block in row_blocks(frame, 2):
        smooth = block[:-2] + 2 * block[1:-1] + block[2:]
        across = smooth[:, 2:] - smooth[:, :-2]
        step = block[2:] - block[:-2]
        down = step[:, :-2] + 2 * step[:, 1:-1] + step[:, 2:]
        squared = across * across + down * down
        second += float(squared.sum(dtype=np.float64))
        first += float(np.sqrt(squared).sum(dtype=np.float64))
    count = (frame.shape[0] - 2) * (frame.shape[1] - 2)
    return first / count, second / count


def _tenengrad_variance(frame: NDArray) -> float:
    first, second = _sobel_moments(frame)
    return max(0.0, second - first * first)


def _blurred_gradient(frame: NDArray) -> float:
    mean = mean_level(frame)
    # How the blur of a flat frame is rounded depends on the processor.
    if mean == 0.0 or _is_flat(frame):
        return 0.0
    total = 0.0
    for block in row_blocks(frame, 2 * BLUR_RADIUS + 1):
        total += _gradient_energy(_blur(block))
    lost = 2 * BLUR_RADIUS + 1
    return total / ((frame.shape[0] - lost) * (frame.shape[1] - lost)) / mean**2


def _is_flat(frame: NDArray) -> bool:
    # One row tells of nearly all frames that they are not.
    return np.ptp(frame[0]) == 0 and np.ptp(frame) == 0


def _blur(block: NDArray) -> NDArray:
    """Blur where all taps of the kernel lie inside, both ways."""
    height, width = (length - 2 * BLUR_RADIUS for length in block.shape)
    down = _blur_matrix(height, block.dtype)
    across = _blur_matrix(TILE_COLUMNS, block.dtype).T.copy()
    blurred = np.empty((height, width), dtype=block.dtype)
    for left in range(0, width, TILE_COLUMNS):
        columns = min(TILE_COLUMNS, width - left)
        taps = columns + 2 * BLUR_RADIUS
        tile = down @ block[:, left : left + taps]
        np.matmul(tile, across[:taps, :columns], out=blurred[:, left : left + columns])
    return blurred


def _blur_matrix(length: int, dtype: np.dtype) -> NDArray:
    """Return the matrix that leaves `length` of ``length + 16`` samples, blurred."""
    offset = np.arange(length + 2 * BLUR_RADIUS) - np.arange(length)[:, None] - BLUR_RADIUS
    taps = np.where(abs(offset) <= BLUR_RADIUS, np.exp(-0.5 * (offset / BLUR_SIGMA) ** 2), 0.0)
    return (taps / taps.sum(axis=1, keepdims=True)).astype(dtype)
