"""The axis on which defocus is estimated, and what a distribution over it says.

The networks answer with a distribution over ``y = ½ ln(1 + (U/0.4)²)``, in which sharpness is
nearly a straight line: equal steps of y are equal steps of sharpness, from the depth of field to a
hundred of them.
"""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from ..optics import Optics

__all__ = [
    "BINS",
    "EDGES_Y",
    "GRID_U_DOF",
    "GRID_Y",
    "STEP_Y",
    "quantile_dof",
    "sharpness_of_grid",
    "soft_histogram",
    "to_u",
    "to_y",
]

U_SCALE_DOF = 0.4
STEP_Y = 0.1
BINS = 57


def to_y(u_dof: ArrayLike) -> NDArray[np.float64]:
    """Return ``y = ½ ln(1 + (U/0.4)²)``.

    Parameters
    ----------
    u_dof : array_like
        Defocus in depths of field, either sign.

    Returns
    -------
    numpy.ndarray
        Same shape, 0 and more.
    """
    return 0.5 * np.log1p((np.asarray(u_dof, dtype=float) / U_SCALE_DOF) ** 2)


def to_u(y: ArrayLike) -> NDArray[np.float64]:
    """Return the distance |U| in depths of field of a place on the axis.

    Parameters
    ----------
    y : array_like
        0 and more.

    Returns
    -------
    numpy.ndarray
        Same shape.
    """
    return U_SCALE_DOF * np.sqrt(np.expm1(2 * np.maximum(np.asarray(y, dtype=float), 0)))


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
        |U| in depths of field, shape (...).
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
