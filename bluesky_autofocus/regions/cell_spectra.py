"""The spectrum of every cell of a frame: what defocus takes from the texture, place by place."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ..belief import SpectrumLayout
from ..belief.spectrum_layout import rings, spectrum_layout
from ..errors import FrameError
from ..estimator.pyramid import STRIDES_PX, cell_centres

__all__ = ["CELL_PX", "CellGrid", "cell_power", "window_centres"]

CELL_PX = STRIDES_PX[0]
"""Distance between cells, the same as in the estimator's maps, frame pixels."""

DARKEST = 1e-6
LEAST_POWER = 1e-12


@dataclass(frozen=True)
class CellGrid:
    """Where the cells of a frame lie.

    Parameters
    ----------
    rows_px, cols_px : int
        Shape of the frame, at least 64 each.

    Raises
    ------
    FrameError
        If the frame is smaller.
    """

    rows_px: int
    cols_px: int

    def __post_init__(self) -> None:
        if min(self.rows_px, self.cols_px) < CELL_PX:
            raise FrameError(
                f"The frame has shape {(self.rows_px, self.cols_px)}; cells need at least "
                f"{CELL_PX} pixels each way. Give a larger frame or region of interest."
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return self.row_px.size, self.col_px.size

    @cached_property
    def row_px(self) -> NDArray[np.float64]:
        """Centres of the rows of cells, frame pixels."""
        return cell_centres(self.rows_px, CELL_PX)

    @cached_property
    def col_px(self) -> NDArray[np.float64]:
        """Centres of the columns of cells, frame pixels."""
        return cell_centres(self.cols_px, CELL_PX)

    def layout(self, window_px: int) -> SpectrumLayout:
        """Where the bands of a cell's spectrum lie.

        Parameters
        ----------
        window_px : int
            Side of the window around each cell; no larger than the frame is used.

        Returns
        -------
        SpectrumLayout
            That of a frame of the window's size.
        """
        side = min(window_px, self.rows_px, self.cols_px)
        return spectrum_layout(side, side)


def cell_power(frame: NDArray[np.number], grid: CellGrid, window_px: int) -> NDArray[np.float64]:
    """Measure the radial power spectrum of every cell of a frame.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols).
    grid : CellGrid
        Of that shape.
    window_px : int
        Side of the Hann window around each cell; those at a border end there.

    Returns
    -------
    numpy.ndarray
        Power density relative to the square of the frame's mean level, as `FrameSpectrum.power`,
        shape (rows, cols, bands).
    """
    layout = grid.layout(window_px)
    side = layout.rows
    index, weight, count = rings((side, side), 1, tuple(layout.edges_per_px[0]))
    window = _window(side)
    lefts = _starts(grid.col_px, side, grid.cols_px)
    out = np.empty((*grid.shape, count.size))
    for row, top in enumerate(_starts(grid.row_px, side, grid.rows_px)):
        strip = frame[top : top + side].astype(np.float32)
        tiles = np.stack([strip[:, left : left + side] for left in lefts])
        level = np.einsum("nij,ij->n", tiles, window) / window.sum()
        spectra = scipy.fft.rfft2((tiles - level[:, None, None]) * window, workers=1)
        squares = np.abs(np.asarray(spectra, dtype=np.complex64)) ** 2
        for col, values in enumerate(squares.reshape(lefts.size, -1)):
            sums = np.bincount(index, weights=values * weight, minlength=count.size + 1)[1:]
            out[row, col] = sums / np.maximum(count, 1)
    mean = max(float(np.mean(frame)), DARKEST)
    return np.maximum(out / (float((window**2).sum()) * mean**2), LEAST_POWER)


def window_centres(
    centres_px: NDArray[np.float64], window_px: int, size_px: int
) -> NDArray[np.float64]:
    """Return where the windows of cells have their middles; those at a border end there.

    Parameters
    ----------
    centres_px : numpy.ndarray
        Centres of the cells along one axis, frame pixels.
    window_px : int
        Side of the windows.
    size_px : int
        Pixels of the frame along that axis.

    Returns
    -------
    numpy.ndarray
        One for each cell, frame pixels.
    """
    half = min(window_px, size_px) / 2
    return np.clip(centres_px, half, size_px - half)


def _starts(centres_px: NDArray[np.float64], side: int, size_px: int) -> NDArray[np.intp]:
    """First pixels of the windows along one axis."""
    return np.rint(window_centres(centres_px, side, size_px) - side / 2).astype(np.intp)


@lru_cache(maxsize=4)
def _window(side: int) -> NDArray[np.float32]:
    line = np.hanning(side + 1)[:side]
    return np.outer(line, line).astype(np.float32)
