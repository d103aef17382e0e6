"""Classical focus measures at their best: freed of gain, and mapped to sharpness.

A classical measure has no absolute scale: it follows the light and the texture. To compare it at
all it is divided by the power of the mean grey level that makes it free of gain, and a monotone
map from its value to sharpness is fitted on the textures that the estimator was trained on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from ..measures import MEASURES

__all__ = ["GAIN_POWER", "MonotoneMap", "fit_monotone", "measured", "normalised"]

GAIN_POWER: Mapping[str, int] = {
    "absolute_gradient": 1,
    "blurred_gradient": 0,
    "brenner": 2,
    "dct_energy_ratio": 0,
    "energy_of_laplacian": 2,
    "haar_energy_ratio": 0,
    "histogram_entropy": 0,
    "normalised_variance": 0,
    "squared_gradient": 2,
    "sum_modified_laplacian": 1,
    "tenengrad": 2,
    "tenengrad_variance": 2,
    "variance_of_laplacian": 2,
    "vollath_f4": 2,
    "vollath_f5": 2,
}
"""Power of the gain with which each measure grows."""


@dataclass(frozen=True)
class MonotoneMap:
    """A monotone map from a measure to sharpness, piecewise linear.

    Parameters
    ----------
    values : numpy.ndarray
        Values of the measure, rising, shape (N,).
    sharpness : numpy.ndarray
        Sharpness at each, all rising or all falling, shape (N,).
    """

    values: NDArray[np.float64]
    sharpness: NDArray[np.float64]

    def __call__(self, values: ArrayLike) -> NDArray[np.float64]:
        """Sharpness for some values, same shape; beyond the ends that of the end."""
        return np.interp(np.asarray(values, dtype=float), self.values, self.sharpness)

    @property
    def rises(self) -> bool:
        """Whether a larger value means sharper."""
        return bool(self.sharpness[-1] >= self.sharpness[0])


def fit_monotone(values: ArrayLike, sharpness: ArrayLike) -> MonotoneMap:
    """Fit the monotone map with the least squared error of sharpness.

    Parameters
    ----------
    values : array_like, shape (N,)
        A measure; any monotone function of it, such as its logarithm, gives the same fit.
    sharpness : array_like, shape (N,)
        True sharpness.

    Returns
    -------
    MonotoneMap
        Rising or falling, whichever fits better.
    """
    value, weight = np.unique(np.asarray(values, dtype=float), return_counts=True)
    where = np.searchsorted(value, values)
    mean = np.bincount(where, weights=np.asarray(sharpness, dtype=float)) / weight
    fits = [
        np.asarray(isotonic_regression(mean, weights=weight, increasing=rising).x)
        for rising in (True, False)
    ]
    best = min(fits, key=lambda fit: float(weight @ (fit - mean) ** 2))
    return MonotoneMap(value, best)


def measured(frame: NDArray[np.number]) -> dict[str, float]:
    """Apply every classical measure to a frame.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols).

    Returns
    -------
    dict
        From the name of the measure to its value.
    """
    return {name: float(measure(frame)) for name, measure in MEASURES.items()}


def normalised(values: Mapping[str, float], mean_level: float) -> dict[str, float]:
    """Free measures of gain.

    Parameters
    ----------
    values : mapping
        From `measured`.
    mean_level : float
        Mean grey level of the frame.

    Returns
    -------
    dict
        Each value over the mean to the power of `GAIN_POWER`.
    """
    return {name: value / mean_level ** GAIN_POWER[name] for name, value in values.items()}
