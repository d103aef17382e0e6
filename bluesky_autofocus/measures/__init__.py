"""Classical focus measures: functions from frames (..., H, W) to sharpness (...).

Larger is sharper. Every measure takes integer or floating-point frames, contiguous or not, and
works in blocks of rows, so that it needs a few megabytes beside the frame.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import MeasureError
from .gradient import (
    absolute_gradient,
    blurred_gradient,
    brenner,
    squared_gradient,
    tenengrad,
    tenengrad_variance,
)
from .laplacian import energy_of_laplacian, sum_modified_laplacian, variance_of_laplacian
from .statistics import histogram_entropy, normalised_variance, vollath_f4, vollath_f5
from .transforms import dct_energy_ratio, haar_energy_ratio

__all__ = [
    "MEASURES",
    "FocusMeasure",
    "absolute_gradient",
    "blurred_gradient",
    "brenner",
    "dct_energy_ratio",
    "energy_of_laplacian",
    "haar_energy_ratio",
    "histogram_entropy",
    "measure",
    "normalised_variance",
    "squared_gradient",
    "sum_modified_laplacian",
    "tenengrad",
    "tenengrad_variance",
    "variance_of_laplacian",
    "vollath_f4",
    "vollath_f5",
]


@dataclass(frozen=True)
class FocusMeasure:
    """A focus measure with its name and source; calling it measures.

    Parameters
    ----------
    name : str
        Name in `MEASURES`.
    source : str
        Author and year.
    function : callable
        Takes frames (..., H, W) and returns sharpness (...).
    """

    name: str
    source: str
    function: Callable[[ArrayLike], NDArray[np.float64]]

    def __call__(self, frames: ArrayLike) -> NDArray[np.float64]:
        """Measure frames (..., H, W); returns float64 (...)."""
        return self.function(frames)


MEASURES: dict[str, FocusMeasure] = {
    function.__name__: FocusMeasure(function.__name__, source, function)
    for function, source in (
        (absolute_gradient, "Jarvis 1976"),
        (blurred_gradient, "Santos 1997, Geusebroek 2000"),
        (brenner, "Brenner 1976"),
        (dct_energy_ratio, "Lee 2009"),
        (energy_of_laplacian, "Subbarao 1993"),
        (haar_energy_ratio, "Kautsky 2002"),
        (histogram_entropy, "Firestone 1991"),
        (normalised_variance, "Groen 1985"),
        (squared_gradient, "Santos 1997"),
        (sum_modified_laplacian, "Nayar 1994"),
        (tenengrad, "Tenenbaum 1970, Krotkov 1987"),
        (tenengrad_variance, "Pech-Pacheco 2000"),
        (variance_of_laplacian, "Pech-Pacheco 2000"),
        (vollath_f4, "Vollath 1987"),
        (vollath_f5, "Vollath 1988"),
    )
}


def measure(name: str) -> FocusMeasure:
    """Look up a focus measure.

    Parameters
    ----------
    name : str
        One of `MEASURES`.

    Returns
    -------
    FocusMeasure
        The measure, to be called with frames.

    Raises
    ------
    MeasureError
        If there is none of that name.
    """
    try:
        return MEASURES[name]
    except KeyError:
        raise MeasureError(
            f"There is no focus measure {name!r}. Choose one of: {', '.join(MEASURES)}."
        ) from None
