"""Where the bands of a frame's spectrum lie."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

__all__ = ["SpectrumLayout", "rings", "spectrum_layout", "tile_starts"]

# The whole frame is reduced to this many pixels a side: heavy blur needs its lowest frequencies.
WHOLE_PX = 512
# What the reduction leaves out is looked at in full resolution, on some tiles.
TILE_PX = 128
MOST_TILES = 4
# Bands grow with frequency, but none is narrower than a step of the transform.
BAND_GROWTH = 1.1
# Slow changes of the light fall below the lowest, rows and columns beyond Nyquist end the highest.
LOWEST_CYCLES = 1.5
HIGHEST_PER_PX = 0.6
# Averaging over blocks lets little else through up to this fraction of their sampling rate.
KEPT_OF_REDUCED = 0.25
# A Hann window makes about one independent value of 1.5 neighbours along each axis.
NEIGHBOURS = 2.25


@dataclass(frozen=True)
class SpectrumLayout:
    """Where the bands of a frame's spectrum lie: a matter of its shape alone.

    Parameters
    ----------
    rows, cols : int
        Shape of the frame, at least 64 each.
    """

    rows: int
    cols: int

    @cached_property
    def reduction(self) -> int:
        """Frame pixels along one side of a pixel of the reduced frame."""
        return max(1, ceil(max(self.rows, self.cols) / WHOLE_PX))

    @cached_property
    def whole_px(self) -> tuple[int, int]:
        """Shape of the reduced frame."""
        return self.rows // self.reduction, self.cols // self.reduction

    @cached_property
    def tile_px(self) -> int:
        """Side of a tile in full resolution."""
        return min(TILE_PX, self.rows, self.cols)

    @cached_property
    def edges_per_px(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Borders of the bands, cycles per frame pixel: of the whole frame, and of the tiles."""
        step = 1 / (min(self.whole_px) * self.reduction)
        if self.reduction == 1:
            return _edges(LOWEST_CYCLES * step, HIGHEST_PER_PX, step), np.zeros(1)
        middle = max(KEPT_OF_REDUCED / self.reduction, 4 / self.tile_px)
        return (
            _edges(LOWEST_CYCLES * step, middle, step),
            _edges(middle, HIGHEST_PER_PX, 1 / self.tile_px),
        )

    @cached_property
    def low_per_px(self) -> NDArray[np.float64]:
        """Lower border of each band, cycles per pixel, shape (bands,)."""
        return np.concatenate([edges[:-1] for edges in self.edges_per_px])

    @cached_property
    def high_per_px(self) -> NDArray[np.float64]:
        """Upper border of each band, cycles per pixel, shape (bands,)."""
        return np.concatenate([edges[1:] for edges in self.edges_per_px])

    @cached_property
    def step_per_px(self) -> NDArray[np.float64]:
        """Resolution of the transform behind each band, cycles per pixel, shape (bands,)."""
        whole, tiles = self.edges_per_px
        coarse = 1 / (min(self.whole_px) * self.reduction)
        return np.repeat([coarse, 1 / self.tile_px], [whole.size - 1, tiles.size - 1])

    @cached_property
    def modes(self) -> NDArray[np.float64]:
        """Independent values behind each band, shape (bands,)."""
        whole, tiles = self.edges_per_px
        counts = [_counts(self.whole_px, self.reduction, whole)]
        if self.reduction > 1:
            side = self.tile_px
            at = len(tile_starts(self.rows, side)) * len(tile_starts(self.cols, side))
            counts.append(at * _counts((side, side), 1, tiles))
        return np.concatenate(counts) / NEIGHBOURS


@lru_cache(maxsize=16)
def spectrum_layout(rows: int, cols: int) -> SpectrumLayout:
    """Return the layout of a frame, the same object for the same shape.

    Parameters
    ----------
    rows, cols : int
        Shape of the frame, at least 64 each.

    Returns
    -------
    SpectrumLayout
        Where its bands lie.
    """
    return SpectrumLayout(rows, cols)


def tile_starts(size_px: int, tile_px: int) -> NDArray[np.intp]:
    """Return the first pixels of tiles along one axis: as many as fit, up to four, spread evenly.

    Parameters
    ----------
    size_px : int
        Pixels of the frame along it.
    tile_px : int
        Pixels of a tile along it.

    Returns
    -------
    numpy.ndarray
        Shape (tiles,).
    """
    count = min(MOST_TILES, max(1, size_px // tile_px))
    return np.rint((np.arange(count) + 0.5) / count * (size_px - tile_px)).astype(np.intp)


@lru_cache(maxsize=16)
def rings(
    shape: tuple[int, int], block: int, edges: tuple[float, ...]
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float64]]:
    """Return the band of each value of the half plane of a real transform.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of what is transformed.
    block : int
        Frame pixels along one side of a pixel of it.
    edges : tuple of float
        Borders of the bands, cycles per frame pixel.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray, numpy.ndarray)
        Band of each value from 1 (0: none), its weight, and the number of values a band.
    """
    fy = np.fft.fftfreq(shape[0])[:, None] / block
    fx = np.fft.rfftfreq(shape[1])[None, :] / block
    index = np.searchsorted(edges, np.hypot(fy, fx).ravel(), side="right")
    index[index == len(edges)] = 0
    # All columns but the first and the last stand for their mirror image, too.
    weight = np.full((shape[0], fx.size), 2.0, dtype=np.float32)
    weight[:, 0] = 1
    if shape[1] % 2 == 0:
        weight[:, -1] = 1
    count = np.bincount(index, weights=weight.ravel(), minlength=len(edges))
    return index, weight.ravel(), count[1:].astype(float)


def _edges(low: float, high: float, step: float) -> NDArray[np.float64]:
    """Borders from low to high that grow by a factor, but by no less than one step."""
    edges = [low]
    while edges[-1] + step < high:
        edges.append(max(edges[-1] + step, edges[-1] * BAND_GROWTH))
    edges[-1] = high if len(edges) > 1 else edges[-1]
    return np.array(edges if len(edges) > 1 else [low, high])


def _counts(shape: tuple[int, int], block: int, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of the half plane in each band."""
    return rings(shape, block, tuple(edges))[2] / 2
