"""The radial power spectrum of a frame: what defocus takes from the texture, and the noise."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ..errors import FrameError

__all__ = ["SMALLEST_PX", "FrameSpectrum", "SpectrumLayout", "frame_spectrum"]

SMALLEST_PX = 64
"""Rows and columns that a frame has at least."""

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
DARKEST = 1e-6
# So many neighbouring bands, with that share of all values, tell the level of noise: the emptiest
# of them would lie below it if they were few.
NOISE_BANDS = 4
NOISE_MODES_SHARE = 0.05
# A band holds more than noise beyond this many times the floor and that many standard deviations;
# the lowest bands do so in an empty field, too.
OVER_NOISE, SIGMAS = 1.3, 5.0
UNEVEN_BANDS = 2
LEAST_BANDS = 3


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
            at = len(_firsts(self.rows, side)) * len(_firsts(self.cols, side))
            counts.append(at * _counts((side, side), 1, tiles))
        return np.concatenate(counts) / NEIGHBOURS


@dataclass(frozen=True)
class FrameSpectrum:
    """Mean power of a frame in rings of spatial frequency.

    Parameters
    ----------
    layout : SpectrumLayout
        Where the bands lie.
    power : numpy.ndarray
        Power density relative to the square of the mean level, shape (bands,): white noise of
        relative variance v gives v in every band. More light changes nothing but the noise.
    """

    layout: SpectrumLayout
    power: NDArray[np.float64]

    @cached_property
    def noise(self) -> float:
        """Greatest power that white noise can have here: that of the emptiest neighbouring bands.

        In a blurred frame the high frequencies hold nothing but noise; in a sharp one this is a
        bound from above.
        """
        modes = self.layout.modes
        wide = np.convolve(modes, np.ones(NOISE_BANDS), mode="valid")
        mean = np.convolve(self.power * modes, np.ones(NOISE_BANDS), mode="valid") / wide
        return float(mean[wide >= NOISE_MODES_SHARE * modes.sum()].min())

    @cached_property
    def has_signal(self) -> bool:
        """Whether a few bands hold more than noise; uneven light fills the lowest ones anyway."""
        return int(np.count_nonzero(self._over_noise)) >= LEAST_BANDS

    @property
    def signal_share(self) -> float:
        """Share of the bands that hold more than noise, those of uneven light left out."""
        return float(self._over_noise.mean())

    @cached_property
    def _over_noise(self) -> NDArray[np.bool_]:
        least = self.noise * (OVER_NOISE + SIGMAS / np.sqrt(self.layout.modes))
        return (self.power > least)[UNEVEN_BANDS:]


def frame_spectrum(frame: NDArray[np.number]) -> FrameSpectrum:
    """Measure the radial power spectrum of a frame.

    The whole frame is reduced to at most 512 pixels a side, which keeps the low frequencies in
    which heavy defocus shows; the high ones are the mean over up to 16 tiles of 128 pixels.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols), at least 64 each.

    Returns
    -------
    FrameSpectrum
        Power by band.

    Raises
    ------
    FrameError
        If the frame is smaller, or not 2-D.
    """
    if frame.ndim != 2 or min(frame.shape) < SMALLEST_PX:
        raise FrameError(
            f"The frame has shape {frame.shape}; a spectrum needs (rows, cols) of at least "
            f"{SMALLEST_PX} each. Give one grey frame, or a larger region of interest."
        )
    layout = _layout(*frame.shape)
    whole, tiles = layout.edges_per_px
    reduced = _reduced(frame, layout)
    mean = max(float(reduced.mean()), DARKEST)
    block = layout.reduction
    parts = [_ring_power(reduced[None], block, whole) * block**2]
    if block > 1:
        parts.append(_ring_power(_tiles(frame, layout.tile_px), 1, tiles))
    return FrameSpectrum(layout, np.concatenate(parts) / mean**2)


@lru_cache(maxsize=16)
def _layout(rows: int, cols: int) -> SpectrumLayout:
    return SpectrumLayout(rows, cols)


def _edges(low: float, high: float, step: float) -> NDArray[np.float64]:
    """Borders from low to high that grow by a factor, but by no less than one step."""
    edges = [low]
    while edges[-1] + step < high:
        edges.append(max(edges[-1] + step, edges[-1] * BAND_GROWTH))
    edges[-1] = high if len(edges) > 1 else edges[-1]
    return np.array(edges if len(edges) > 1 else [low, high])


def _reduced(frame: NDArray[np.number], layout: SpectrumLayout) -> NDArray[np.float32]:
    """Average blocks of pixels."""
    block, (rows, cols) = layout.reduction, layout.whole_px
    # By strided sums, which are several times as quick as a mean over two axes.
    lines = frame[0 : rows * block : block, : cols * block].astype(np.float32)
    for k in range(1, block):
        lines += frame[k : rows * block : block, : cols * block]
    out = lines[:, 0::block].copy()
    for k in range(1, block):
        out += lines[:, k::block]
    return np.asarray(out / block**2, dtype=np.float32)


def _firsts(size_px: int, tile_px: int) -> NDArray[np.intp]:
    """First pixels of the tiles along one axis: as many as fit, up to four, spread evenly."""
    count = min(MOST_TILES, max(1, size_px // tile_px))
    return np.rint((np.arange(count) + 0.5) / count * (size_px - tile_px)).astype(np.intp)


def _tiles(frame: NDArray[np.number], side: int) -> NDArray[np.float32]:
    rows, cols = _firsts(frame.shape[0], side), _firsts(frame.shape[1], side)
    cut = [frame[r : r + side, c : c + side] for r in rows for c in cols]
    return np.stack(cut).astype(np.float32)


def _ring_power(
    images: NDArray[np.float32], block: int, edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean power of Hann-windowed images in rings; white noise of variance v gives v."""
    shape = (images.shape[1], images.shape[2])
    window, total = _window(shape)
    power = np.zeros((shape[0], shape[1] // 2 + 1), dtype=np.float32)
    for image in images:
        # Without its windowed mean the window's own spectrum stays out of the lowest bands.
        level = np.float32((image * window).sum() / window.sum())
        transform = scipy.fft.rfft2((image - level) * window, workers=1)
        power += np.abs(np.asarray(transform, dtype=np.complex64)) ** 2
    index, weight, count = _rings(shape, block, tuple(edges))
    sums = np.bincount(index, weights=power.ravel() * weight, minlength=count.size + 1)[1:]
    return sums / np.maximum(count, 1) / (total * images.shape[0])


@lru_cache(maxsize=16)
def _window(shape: tuple[int, int]) -> tuple[NDArray[np.float32], float]:
    """Return a Hann window and the sum of its squares."""
    rows, cols = (np.hanning(n + 1)[:n] for n in shape)
    window = np.outer(rows, cols)
    return window.astype(np.float32), float((window**2).sum())


@lru_cache(maxsize=16)
def _rings(
    shape: tuple[int, int], block: int, edges: tuple[float, ...]
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float64]]:
    """Band of each value of the half plane from 1 (0: none), its weight, and values a band."""
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


def _counts(shape: tuple[int, int], block: int, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of the half plane in each band."""
    return _rings(shape, block, tuple(edges))[2] / 2
