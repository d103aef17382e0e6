"""Where the stage is in focus over the sample: a smooth surface through measured points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import SurfaceError

__all__ = ["FocusSurface", "fit_surface"]

# Points that a constant, a plane and a quadratic need so that what is left over tells the error.
FEWEST = (1, 4, 9)
TERMS = (1, 3, 6)
# Another degree has to bring the squared miss of points left out below this share.
WORTH_IT = 0.8
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class FocusSurface:
    """A polynomial of low degree for the focus position over the sample.

    Parameters
    ----------
    coefficients : numpy.ndarray
        Of the terms of `degree`, in scaled coordinates.
    covariance : numpy.ndarray
        Of these, shape (n, n).
    degree : int
        0 for a constant, 1 for a plane, 2 for a quadratic.
    centre, scale : (float, float)
        Middle and half-width of the points along x and y.
    residual_std : float
        Standard deviation of the points from the surface, in the focus stage's unit.
    """

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    degree: int
    centre: tuple[float, float]
    scale: tuple[float, float]
    residual_std: float

    def __call__(self, x: float, y: float) -> float:
        """Return the focus position at a place.

        Parameters
        ----------
        x, y : float
            The place, in the units of the sample's axes.

        Returns
        -------
        float
            In the focus stage's unit.
        """
        return float(self._terms(x, y) @ self.coefficients)

    def std(self, x: float, y: float) -> float:
        """Return the standard deviation of the focus position at a place.

        Parameters
        ----------
        x, y : float
            The place.

        Returns
        -------
        float
            In the focus stage's unit; what single points differ by from the surface is in it.
        """
        terms = self._terms(x, y)
        return float(np.sqrt(max(float(terms @ self.covariance @ terms), 0.0)))

    def _terms(self, x: float, y: float) -> NDArray[np.float64]:
        u = (x - self.centre[0]) / self.scale[0]
        v = (y - self.centre[1]) / self.scale[1]
        return _terms(np.array([u]), np.array([v]), self.degree)[0]


def fit_surface(
    points: Sequence[tuple[float, float]], focus: ArrayLike, *, error: float
) -> FocusSurface:
    """Fit the surface that predicts each point best from all others.

    Parameters
    ----------
    points : sequence of (float, float)
        Places x, y on the sample.
    focus : array_like
        Where each is in focus, shape (n,).
    error : float
        Standard error of one of them, > 0: no surface is believed to be better than its points.

    Returns
    -------
    FocusSurface
        A constant; a plane from four points on; a quadratic from nine on.

    Raises
    ------
    SurfaceError
        If there is no point, or a number is not finite.
    """
    places = np.asarray(points, dtype=float).reshape(-1, 2)
    heights = np.asarray(focus, dtype=float)
    if len(places) == 0 or places.shape[0] != heights.size:
        raise SurfaceError(
            f"{len(places)} places and {heights.size} focus positions make no surface. Give one "
            "focus position for each place, one at least."
        )
    if not (np.isfinite(places).all() and np.isfinite(heights).all() and error > 0):
        raise SurfaceError(
            f"A place, a focus position or the error ({error}) is no number. Leave points without "
            "focus out, and give a positive error."
        )
    low, high = places.min(axis=0), places.max(axis=0)
    centre = (low + high) / 2
    scale = np.where(high - low > 0, (high - low) / 2, 1.0)
    u, v = ((places - centre) / scale).T
    best = _fitted(u, v, heights, 0, error)
    for degree in (1, 2):
        if len(places) < FEWEST[degree] or _rank(u, v, degree) < TERMS[degree]:
            break
        more = _fitted(u, v, heights, degree, error)
        if more.missed < WORTH_IT * best.missed:
            best = more
    return FocusSurface(
        best.coefficients,
        best.covariance,
        best.degree,
        (float(centre[0]), float(centre[1])),
        (float(scale[0]), float(scale[1])),
        best.residual,
    )


@dataclass(frozen=True, eq=False)
class _Fit:
    """A polynomial, and by how much it misses points that it was not fitted to, squared."""

    degree: int
    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    residual: float
    missed: float


def _rank(u: NDArray[np.float64], v: NDArray[np.float64], degree: int) -> int:
    return int(np.linalg.matrix_rank(_terms(u, v, degree)))


def _fitted(
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    heights: NDArray[np.float64],
    degree: int,
    error: float,
) -> _Fit:
    terms = _terms(u, v, degree)
    inverse = np.linalg.inv(terms.T @ terms)
    coefficients = np.asarray(inverse @ terms.T @ heights, dtype=np.float64)
    left = heights - terms @ coefficients
    free = heights.size - terms.shape[1]
    residual = float(np.sqrt(left @ left / free)) if free > 0 else error
    # Each point left out in turn, without fitting again.
    leverage = np.einsum("ij,jk,ik->i", terms, inverse, terms)
    missed = left / np.maximum(1 - leverage, TINY)
    covariance = np.asarray(max(residual, error) ** 2 * inverse, dtype=np.float64)
    return _Fit(degree, coefficients, covariance, residual, float(missed @ missed))


def _terms(u: NDArray[np.float64], v: NDArray[np.float64], degree: int) -> NDArray[np.float64]:
    one = np.ones_like(u)
    return np.stack([one, u, v, u * v, u**2, v**2][: TERMS[degree]], axis=-1)
