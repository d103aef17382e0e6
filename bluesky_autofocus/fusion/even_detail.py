"""Detail of a plane at several sizes, of the same contrast everywhere."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, gaussian_filter, spline_filter

from .pyramid import gaussian_levels

__all__ = ["EvenDetail", "even_levels"]

# Coarse enough that the blur of neighbouring planes shows something, and a change of magnification
# moves the corners by less than a pixel or two.
COARSEST_SIDE_PX = 32
BAND_PX = (1.0, 5.0)
EVEN_PX = 8.0
QUIET = 0.1
SECOND = np.array([1.0, -2.0, 1.0], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class EvenDetail:
    """Detail of one size, of the same contrast everywhere; made once it is asked for.

    Parameters
    ----------
    image : numpy.ndarray
        Brightness at that size, shape (rows, cols), float32.
    """

    image: NDArray[np.float32]

    @property
    def detail(self) -> NDArray[np.float32]:
        """Band of detail over its local contrast, shape (rows, cols)."""
        return self._evened[0]

    @property
    def weight(self) -> NDArray[np.float32]:
        """How much of it is more than noise, 0 to 1, shape (rows, cols)."""
        return self._evened[1]

    @cached_property
    def slope(self) -> list[NDArray[np.float32]]:
        """How the detail grows along rows and columns, per pixel."""
        return [np.asarray(slope, dtype=np.float32) for slope in np.gradient(self.detail)]

    @cached_property
    def splines(self) -> NDArray[np.float32]:
        """Coefficients of the cubic splines through the detail."""
        return np.asarray(spline_filter(self.detail), dtype=np.float32)

    @cached_property
    def _evened(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        fine, coarse = (gaussian_filter(self.image, sigma) for sigma in BAND_PX)
        band = fine - coarse
        second = correlate1d(correlate1d(self.image, SECOND, axis=0), SECOND, axis=1)
        noise = np.quantile(gaussian_filter(second * second, BAND_PX[1]), QUIET) * BAND_NOISE
        local = gaussian_filter(band * band, EVEN_PX)
        local += np.float32(noise) + np.float32(1e-6) * local.mean() + np.float32(1e-12)
        weight = np.clip(1 - 3 * np.float32(noise) / local, 0, 1)
        return np.asarray(band / np.sqrt(local), np.float32), np.asarray(weight, np.float32)


def even_levels(plane: NDArray[np.float32]) -> list[EvenDetail]:
    """Split a plane into sizes and give detail the same contrast everywhere.

    The zone that is sharp moves with the focus; where it lies shall not count.

    Parameters
    ----------
    plane : numpy.ndarray
        Brightness, shape (rows, cols), float32.

    Returns
    -------
    list of EvenDetail
        Finest first; each has half the side of the one before.
    """
    levels = 1 + max(0, int(np.log2(min(plane.shape) / COARSEST_SIDE_PX)))
    scaled = plane / np.float32(max(float(np.abs(plane).mean()), 1e-30))
    return [EvenDetail(image) for image in gaussian_levels(scaled, levels)]


def _band_noise() -> float:
    """Energy of noise in the band over that in a twofold second difference."""
    point = np.zeros((65, 65))
    point[32, 32] = 1
    fine, coarse = (gaussian_filter(point, sigma) for sigma in BAND_PX)
    return float(((fine - coarse) ** 2).sum()) / 36


BAND_NOISE = _band_noise()
