"""An image shifted and magnified: one axis after the other, which is many times as fast as both."""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.sparse import csr_array

__all__ = ["moved"]


def moved(
    coefficients: NDArray[np.float32], magnification: float, start: NDArray[np.float64], degree: int
) -> NDArray[np.float32]:
    """Fetch the values at ``start + magnification · i`` for all pixels i.

    Parameters
    ----------
    coefficients : numpy.ndarray
        Of the B-splines through the pixels, shape (rows, cols), float32; of the first degree these
        are the values themselves.
    magnification : float
        Pixels from one value to the next.
    start : numpy.ndarray
        Row and column of the first value, shape (2,).
    degree : int
        1 or 3.

    Returns
    -------
    numpy.ndarray
        Shape (rows, cols), float32; 0 beyond the image.
    """
    down, across = (
        _weights(side, magnification, float(first), degree)
        for side, first in zip(coefficients.shape, start, strict=True)
    )
    rows = down @ coefficients
    return np.ascontiguousarray((across @ np.ascontiguousarray(rows.T)).T)


def _weights(side: int, magnification: float, start: float, degree: int) -> csr_array:
    """Weights of the coefficients of a row in its values, shape (side, side)."""
    place = start + magnification * np.arange(side)
    inside = np.flatnonzero((place >= 0) & (place <= side - 1))
    reach = (degree + 1) // 2
    nearby = np.floor(place[inside]).astype(int)[:, None] + np.arange(1 - reach, 1 + reach)
    piece = BSpline.basis_element(np.arange(degree + 2) - (degree + 1) / 2, extrapolate=False)
    weight = np.nan_to_num(piece(nearby - place[inside, None])).astype(np.float32)
    # Splines are continued as in a mirror that lies on the outermost pixels.
    mirrored = side - 1 - np.abs(side - 1 - np.abs(nearby))
    from_row = np.repeat(inside, 2 * reach)
    return csr_array((weight.ravel(), (from_row, mirrored.ravel())), shape=(side, side))
