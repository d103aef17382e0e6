"""Height of every pixel: the position at which its surroundings are sharpest."""

from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter, maximum_filter, median_filter, minimum_filter

from ..errors import FusionError
from .cells import filled, spread, spread_nearest
from .focus_energy import CELL_PX, cell_energy
from .peak import Peaks, find_peaks
from .planes import PlaneReader, Planes, checked_positions

__all__ = ["WINDOW_PX", "HeightMap", "height_map"]

WINDOW_PX = 6.0
"""Standard deviation of the smallest window, pixels."""

# Each window is as large again: one that agrees with the smaller ones knows better than they do.
WINDOWS = 4
# Detail this much weaker than in a larger window may be blurred light of stronger detail nearby,
# and with still less there is none.
OWN_SHARE = 0.3
LEAST_SHARE = 0.05
# The energy of noise in a window of σ pixels varies by a share of 1 / σ; from the highest to the
# lowest of many planes it is some four times that.
NOISE_PX = 5.0
SPECK_CELLS = 5
# Where the height changes by more than so many planes within so many cells there is a step. A
# window sees detail beyond it from so many of its standard deviations away.
STEP_PLANES, STEP_CELLS, STEP_WINDOWS = 2.0, 5, 2.5


@dataclass(frozen=True, eq=False)
class HeightMap:
    """Where each pixel is in focus.

    Parameters
    ----------
    height : numpy.ndarray
        Position of the best focus, shape (rows, cols), float32, in the unit of the planes'
        positions; finite everywhere. Where nothing can be told it comes from the surroundings,
        and where the focus lies at the stack's edge or beyond it is the edge.
    sigma : numpy.ndarray
        Its standard deviation; infinite where nothing can be told.
    valid : numpy.ndarray of bool
        Whether the pixel's own surroundings tell the height. Not at a step, whose border is told no
        finer than the window.
    edge : numpy.ndarray of bool
        Whether the first or last plane is the sharpest: the focus may lie beyond it.
    """

    height: NDArray[np.float32]
    sigma: NDArray[np.float32]
    valid: NDArray[np.bool_]
    edge: NDArray[np.bool_]


def height_map(planes: Planes, positions: ArrayLike, *, window_px: float = WINDOW_PX) -> HeightMap:
    """Tell the height of every pixel from the planes of a focal stack.

    The energy of the blurred gradient is averaged over Gaussian windows of four sizes, and the
    sharpness curve is fitted to the best plane and its two neighbours. Each pixel takes the
    largest window that agrees with the smaller ones [1]_. Planes are read one at a time, once.

    Parameters
    ----------
    planes : Planes
        n planes (rows, cols) or (rows, cols, 3), which show the same field.
    positions : array_like
        Position of each plane, rising, µm or depths of field. Planes farther than three depths
        of field apart leave heights uncertain.
    window_px : float, default 6
        Standard deviation of the smallest window, pixels: steps of the sample are told no finer.

    Returns
    -------
    HeightMap
        Height, uncertainty and what is known.

    Raises
    ------
    FusionError
        If planes or positions are malformed, or the window is not between 2 and 100 pixels.

    References
    ----------
    .. [1] O. Lepskii, "On a problem of adaptive estimation in Gaussian white noise",
       Theory Probab. Appl. 35, 1991.
    """
    z = checked_positions(planes, positions)
    if not (isfinite(window_px) and 2 <= window_px <= 100):
        raise FusionError(
            f"window_px is {window_px:g}; it must lie from 2 to 100 pixels. Give about the size of "
            "the smallest step of the sample that is to be seen."
        )
    reader = PlaneReader(planes)
    energy, noise = _read_energy(reader)
    peaks, windows_px = _over_windows(energy, noise, z, window_px)
    peaks = _without_specks(peaks, z)
    shape = (reader.rows, reader.cols)
    height = filled(peaks.height, peaks.clear | peaks.edge, float(np.median(z)))
    valid = peaks.clear & ~_is_step(height, z, windows_px)
    return HeightMap(
        height=spread(height, shape),
        sigma=spread_nearest(np.where(valid, peaks.sigma, np.inf).astype(np.float32), shape),
        valid=spread_nearest(valid, shape),
        edge=spread_nearest(peaks.edge, shape),
    )


