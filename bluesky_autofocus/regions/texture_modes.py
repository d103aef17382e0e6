"""How much the power of one texture scatters from cell to cell."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma

__all__ = ["texture_modes"]

# Texture scatters more than noise does. How much is told by pairs of cells so far apart, most of
# which lie in one region; both must show so many times the noise, and there must be enough pairs.
LAGS, OVER_NOISE, LEAST_PAIRS, USUAL_SHARE = (1, 2), 3.0, 60, 0.7
LEAST_MODES = 0.3
MODES_GRID = np.geomspace(0.15, 3000, 4000)
SCATTER = polygamma(1, MODES_GRID)
MAD_STD = 1.4826


def texture_modes(
    power: Sequence[NDArray[np.float64]],
    noise: Sequence[NDArray[np.float64]],
    noise_modes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Count the independent values of a texture behind each band.

    Parameters
    ----------
    power, noise : sequence of numpy.ndarray
        Of each frame, shape (rows, cols, bands).
    noise_modes : numpy.ndarray
        Independent values of noise behind each band, shape (bands,).

    Returns
    -------
    numpy.ndarray
        Shape (bands,), no more than those of noise.
    """
    out = USUAL_SHARE * noise_modes
    logs = [np.log(frame) for frame in power]
    clear = [frame > OVER_NOISE * empty for frame, empty in zip(power, noise, strict=True)]
    for band in range(out.size):
        pairs: list[NDArray[np.float64]] = []
        for values, seen in zip(logs, clear, strict=True):
            pairs += _pairs(values[..., band], seen[..., band])
        apart = np.concatenate(pairs)
        if apart.size >= LEAST_PAIRS:
            variance = (MAD_STD * np.median(np.abs(apart))) ** 2 / 2
            modes = float(np.interp(-variance, -SCATTER, MODES_GRID))
            out[band] = np.clip(modes, LEAST_MODES, noise_modes[band])
    return out


def _pairs(logs: NDArray[np.float64], clear: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Differences of cells along rows and columns, where both show more than noise."""
    out = []
    for lag in LAGS:
        out.append((logs[lag:] - logs[:-lag])[clear[lag:] & clear[:-lag]])
        out.append((logs[:, lag:] - logs[:, :-lag])[clear[:, lag:] & clear[:, :-lag]])
    return out
