"""From the grid of cells to the pixels of the frame."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from .focus_energy import CELL_PX

__all__ = ["filled", "spread", "spread_nearest"]


def filled(
    values: NDArray[np.float64], known: NDArray[np.bool_], otherwise: float
) -> NDArray[np.float64]:
    """Fill what is unknown with an average of the nearest that is known.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (rows, cols).
    known : numpy.ndarray of bool
        Which of them count.
    otherwise : float
        Value if nothing is known.

    Returns
    -------
    numpy.ndarray
        `values` where known, and smooth between.
    """
    out = np.where(known, values, np.nan)
    reach = 1.0
    while np.isnan(out).any() and reach < 2 * max(values.shape):
        share = gaussian_filter(known.astype(float), reach, truncate=3)
        average = gaussian_filter(np.where(known, values, 0.0), reach, truncate=3)
        near = np.isnan(out) & (share > 1e-3)
        out[near] = average[near] / share[near]
        reach *= 2
    return np.where(np.isnan(out), otherwise, out)


def spread(cells: NDArray[np.floating], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Interpolate linearly between the centres of cells.

    Parameters
    ----------
    cells : numpy.ndarray
        One value a cell.
    shape : (int, int)
        Rows and columns of the frame.

    Returns
    -------
    numpy.ndarray
        Shape `shape`, float32; beyond the outer centres the outer values.
    """
    out = np.asarray(cells, dtype=np.float32)
    for axis, side in enumerate(shape):
        place = np.clip((np.arange(side) - (CELL_PX - 1) / 2) / CELL_PX, 0, out.shape[axis] - 1)
        lower = np.minimum(place.astype(int), max(out.shape[axis] - 2, 0))
        share = (place - lower).astype(np.float32).reshape((-1, 1) if axis == 0 else (1, -1))
        upper = np.minimum(lower + 1, out.shape[axis] - 1)
        out = out.take(lower, axis) * (1 - share) + out.take(upper, axis) * share
    return np.asarray(out, dtype=np.float32)


def spread_nearest(cells: NDArray, shape: tuple[int, int]) -> NDArray:
    """Give each pixel the value of its cell.

    Parameters
    ----------
    cells : numpy.ndarray
        One value a cell.
    shape : (int, int)
        Rows and columns of the frame.

    Returns
    -------
    numpy.ndarray
        Shape `shape`, same type.
    """
    return cells.repeat(CELL_PX, axis=0)[: shape[0]].repeat(CELL_PX, axis=1)[:, : shape[1]]
