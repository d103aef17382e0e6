"""Bins of distance from focus, how to draw in them, and how to weigh them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["EDGES_DOF", "bin_index", "bin_weights", "draw_in_bin"]

EDGES_DOF: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Borders of the bins of ``|U|``, depths of field."""


def draw_in_bin(rng: np.random.Generator, index: int) -> float:
    """Draw a defocus evenly within a bin, on either side of focus.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides.
    index : int
        Number of the bin.

    Returns
    -------
    float
        Signed defocus, depths of field.
    """
    size = rng.uniform(EDGES_DOF[index], EDGES_DOF[index + 1])
    return float(size * rng.choice([-1.0, 1.0]))


def bin_index(u_dof: ArrayLike) -> NDArray[np.intp]:
    """Return the number of the bin that holds each distance.

    Parameters
    ----------
    u_dof : array_like
        Defocus, either sign, up to 100 depths of field.

    Returns
    -------
    numpy.ndarray
        Same shape; a border belongs to the bin below it.
    """
    return np.maximum(np.searchsorted(EDGES_DOF, np.abs(np.asarray(u_dof, dtype=float))) - 1, 0)


def bin_weights(reach_dof: float) -> NDArray[np.float64]:
    """Probability of each bin for a defocus drawn evenly from ± `reach_dof`.

    Parameters
    ----------
    reach_dof : float
        One of `EDGES_DOF`.

    Returns
    -------
    numpy.ndarray
        One weight a bin, sum 1.
    """
    edges = np.minimum(EDGES_DOF, reach_dof)
    return np.diff(edges) / reach_dof
