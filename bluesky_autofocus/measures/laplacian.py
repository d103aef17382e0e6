"""Focus measures from second differences."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .frames import each_frame, row_blocks

__all__ = ["energy_of_laplacian", "sum_modified_laplacian", "variance_of_laplacian"]


def variance_of_laplacian(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the variance of the four-neighbour Laplacian [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 3.

    Returns
    -------
    ndarray of float64, shape (...)
        Variance of ``I * [[0, 1, 0], [1, -4, 1], [0, 1, 0]]``, grey levels squared.

    References
    ----------
    .. [1] Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
    """
    return each_frame(_variance_of_laplacian, frames, 3)


def energy_of_laplacian(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the mean square of the eight-neighbour Laplacian [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 3.

    Returns
    -------
    ndarray of float64, shape (...)
        Mean of ``(I * [[1, 4, 1], [4, -20, 4], [1, 4, 1]])²``, grey levels squared.

    References
    ----------
    .. [1] Subbarao, Choi and Nikzad, "Focusing techniques", Opt. Eng. 32, 1993.
    """
    return each_frame(_energy_of_laplacian, frames, 3)


def sum_modified_laplacian(frames: ArrayLike) -> NDArray[np.float64]:
    """Measure the mean of the modified Laplacian, whose two directions cannot cancel [1]_.

    Parameters
    ----------
    frames : array_like, shape (..., H, W)
        Grey levels; H, W >= 3.

    Returns
    -------
    ndarray of float64, shape (...)
        Mean of ``|2 I(x, y) - I(x-1, y) - I(x+1, y)| + |2 I(x, y) - I(x, y-1) - I(x, y+1)|``,
        grey levels.

    References
    ----------
    .. [1] Nayar and Nakagawa, "Shape from focus", IEEE Trans. PAMI 16, 1994 (step 1, no
       threshold).
    """
    return each_frame(_sum_modified_laplacian, frames, 3)


def _variance_of_laplacian(frame: NDArray) -> float:
    first = second = 0.0
    for block in row_blocks(frame, 2):
        laplacian = _second_difference(block, 0) + _second_difference(block, 1)
        first += float(laplacian.sum(dtype=np.float64))
        second += float(np.vdot(laplacian, laplacian))
    count = (frame.shape[0] - 2) * (frame.shape[1] - 2)
    return max(0.0, second / count - (first / count) ** 2)


def _energy_of_laplacian(frame: NDArray) -> float:
    total = 0.0
    for block in row_blocks(frame, 2):
        # [[1, 4, 1], [4, -20, 4], [1, 4, 1]] = 6 (dxx + dyy) + dxx dyy
        down = block[2:] - 2 * block[1:-1] + block[:-2]
        mixed = down[:, 2:] - 2 * down[:, 1:-1] + down[:, :-2]
        both = _second_difference(block, 0) + _second_difference(block, 1)
        laplacian = 6 * both + mixed
        total += float(np.vdot(laplacian, laplacian))
    return total / ((frame.shape[0] - 2) * (frame.shape[1] - 2))


def _sum_modified_laplacian(frame: NDArray) -> float:
    total = 0.0
    for block in row_blocks(frame, 2):
        for axis in (0, 1):
            total += float(np.abs(_second_difference(block, axis)).sum(dtype=np.float64))
    return total / ((frame.shape[0] - 2) * (frame.shape[1] - 2))


def _second_difference(block: NDArray, axis: int) -> NDArray:
    """Return ``I(-1) - 2 I(0) + I(+1)`` along an axis, at the inner pixels."""
    inner = block[1:-1, 1:-1]
    if axis == 0:
        return block[2:, 1:-1] - 2 * inner + block[:-2, 1:-1]
    return block[1:-1, 2:] - 2 * inner + block[1:-1, :-2]
