"""How far the power of a cell is spread over its neighbours by filters of coarse bands."""

from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import convolve, uniform_filter

from .cell_spectra import CELL_PX
from .local_power import REDUCTION, band_filters

__all__ = ["own_share", "spread"]

# Cells on either side, and a field in which filters are as good as alone.
REACH, FIELD_CELLS = 6, 32


def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread what cells have over their neighbours, as the filter of each coarse band does.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (bands, rows, cols). Bands behind the coarse ones are seen through windows that spread
        nothing.

    Returns
    -------
    numpy.ndarray
        Same shape; at the borders of the frame cells are mirrored, as `local_power` does.
    """
    out = values.copy()
    for band, kernel in enumerate(_kernels()):
        out[band] = convolve(values[band], kernel, mode="reflect")
    return out


def own_share(bands: int) -> NDArray[np.float64]:
    """Share of a cell's power that is found in itself.

    Parameters
    ----------
    bands : int
        How many bands there are, the coarse ones first.

    Returns
    -------
    numpy.ndarray
        Shape (bands,); 1 behind the coarse ones.
    """
    kernels = _kernels()
    out = np.ones(bands)
    out[: len(kernels)] = [kernel[REACH, REACH] for kernel in kernels]
    return out


@lru_cache(maxsize=1)
def _kernels() -> list[NDArray[np.float64]]:
    """Share of a cell's power that is found in itself and in cells around, by band."""
    side = CELL_PX // REDUCTION
    shape = (FIELD_CELLS * side, FIELD_CELLS * side)
    filters, _ = band_filters(shape)
    out = []
    for each in filters:
        square = np.asarray(scipy.fft.irfft2(each, shape), dtype=float) ** 2
        # From any place of a cell to the mean over another.
        for origin in (0, -1):
            square = uniform_filter(square, side, mode="wrap", origin=origin)
        centred = np.roll(square, (side * REACH,) * 2, (0, 1))
        kernel = centred[::side, ::side][: 2 * REACH + 1, : 2 * REACH + 1]
        out.append(kernel / kernel.sum())
    return out
