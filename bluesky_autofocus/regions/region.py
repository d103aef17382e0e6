"""One altitude of a field, and one region of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..belief import Posterior

__all__ = ["UNKNOWN", "Altitude", "Region"]

UNKNOWN = -1
"""Label of cells that tell of no altitude."""


@dataclass(frozen=True, eq=False)
class Altitude:
    """One altitude of a field.

    Parameters
    ----------
    label : int
        Its label.
    posterior : Posterior
        Probability of each focus position of it.
    cells : numpy.ndarray of bool
        Cells that say so themselves, shape (rows, cols).
    """

    label: int
    posterior: Posterior
    cells: NDArray[np.bool_]

    @property
    def focus_dof(self) -> float:
        """Likeliest focus position, depths of field."""
        return self.posterior.best_dof

    @property
    def sigma_dof(self) -> float:
        """Standard deviation of it, within a depth of field."""
        return self.posterior.local_sigma_dof

    @property
    def probability(self) -> float:
        """Probability that focus is within half a depth of field of there."""
        return self.posterior.best_mass


@dataclass(frozen=True, eq=False)
class Region:
    """Neighbouring cells of one altitude.

    Parameters
    ----------
    number : int
        Number of the region, the largest first, from 1.
    altitude : int
        Label of its altitude.
    cells : numpy.ndarray of bool
        Its cells, shape (rows, cols).
    centre_px : (float, float)
        Mean row and column of them, frame pixels.
    box_px : (int, int, int, int)
        Row, column, rows and columns of the smallest part of the frame that holds them.
    area_fraction : float
        Share of the field.
    """

    number: int
    altitude: int
    cells: NDArray[np.bool_]
    centre_px: tuple[float, float]
    box_px: tuple[int, int, int, int]
    area_fraction: float
