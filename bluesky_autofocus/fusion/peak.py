"""Where between the planes the detail of a cell is strongest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Peaks", "find_peaks"]

# The energy of a gradient falls as (1 + (U/w)²)^-γ. What a disc of blur leaves of the band falls as
# U⁻³ for white detail, and more slowly for natural one. What others would say is part of the error.
FALL = 1.5
FALLS = (1.0, 2.5)
# A peak less high over the lowest plane could be noise, dirt on the camera, or a stack too thin.
LEAST_RISE = 2.0
# Two peaks that are nearly alike, with a valley between them, leave it open which is focus.
RIVAL = 0.6
VALLEY = 0.8
NOISE_SHARE = 0.95
LEAST_SIGNAL = 0.5
# Error of the logarithm of one plane's energy beside noise, times the window's size: the curve is
# not the same for every texture.
CURVE_ERROR_PX = 1.5
# Noise is not known better than this: a camera's own processing makes it uneven.
FLOOR_ERROR = 0.15


@dataclass(frozen=True, eq=False)
class Peaks:
    """The peak of each cell; all arrays have the shape of the grid of cells.

    Parameters
    ----------
    height : numpy.ndarray
        Position of the peak, in the unit of the planes' positions.
    sigma : numpy.ndarray
        Its standard deviation; infinite where there is none.
    clear : numpy.ndarray of bool
        Whether there is one peak, inside the stack.
    edge : numpy.ndarray of bool
        Whether the detail is strongest in the first or last plane.
    """

    height: NDArray[np.float64]
    sigma: NDArray[np.float64]
    clear: NDArray[np.bool_]
    edge: NDArray[np.bool_]


def find_peaks(
    energy: NDArray[np.float32],
    noise: NDArray[np.float32],
    positions: NDArray[np.float64],
    window_px: float,
) -> Peaks:
    """Fit the sharpness curve to the best plane and its neighbours.

    With ``E ∝ (1 + ((z − h)/w)²)^-γ`` the quantity ``E^(-1/γ)`` is a parabola in z, whatever the
    width: three planes determine it.

    Parameters
    ----------
    energy : numpy.ndarray
        Energy of detail over a window, shape (n, rows, cols).
    noise : numpy.ndarray
        Energy that noise makes, shape (rows, cols).
    positions : numpy.ndarray
        Of the planes, rising, shape (n,).
    window_px : float
        Standard deviation of the window.

    Returns
    -------
    Peaks
        Of every cell.
    """
    lowest, highest = energy.min(axis=0), energy.max(axis=0)
    best = energy.argmax(axis=0)
    inner = (best > 0) & (best < len(positions) - 1)
    floor = np.minimum(noise, lowest) * np.float32(NOISE_SHARE)
    seen = (highest > LEAST_RISE * lowest) & (highest - floor > LEAST_SIGNAL * noise)
    edge = seen & ~inner
    height = positions[best]
    sigma = np.full(best.shape, np.inf)
    if len(positions) < 3:
        return Peaks(height, sigma, np.zeros_like(inner), edge)

    middle = np.clip(best, 1, len(positions) - 2)
    around = np.stack([np.take_along_axis(energy, (middle + d)[None], 0)[0] for d in (-1, 0, 1)])
    signal = np.maximum(around - floor, 1e-3 * highest + np.finfo(np.float32).tiny)
    before = positions[middle] - positions[middle - 1]
    after = positions[middle + 1] - positions[middle]
    offset, slopes = _vertex(signal, before, after, FALL)
    low, high = (_vertex(signal, before, after, fall)[0] for fall in FALLS)
    relative = (CURVE_ERROR_PX / window_px) ** 2 + _noise_variance(around, signal, noise, window_px)
    with np.errstate(over="ignore", invalid="ignore"):
        # Infinite where there is nothing but noise.
        miss = np.sqrt((slopes**2 * relative).sum(axis=0) + ((high - low) / 2) ** 2)
    miss = np.where(np.isnan(miss), np.inf, miss)
    clear = seen & inner & ~_has_rival(energy, best, highest)
    clear &= miss < np.minimum(before, after)
    offset = np.clip(offset, -before / 2, after / 2)
    height = np.where(inner, positions[middle] + offset, height)
    sigma[clear] = miss[clear]
    return Peaks(height, sigma, clear, edge)


def _vertex(
    signal: NDArray[np.floating],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    fall: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place of the vertex from the middle plane, and its derivatives by the three logarithms."""
    rise = np.asarray(signal / signal[1], dtype=np.float64) ** (-1 / fall)
    first, last = rise[0] - 1, rise[2] - 1
    curve = np.maximum(first * after + last * before, 1e-9 * (before + after))
    tilt = first * after**2 - last * before**2
    offset = tilt / (2 * curve)
    by_first = (after**2 - 2 * offset * after) / (2 * curve) * rise[0]
    by_last = -(before**2 + 2 * offset * before) / (2 * curve) * rise[2]
    slopes = np.stack([by_first, -(by_first + by_last), by_last]) / -fall
    return offset, slopes


def _noise_variance(
    energy: NDArray[np.float32],
    signal: NDArray[np.float32],
    noise: NDArray[np.float32],
    window_px: float,
) -> NDArray[np.float64]:
    """Variance of the logarithm of a windowed energy, as far as pixel noise makes it."""
    # The blur of the gradient leaves one independent value in some 2 π square pixels.
    independent = 4 * np.pi * window_px**2 / (2 * np.pi)
    above = np.maximum(signal, np.finfo(np.float32).tiny).astype(np.float64)
    share = noise / above
    drawn = 2 * share * (2 * np.maximum(energy, above) / above + share) / independent
    return np.asarray(drawn + (FLOOR_ERROR * share) ** 2)


def _has_rival(
    energy: NDArray[np.float32], best: NDArray[np.intp], highest: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Whether a second peak is nearly as high as the first, with a valley between."""
    rival = np.zeros(best.shape, dtype=bool)
    for planes in (range(len(energy)), range(len(energy) - 1, -1, -1)):
        valley = highest.copy()
        passed = np.zeros(best.shape, dtype=bool)
        for k in planes:
            beyond = passed
            np.minimum(valley, energy[k], out=valley, where=beyond)
            rival |= beyond & (energy[k] > RIVAL * highest) & (valley < VALLEY * energy[k])
            passed = passed | (best == k)
    return rival
