"""What the noise of a camera can be, by the frames that it took.

White noise has the same power in every band. A colour camera interpolates between its pixels, and
whatever smooths a frame smooths its noise: more is left of it at low frequencies than at high ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .frame_spectrum import FrameSpectrum
from .spectrum_layout import SpectrumLayout

__all__ = ["FrameNoise", "coloured_noise", "white_noise"]

# What is known of the noise, as a fraction of itself: its level, where it is white, and its shape,
# where the camera's way of smoothing is not known.
WHITE_STD, SMOOTHED_STD = 0.2, 0.5
# Less smoothed noise than this, as a multiple of the white one, is not told from none.
LEAST_SMOOTHED = 0.5
# How much there is of it is told where it is hardly weakened yet, as beyond that cameras differ,
# and by bands of so many values that none of them is much too empty by chance.
LEAST_SHARE, LEAST_MODES = 0.5, 100
DIRECTIONS = 32


@dataclass(frozen=True)
class FrameNoise:
    """Noise of frames of one camera in one light.

    Parameters
    ----------
    power : numpy.ndarray
        In each band, as `FrameSpectrum.power`, shape (bands,).
    std : numpy.ndarray
        Standard deviation of it, shape (bands,).
    """

    power: NDArray[np.float64]
    std: NDArray[np.float64]


def white_noise(spectra: Sequence[FrameSpectrum]) -> FrameNoise:
    """Greatest white noise that some frames can have.

    Parameters
    ----------
    spectra : sequence of FrameSpectrum
        Of frames of one shape, at least one.

    Returns
    -------
    FrameNoise
        The same in every band: the emptiest frame tells the noise of all.
    """
    power = np.full(spectra[0].power.shape, min(spectrum.noise for spectrum in spectra))
    return FrameNoise(power, WHITE_STD * power)


def coloured_noise(spectra: Sequence[FrameSpectrum]) -> FrameNoise | None:
    """Greatest noise that some frames can have if a part of it was smoothed.

    White noise, and to it as much as the emptiest frame allows of noise that was smoothed with
    weights ¼, ½, ¼ along rows and columns: the bilinear interpolation of a colour camera's pixels.

    Parameters
    ----------
    spectra : sequence of FrameSpectrum
        Of frames of one shape, at least one.

    Returns
    -------
    FrameNoise or None
        None where the frames leave no room for such a part.
    """
    white = white_noise(spectra)
    shape = _smoothed(spectra[0].layout)
    emptiest = np.min([spectrum.power for spectrum in spectra], axis=0)
    told = (shape > LEAST_SHARE * shape.max()) & (spectra[0].layout.modes >= LEAST_MODES)
    if not told.any():
        return None
    part = float(np.min(((emptiest - white.power) / shape)[told])) * shape
    if part.max() < LEAST_SMOOTHED * white.power[0]:
        return None
    return FrameNoise(white.power + part, np.hypot(white.std, SMOOTHED_STD * part))


@lru_cache(maxsize=8)
def _smoothed(layout: SpectrumLayout) -> NDArray[np.float64]:
    """Share of the power of white noise that is left in each band."""
    radius = (layout.low_per_px + layout.high_per_px)[:, None] / 2
    angle = np.pi / 4 * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    along_rows, along_columns = radius * np.cos(angle), radius * np.sin(angle)
    left = (np.cos(np.pi * along_rows) * np.cos(np.pi * along_columns)) ** 4
    return np.asarray(left.mean(axis=1), dtype=np.float64)
