"""The power of a frame around every cell, in bands too coarse for the cell's own window."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ..optics import defocused_otf
from ..optics.sharpness import waves_per_dof
from .cell_spectra import CELL_PX, CellGrid

__all__ = ["MODES", "REDUCTION", "LocalPower", "band_filters", "local_power", "transfer"]

# Far from focus nothing is left but what is coarser than a cell: filters of one relative width, the
# coarsest of a wave of four cells, on a frame reduced by averaging.
REDUCTION = 4
LOWEST_PER_PX, STEP, BANDS = 1 / (4 * CELL_PX), 2**0.5, 10
RELATIVE_STD = 0.35
MIDDLES_PER_PX = LOWEST_PER_PX * STEP ** np.arange(BANDS)
# The frame is continued by its mirror image over so much of it.
MARGIN = 0.25
DARKEST = 1e-6
LEAST_LIGHT = 0.3
LEAST_POWER = 1e-12
LEAST_TRANSFER = 1e-9
NODES = np.linspace(-2.5, 2.5, 41)

MODES = np.array([0.8, 1.05, 1.7, 2.8, 5.5, 9.5, 18.0, 30.0, 55.0, 100.0])
"""Independent values of noise behind each band in a cell, shape (10,)."""


@dataclass(frozen=True, eq=False)
class LocalPower:
    """Power around every cell, and the light there.

    Parameters
    ----------
    power : numpy.ndarray
        Of the frame divided by `light`, in each band; white noise of relative variance v gives v,
        shape (rows, cols, 10).
    light : numpy.ndarray
        How bright the illumination is relative to the frame's mean, shape (rows, cols).
    """

    power: NDArray[np.float64]
    light: NDArray[np.float64]


def local_power(frame: NDArray[np.number], grid: CellGrid) -> LocalPower:
    """Measure the power of the coarse structure around every cell of a frame.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols).
    grid : CellGrid
        Of that shape.

    Returns
    -------
    LocalPower
        In waves of 11 to 256 pixels.
    """
    rows, cols = (size // REDUCTION for size in frame.shape)
    blocks = frame[: rows * REDUCTION, : cols * REDUCTION].astype(np.float32)
    reduced = blocks.reshape(rows, REDUCTION, cols, REDUCTION).mean(axis=(1, 3))
    reduced /= max(float(reduced.mean()), DARKEST)
    light = _light(reduced)
    relative = reduced / light - 1
    down, across = int(MARGIN * rows), int(MARGIN * cols)
    padded = np.pad(relative, ((down, down), (across, across)), mode="reflect")
    spectrum = scipy.fft.rfft2(padded, workers=1)
    filters, gain = band_filters(padded.shape)
    out = np.empty((*grid.shape, BANDS))
    for band in range(BANDS):
        filtered = np.asarray(scipy.fft.irfft2(spectrum * filters[band], padded.shape, workers=1))
        square = filtered[down : down + rows, across : across + cols] ** 2
        out[..., band] = _cell_means(square, grid) / gain[band]
    return LocalPower(np.maximum(out, LEAST_POWER), _cell_means(light, grid))


@lru_cache(maxsize=8)
def transfer(sampling_q: float, distance_dof: tuple[float, ...]) -> NDArray[np.float64]:
    """Share of the power that is left in each band at some distances from focus.

    Parameters
    ----------
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.
    distance_dof : tuple of float
        The distances, depths of field.

    Returns
    -------
    numpy.ndarray
        Shape (n, 10), at least 1e-9.
    """
    weight = np.exp(-(NODES**2))
    reduced = 4 / sampling_q * MIDDLES_PER_PX[:, None] * np.exp(RELATIVE_STD * NODES)
    waves = waves_per_dof(sampling_q)
    power = [defocused_otf(reduced, u * waves) ** 2 @ weight for u in distance_dof]
    return np.maximum(np.array(power) / weight.sum(), LEAST_TRANSFER)


def _light(reduced: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fit a quadratic to a frame: what changes so slowly is illumination."""
    y, x = np.ix_(*(np.linspace(-1, 1, size) for size in reduced.shape))
    shapes = np.broadcast_arrays(np.ones_like(x * y), x, y, x * x, y * y, x * y)
    basis = np.stack([shape.ravel() for shape in shapes], axis=1)
    size = np.linalg.lstsq(basis, reduced.ravel(), rcond=None)[0]
    fit = (basis @ size).reshape(reduced.shape)
    return np.clip(fit, LEAST_LIGHT, 1 / LEAST_LIGHT).astype(np.float32)


@lru_cache(maxsize=2)
def band_filters(shape: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Make the filters of the bands for a reduced frame.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the reduced frame.

    Returns
    -------
    filters : numpy.ndarray
        Over the half plane of a transform, shape (10, rows, cols // 2 + 1).
    gain : numpy.ndarray
        What each leaves of white noise, shape (10,).
    """
    fy = np.fft.fftfreq(shape[0])[:, None]
    radius = np.hypot(fy, np.fft.rfftfreq(shape[1])[None, :]) / REDUCTION
    octave = np.log(np.maximum(radius, 1e-9)).astype(np.float32)
    filters, gain = np.empty((BANDS, *radius.shape), dtype=np.float32), np.empty(BANDS)
    # One by one: of a large frame each takes as much memory as the frame.
    for band, middle in enumerate(np.log(MIDDLES_PER_PX)):
        filters[band] = np.exp(-0.5 * ((octave - np.float32(middle)) / RELATIVE_STD) ** 2)
        gain[band] = 2 * np.square(filters[band]).sum(dtype=np.float64)
    return filters, gain / (shape[0] * shape[1] * REDUCTION**2)


def _cell_means(values: NDArray[np.float32], grid: CellGrid) -> NDArray[np.float64]:
    """Average over every cell."""
    total = np.pad(values.astype(np.float64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    tops, lefts = (
        np.clip(np.rint((centres - CELL_PX / 2) / REDUCTION), 0, size - CELL_PX // REDUCTION)
        for centres, size in zip((grid.row_px, grid.col_px), values.shape, strict=True)
    )
    side = CELL_PX // REDUCTION
    top, left = tops.astype(np.intp)[:, None], lefts.astype(np.intp)[None, :]
    after = total[top + side, left + side] - total[top, left + side]
    return np.asarray(after - total[top + side, left] + total[top, left]) / side**2
