"""Drawing on a periodic canvas: what leaves on one side comes in on the other."""

from collections.abc import Callable
from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ..fourier import inverse_half_plane, spectrum

__all__ = ["Array", "coverage", "filtered_noise", "frequency", "smoothed", "stamp", "traced"]

Array = NDArray[np.floating]


def frequency(shape: tuple[int, int]) -> Array:
    """Radial frequency on the grid of ``rfft2``, cycles per pixel."""
    return np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))


def filtered_noise(rng: np.random.Generator, shape: tuple[int, int], response: Array) -> Array:
    """Gaussian noise with the given amplitude response, mean 0, standard deviation 1."""
    coloured = spectrum(rng.standard_normal(shape)) * response
    coloured[0, 0] = 0
    noise = inverse_half_plane(coloured, shape[1])
    return noise / noise.std()


def smoothed(canvas: Array, sigma_px: float) -> Array:
    """Gaussian blur with periodic borders."""
    return gaussian_filter(canvas, sigma_px, mode="wrap")


def coverage(distance_px: Array) -> Array:
    """Share of a pixel inside an edge at a signed distance; negative is inside."""
    return np.clip(0.5 - distance_px, 0, 1)


def stamp(
    canvas: Array,
    row: float,
    col: float,
    half: float,
    shade: Callable[[Array, Array, Array], Array],
) -> None:
    """Redraw the square of ± `half` pixels about a place.

    ``shade(old, dy, dx)`` gets the old values and the offsets from the place, and returns the new
    values.
    """
    half = min(half, min(canvas.shape) / 2 - 2)
    rows = np.arange(floor(row - half), floor(row + half) + 2)
    cols = np.arange(floor(col - half), floor(col + half) + 2)
    where = np.ix_(rows % canvas.shape[0], cols % canvas.shape[1])
    canvas[where] = shade(canvas[where], (rows - row)[:, None], (cols - col)[None, :])


def traced(shape: tuple[int, int], rows: Array, cols: Array, weight: Array) -> Array:
    """Put points on an empty canvas, each split over its four nearest pixels."""
    canvas = np.zeros(shape)
    top, left = np.floor(rows).astype(int), np.floor(cols).astype(int)
    down, right = rows - top, cols - left
    for dy, wy in ((0, 1 - down), (1, down)):
        for dx, wx in ((0, 1 - right), (1, right)):
            np.add.at(canvas, ((top + dy) % shape[0], (left + dx) % shape[1]), weight * wy * wx)
    return canvas
