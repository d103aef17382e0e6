"""Where focus may be: the allowed travel, and what lies beyond its ends."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["FocusGrid", "focus_grid"]

STEP_DOF = 0.1
MOST_INSIDE = 1600
# Beyond the window the nearest frame is at its end, and a distance is known to some percent of
# itself: cells may grow with it.
GROWTH = 0.03
MARGIN_DOF = (20.0, 100.0)
# Focus is expected inside; of all samples this share lies beyond either end.
OUTSIDE_SHARE = 0.04


@dataclass(frozen=True)
class FocusGrid:
    """Cells of the axis of focus positions.

    Parameters
    ----------
    low_dof, high_dof : float
        Ends of the allowed travel, depths of field.
    position_dof : numpy.ndarray
        Middles of the cells, ascending, shape (cells,).
    width_dof : numpy.ndarray
        Their widths, shape (cells,).
    log_prior : numpy.ndarray
        Logarithm of the probability of each cell before any frame, shape (cells,).
    """

    low_dof: float
    high_dof: float
    position_dof: NDArray[np.float64]
    width_dof: NDArray[np.float64]
    log_prior: NDArray[np.float64]


@lru_cache(maxsize=16)
def focus_grid(low_dof: float, high_dof: float) -> FocusGrid:
    """Cells over the allowed travel and beyond its ends.

    Inside they are 0.1 depths of field wide, or a 1,600th of a travel beyond 160; outside they grow
    by 3 % of the distance from the end, up to 20 to 100 depths of field, as the travel is wide.

    Parameters
    ----------
    low_dof, high_dof : float
        Ends of the allowed travel.

    Returns
    -------
    FocusGrid
        The cells, evenly probable inside, some of the probability beyond either end.
    """
    travel = high_dof - low_dof
    count = int(np.clip(np.ceil(travel / STEP_DOF), 8, MOST_INSIDE))
    inside = np.linspace(low_dof, high_dof, count + 1)
    beyond = _growing(travel / count, float(np.clip(travel, *MARGIN_DOF)))
    edges = np.concatenate([low_dof - beyond[:0:-1], inside, high_dof + beyond[1:]])
    width = np.diff(edges)
    outer = beyond.size - 1
    # Cells far beyond are as unlikely as they are wide: each step of the logarithm counts alike.
    tail = np.full(outer, OUTSIDE_SHARE / outer)
    middle = np.full(count, (1 - 2 * OUTSIDE_SHARE) / count)
    prior = np.concatenate([tail, middle, tail])
    return FocusGrid(low_dof, high_dof, (edges[1:] + edges[:-1]) / 2, width, np.log(prior))


def _growing(step: float, reach: float) -> NDArray[np.float64]:
    """Borders of cells from 0 to a reach, growing with the distance."""
    edges = [0.0]
    while edges[-1] < reach:
        edges.append(edges[-1] + max(step, GROWTH * edges[-1]))
    return np.array(edges)