def _read_energy(reader: PlaneReader) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Energy of all planes, and the noise in the plane that shows least else."""
    energy: list[NDArray[np.float32]] = []
    noise = np.float32(np.inf)
    for plane in reader:
        detail, plane_noise = cell_energy(plane)
        energy.append(detail)
        # Over a larger window, or the least of many planes would be too little.
        noise = np.minimum(noise, gaussian_filter(plane_noise, 2 * WINDOW_PX / CELL_PX))
    return np.stack(energy), np.asarray(noise, dtype=np.float32)


def _over_windows(
    energy: NDArray[np.float32],
    noise: NDArray[np.float32],
    z: NDArray[np.float64],
    window_px: float,
) -> tuple[Peaks, NDArray[np.float64]]:
    """Choose a window for each cell, and say which is the smallest that tells the height."""
    chosen: Peaks | None = None
    smallest = np.full(noise.shape, window_px * 2 ** (WINDOWS - 1))
    around = own = np.zeros(noise.shape, dtype=np.float32)
    for k in reversed(range(WINDOWS)):
        window = window_px * 2**k
        size = window / CELL_PX
        smooth = np.asarray(gaussian_filter(energy, (0, size, size)), dtype=np.float32)
        own = smooth.max(axis=0) - smooth.min(axis=0)
        peaks = find_peaks(smooth, noise, z, window)
        if chosen is None:
            chosen = peaks
        else:
            chosen = _smaller_where_they_differ(chosen, peaks, own > OWN_SHARE * around)
        smallest[peaks.clear & (own > OWN_SHARE * around)] = window
        around = np.maximum(around, own)
    assert chosen is not None
    clear = chosen.clear & (own > LEAST_SHARE * around) & (own > NOISE_PX / window_px * noise)
    return replace(chosen, clear=clear, sigma=np.where(clear, chosen.sigma, np.inf)), smallest


def _without_specks(peaks: Peaks, z: NDArray[np.float64]) -> Peaks:
    """Leave out what is smaller than the smallest window: it shows nothing that small."""
    known = peaks.clear | peaks.edge
    height = filled(peaks.height, known, float(np.median(z)))
    speck = np.abs(height - median_filter(height, SPECK_CELLS)) > np.diff(z).mean()
    clear = peaks.clear & ~speck
    sigma = np.where(clear, peaks.sigma, np.inf)
    return Peaks(peaks.height, sigma, clear, peaks.edge & ~speck)


def _is_step(
    height: NDArray[np.float64], z: NDArray[np.float64], windows_px: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell where two heights lie within the window that a cell is told by."""
    change = maximum_filter(height, STEP_CELLS) - minimum_filter(height, STEP_CELLS)
    step = change > STEP_PLANES * np.median(np.diff(z))
    out = step.copy()
    for window in np.unique(windows_px):
        reach = max(0, round(STEP_WINDOWS * window / CELL_PX) - STEP_CELLS // 2)
        out |= (windows_px == window) & maximum_filter(step, 2 * reach + 1)
    return out


def _smaller_where_they_differ(large: Peaks, small: Peaks, own: NDArray[np.bool_]) -> Peaks:
    apart = np.abs(large.height - small.height)
    # What the windows differ by may be the slope of the sample within the larger one.
    sigma = np.where(small.clear & own, np.hypot(large.sigma, apart), large.sigma)
    better = own & (
        (small.clear & (~large.clear | (small.sigma < sigma))) | (small.edge & ~large.clear)
    )
    return Peaks(
        height=np.where(better, small.height, large.height),
        sigma=np.where(better, small.sigma, sigma),
        clear=np.where(better, small.clear, large.clear),
        edge=np.where(better, small.edge, large.edge),
    )
