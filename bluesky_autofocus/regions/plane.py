"""The plane on which a tilted field comes into focus, with its uncertainty."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .cell_spectra import window_centres
from .field_belief import FieldBelief
from .field_evidence import FieldEvidence
from .field_observation import WINDOW_PX

__all__ = ["FieldPlane", "fit_plane"]

# Slopes across the field at which the fit begins, depths of field.
SLOPES_DOF = (-12.0, -4.0, 0.0, 4.0, 12.0)
# Evidence is looked at this far from the best plane to tell how sharply it falls.
CURVATURE_STEP_DOF = 0.3
LEAST_CURVATURE = 1e-6
# Beside noise a slope errs by this share of itself: aberrations, windows that see many altitudes.
RELATIVE_STD = 0.015


@dataclass(frozen=True, eq=False)
class FieldPlane:
    """A plane of focus positions.

    Parameters
    ----------
    centre_dof : float
        Focus position in the middle of the frame, depths of field.
    row_slope_dof, column_slope_dof : float
        How much farther the stage must go from the first row to the last, and from the first
        column to the last.
    covariance_dof2 : numpy.ndarray
        Of these three, shape (3, 3).
    score : float
        Logarithm of how much better it explains the cells than no knowledge does.
    """

    centre_dof: float
    row_slope_dof: float
    column_slope_dof: float
    covariance_dof2: NDArray[np.float64]
    score: float

    @property
    def span_dof(self) -> float:
        """Highest less lowest focus position over the frame's corners."""
        return abs(self.row_slope_dof) + abs(self.column_slope_dof)

    @property
    def slope_std_dof(self) -> tuple[float, float]:
        """Standard deviations of the slopes along rows and columns."""
        row, col = np.sqrt(np.diag(self.covariance_dof2))[1:]
        return float(row), float(col)

    def at(self, rows: NDArray[np.floating], columns: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return focus positions.

        Parameters
        ----------
        rows, columns : numpy.ndarray
            Places, as shares of the frame from its middle, −½ to ½.

        Returns
        -------
        numpy.ndarray
            Depths of field.
        """
        return np.asarray(
            self.centre_dof + self.row_slope_dof * rows + self.column_slope_dof * columns
        )


def fit_plane(belief: FieldBelief) -> FieldPlane:
    """Find the plane that explains all cells best.

    Parameters
    ----------
    belief : FieldBelief
        What is known of each cell, by two frames at least.

    Returns
    -------
    FieldPlane
        The likeliest one.
    """
    grid, evidence, places = belief.grid, FieldEvidence(belief).cells, belief.position_dof
    down = window_centres(grid.row_px, WINDOW_PX, grid.rows_px) / grid.rows_px - 0.5
    across = window_centres(grid.col_px, WINDOW_PX, grid.cols_px) / grid.cols_px - 0.5
    rows = np.broadcast_to(down[:, None], grid.shape).ravel()
    cols = np.broadcast_to(across, grid.shape).ravel()
    flat = evidence.reshape(-1, places.size)
    cell = np.arange(rows.size)

    def score(plane: NDArray[np.float64]) -> float:
        focus = np.clip(plane[0] + plane[1] * rows + plane[2] * cols, places[0], places[-1])
        low = np.clip(np.searchsorted(places, focus) - 1, 0, places.size - 2)
        share = (focus - places[low]) / (places[low + 1] - places[low])
        return float(((1 - share) * flat[cell, low] + share * flat[cell, low + 1]).sum())

    # Around each altitude that several cells name, the likeliest slopes of a coarse grid.
    middles = places[np.argsort(evidence.sum(axis=(0, 1)))[-3:]]
    starts = [
        np.array([middle, row, col])
        for middle in middles
        for row in SLOPES_DOF
        for col in SLOPES_DOF
    ]
    starts.sort(key=score)
    fits = [
        minimize(
            lambda plane: -score(plane),
            start,
            method="Nelder-Mead",
            options={"initial_simplex": start + np.vstack([np.zeros(3), 2.0 * np.eye(3)])},
        )
        for start in starts[-3:]
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    centre, row_slope, column_slope = (float(value) for value in best.x)
    covariance = _covariance(score, best.x) + np.diag((RELATIVE_STD * best.x) ** 2 * [0, 1, 1])
    return FieldPlane(centre, row_slope, column_slope, covariance, -float(best.fun))


def _covariance(
    score: Callable[[NDArray[np.float64]], float], best: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Inverse of the curvature of the score, by differences over a fraction of a depth of field."""
    step = CURVATURE_STEP_DOF * np.diag([1.0, 2.0, 2.0])
    curvature = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            corners = [
                a * b * score(best + a * step[i] + b * step[j]) for a in (1, -1) for b in (1, -1)
            ]
            curvature[i, j] = -sum(corners) / (4 * step[i, i] * step[j, j])
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    return np.asarray(vectors / np.maximum(values, LEAST_CURVATURE) @ vectors.T)
