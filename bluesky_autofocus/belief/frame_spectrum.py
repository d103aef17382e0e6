"""The radial power spectrum of a frame: what defocus takes from the texture, and the noise."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ..errors import FrameError
from .spectrum_layout import SpectrumLayout, rings, spectrum_layout, tile_starts

__all__ = ["SMALLEST_PX", "FrameSpectrum", "frame_spectrum"]

SMALLEST_PX = 64
"""Rows and columns that a frame has at least."""

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
        return int(np.count_nonzero(self._over(self.noise))) >= LEAST_BANDS

    def signal_share(self, noise: NDArray[np.float64] | float = 0.0) -> float:
        """Share of the bands that hold more than noise, those of uneven light left out.

        Parameters
        ----------
        noise : numpy.ndarray or float, default 0
            Power that is known to be noise, shape (bands,), where that is more than white noise
            can have here.

        Returns
        -------
        float
            0 to 1.
        """
        return float(self._over(np.maximum(noise, self.noise)).mean())

    def _over(self, noise: NDArray[np.float64] | float) -> NDArray[np.bool_]:
        least = noise * (OVER_NOISE + SIGMAS / np.sqrt(self.layout.modes))
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
    layout = spectrum_layout(*frame.shape)
    whole, tiles = layout.edges_per_px
    reduced = _reduced(frame, layout)
    mean = max(float(reduced.mean()), DARKEST)
    block = layout.reduction
    parts = [_ring_power(reduced[None], block, whole) * block**2]
    if block > 1:
        parts.append(_ring_power(_tiles(frame, layout.tile_px), 1, tiles))
    return FrameSpectrum(layout, np.concatenate(parts) / mean**2)


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


def _tiles(frame: NDArray[np.number], side: int) -> NDArray[np.float32]:
    rows, cols = tile_starts(frame.shape[0], side), tile_starts(frame.shape[1], side)
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
    index, weight, count = rings(shape, block, tuple(edges))
    sums = np.bincount(index, weights=power.ravel() * weight, minlength=count.size + 1)[1:]
    return sums / np.maximum(count, 1) / (total * images.shape[0])


@lru_cache(maxsize=16)
def _window(shape: tuple[int, int]) -> tuple[NDArray[np.float32], float]:
    """Return a Hann window and the sum of its squares."""
    rows, cols = (np.hanning(n + 1)[:n] for n in shape)
    window = np.outer(rows, cols)
    return window.astype(np.float32), float((window**2).sum())
