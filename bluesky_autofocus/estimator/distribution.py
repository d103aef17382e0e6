"""The grid over which defocus is estimated, and what a distribution over it says.

The networks answer with a distribution over the ``y`` of `optics.axis`, in equal steps.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from ..optics import Optics
from ..optics.axis import U_SCALE_DOF, to_u, to_y

__all__ = [
    "BINS",
    "EDGES_Y",
    "GRID_U_DOF",
    "GRID_Y",
    "STEP_Y",
    "moments",
    "quantile_dof",
    "sharpness_of_grid",
    "shortest_interval_dof",
    "soft_histogram",
]

STEP_Y = 0.1
BINS = 57
SHARES_BELOW = 33


GRID_Y: NDArray[np.float64] = np.linspace(0, STEP_Y * (BINS - 1), BINS)
"""Places of the distribution, 0 to 5.6."""

EDGES_Y: NDArray[np.float64] = np.concatenate([[0.0], (np.arange(BINS) + 0.5) * STEP_Y])
"""Borders of the places: the probability of each is spread evenly between two of them."""

GRID_U_DOF: NDArray[np.float64] = to_u(GRID_Y)
"""Their distances, 0 to 108 depths of field."""


def sharpness_of_grid(optics: Optics, *, clipped: bool = True) -> NDArray[np.float64]:
    """Sharpness at the places of the grid.

    Parameters
    ----------
    optics : Optics
        Its sampling decides the curve.
    clipped : bool, default True
        Whether sharpness stays at 1 inside the depth of field; if not, it rises on towards focus.

    Returns
    -------
    numpy.ndarray
        Shape (`BINS`,).
    """
    if clipped:
        return optics.sharpness(GRID_U_DOF)
    return optics.curve.unclipped(GRID_U_DOF)


def quantile_dof(probabilities: NDArray[np.floating], share: float) -> NDArray[np.float64]:
    """Distance below which a share of the probability lies.

    Between the places of the grid the probability is spread evenly, so a quantile is not bound to
    the grid.

    Parameters
    ----------
    probabilities : numpy.ndarray
        Shape (..., `BINS`), sum 1.
    share : float
        From 0 to 1.

    Returns
    -------
    numpy.ndarray
        ``|U|`` in depths of field, shape (...).
    """
    flat = np.asarray(probabilities, dtype=float).reshape(-1, BINS)
    total = np.cumsum(flat, axis=1)
    total /= total[:, -1:]
    before = np.concatenate([np.zeros((flat.shape[0], 1)), total[:, :-1]], axis=1)
    k = np.minimum((total < share).sum(axis=1), BINS - 1)
    row = np.arange(flat.shape[0])
    inside = (share - before[row, k]) / np.maximum(total[row, k] - before[row, k], 1e-12)
    y = EDGES_Y[k] + np.clip(inside, 0, 1) * (EDGES_Y[k + 1] - EDGES_Y[k])
    return to_u(y).reshape(np.shape(probabilities)[:-1])


def shortest_interval_dof(
    probabilities: NDArray[np.floating], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shortest interval of y that holds a share of the probability.

    In focus, where the axis ends, it begins at 0: an interval that leaves equal shares out on
    either side would never hold the focus itself.

    Parameters
    ----------
    probabilities : numpy.ndarray
        Shape (..., `BINS`), sum 1.
    level : float
        Share, from 0 to 1.

    Returns
    -------
    low, high : numpy.ndarray
        ``|U|`` in depths of field, shape (...).
    """
    below = np.linspace(0, 1 - level, SHARES_BELOW)
    low = np.stack([quantile_dof(probabilities, b) for b in below])
    high = np.stack([quantile_dof(probabilities, b + level) for b in below])
    # The first of equals, which is nearest to focus.
    best = np.argmin(to_y(high) - to_y(low), axis=0)[None]
    return np.take_along_axis(low, best, 0)[0], np.take_along_axis(high, best, 0)[0]


def soft_histogram(u_dof: torch.Tensor) -> torch.Tensor:
    """Spread distances over the grid, each between its two neighbours, and average them.

    Parameters
    ----------
    u_dof : torch.Tensor
        Defocus, shape (..., n), depths of field, either sign.

    Returns
    -------
    torch.Tensor
        Shape (..., `BINS`), sum 1.
    """
    y = 0.5 * torch.log1p((u_dof / U_SCALE_DOF) ** 2)
    place = (y / STEP_Y).clamp(0, BINS - 1 - 1e-4)
    low = place.floor()
    share = (place - low) / u_dof.shape[-1]
    out = torch.zeros(*u_dof.shape[:-1], BINS, device=u_dof.device)
    index = low.long()
    out.scatter_add_(-1, index, 1 / u_dof.shape[-1] - share)
    out.scatter_add_(-1, index + 1, share)
    return out


def moments(
    probabilities: NDArray[np.floating], values: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Mean and standard deviation of something that has a value at each place of a grid.

    Parameters
    ----------
    probabilities : numpy.ndarray
        Shape (..., n), sum 1.
    values : numpy.ndarray
        Shape (n,).

    Returns
    -------
    mean, std : numpy.ndarray
        Shape (...).
    """
    mean = probabilities @ values
    return mean, np.sqrt(np.maximum(probabilities @ values**2 - mean**2, 0))
