"""Focus measures from grey levels: their spread, their histogram, their correlation."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .frames import ROWS_PER_BLOCK, each_frame, mean_level, row_blocks

__all__ = ["histogram_entropy", "normalised_variance", "vollath_f4", "vollath_f5"]

FLOAT_BINS = 256


def normalised_variance(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the variance relative to the mean level squared [1]_.

    Groen divides by the mean itself, and the value then still follows the gain; here it does
    not.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels.

    Returns
    -------
    ndarray of float64, shape (...)
        Variance over squared mean; 0 where the mean is 0.

    References
    ----------
    .. [1] Groen, Young and Ligthart, "A comparison of different focus functions for use in
       autofocus algorithms", Cytometry 6, 1985.
    """
    return each_frame(_normalised_variance, frames, 1)


def histogram_entropy(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the entropy of the grey-level histogram [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels. Integers of 8 or 16 bits are counted level by level, others in 256 bins
        from the least to the greatest value.

    Returns
    -------
    ndarray of float64, shape (...)
        Entropy, bit.

    References
    ----------
    .. [1] Firestone et al., "Comparison of autofocus methods for automated microscopy",
       Cytometry 12, 1991.
    """
    return each_frame(_histogram_entropy, frames, 1)


def vollath_f4(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure how fast the correlation of columns falls from one to two pixels apart [1]_.

    Both products run over the same pixels and the mean is taken off first, so that a slope of
    the illumination does not enter by way of the borders.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 3.

    Returns
    -------
    ndarray of float64, shape (...)
        Mean of ``J(x, y) J(x+1, y) - J(x, y) J(x+2, y)`` with ``J = I - mean``, grey levels
        squared; it can be negative.

    References
    ----------
    .. [1] Vollath, "Automatic focusing by correlative methods", J. Microsc. 147, 1987.
    """
    return each_frame(_vollath_f4, frames, 3)


def vollath_f5(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the covariance of neighbouring columns, which leaves white noise out [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 2.

    Returns
    -------
    ndarray of float64, shape (...)
        Mean of ``J(x, y) J(x+1, y)`` with ``J = I - mean``, grey levels squared.

    References
    ----------
    .. [1] Vollath, "The influence of the scene parameters and of noise on the behaviour of
       automatic focusing algorithms", J. Microsc. 151, 1988.
    """
    return each_frame(_vollath_f5, frames, 2)


def _normalised_variance(frame: NDArray) -> float:
    mean = mean_level(frame)
    if mean == 0.0:
        return 0.0
    total = 0.0
    for block in row_blocks(frame, 0):
        block -= mean
        total += float(np.vdot(block, block))
    return total / frame.size / mean**2


def _histogram_entropy(frame: NDArray) -> float:
    lowest, highest = frame.min(), frame.max()
    by_level = frame.dtype.kind in "iu" and frame.dtype.itemsize <= 2
    bins = int(highest) - int(lowest) + 1 if by_level else FLOAT_BINS
    counts = np.zeros(bins, dtype=np.int64)
    for top in range(0, frame.shape[0], ROWS_PER_BLOCK):
        rows = frame[top : top + ROWS_PER_BLOCK]
        if by_level:
            counts += np.bincount(rows.ravel().astype(np.intp) - int(lowest), minlength=bins)
        else:
            limits = (float(lowest), float(highest))
            counts += np.histogram(rows.astype(np.float64), bins=bins, range=limits)[0]
    share = counts[counts > 0] / frame.size
    return float(abs(np.sum(share * np.log2(share))))


def _vollath_f4(frame: NDArray) -> float:
    mean = mean_level(frame)
    total = 0.0
    for block in row_blocks(frame, 0):
        block -= mean
        total += float(np.vdot(block[:, :-2].copy(), block[:, 1:-1] - block[:, 2:]))
    return total / (frame.shape[0] * (frame.shape[1] - 2))


def _vollath_f5(frame: NDArray) -> float:
    mean = mean_level(frame)
    total = 0.0
    for block in row_blocks(frame, 0):
        block -= mean
        total += float(np.vdot(block[:, :-1].copy(), block[:, 1:].copy()))
    return total / (frame.shape[0] * (frame.shape[1] - 1))
