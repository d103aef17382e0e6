"""Errors of sharpness and of distance, by distance from focus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .distance_bins import EDGES_DOF, bin_index, bin_weights

__all__ = ["DistanceBin", "ErrorsByDistance", "errors_by_distance"]

RESAMPLINGS = 2000


@dataclass(frozen=True)
class DistanceBin:
    """Errors of the frames of one bin.

    Parameters
    ----------
    low_dof, high_dof : float
        Borders of ``|U|``, depths of field.
    frames : int
        Frames in it.
    rmse_s : float
        Root-mean-square error of sharpness.
    std_dof : float
        Standard deviation of the error of distance, depths of field.
    median_relative_error : float
        Median of |error of distance| / distance.
    """

    low_dof: float
    high_dof: float
    frames: int
    rmse_s: float
    std_dof: float
    median_relative_error: float


@dataclass(frozen=True)
class ErrorsByDistance:
    """Errors by bin, and pooled.

    Parameters
    ----------
    bins : tuple of DistanceBin
        From focus outwards; NaN where a bin is empty.
    rmse_s_50, rmse_s_1 : float
        Root-mean-square error of sharpness for U drawn evenly from ±50 and ±1 depths of field.
    rmse_s_50_interval, rmse_s_1_interval : (float, float)
        Central 95 % interval of the two when scenes are drawn again from those at hand.
    without_number : int
        Frames left out because no number came for them.
    """

    bins: tuple[DistanceBin, ...]
    rmse_s_50: float
    rmse_s_1: float
    rmse_s_50_interval: tuple[float, float]
    rmse_s_1_interval: tuple[float, float]
    without_number: int


def errors_by_distance(
    u_dof: ArrayLike,
    true_sharpness: ArrayLike,
    sharpness: ArrayLike,
    distance_dof: ArrayLike,
    scene: ArrayLike,
) -> ErrorsByDistance:
    """Compare what was said of frames with the truth.

    Parameters
    ----------
    u_dof : array_like, shape (N,)
        True defocus, either sign, depths of field.
    true_sharpness : array_like, shape (N,)
        Sharpness at that defocus.
    sharpness, distance_dof : array_like, shape (N,)
        What was said; NaN for nothing.
    scene : array_like of int, shape (N,)
        Which frames show one scene, and so err together.

    Returns
    -------
    ErrorsByDistance
        By bin and pooled.
    """
    u = np.abs(np.asarray(u_dof, dtype=float))
    error_s = np.asarray(sharpness, dtype=float) - np.asarray(true_sharpness, dtype=float)
    error_d = np.asarray(distance_dof, dtype=float) - u
    said = np.isfinite(error_s) & np.isfinite(error_d)
    u, error_s, error_d = u[said], error_s[said], error_d[said]
    which = bin_index(u)
    count = len(EDGES_DOF) - 1
    bins = tuple(
        _bin(k, u[which == k], error_s[which == k], error_d[which == k]) for k in range(count)
    )
    _, number = np.unique(np.asarray(scene)[said], return_inverse=True)
    squares = np.zeros((number.max(initial=-1) + 1, count))
    frames = np.zeros_like(squares)
    np.add.at(squares, (number, which), error_s**2)
    np.add.at(frames, (number, which), 1)
    return ErrorsByDistance(
        bins=bins,
        rmse_s_50=float(_pooled(squares.sum(0), frames.sum(0), 50.0)),
        rmse_s_1=float(_pooled(squares.sum(0), frames.sum(0), 1.0)),
        rmse_s_50_interval=_interval(squares, frames, 50.0),
        rmse_s_1_interval=_interval(squares, frames, 1.0),
        without_number=int(said.size - np.count_nonzero(said)),
    )


def _bin(k: int, u: NDArray, error_s: NDArray, error_d: NDArray) -> DistanceBin:
    if u.size == 0:
        return DistanceBin(EDGES_DOF[k], EDGES_DOF[k + 1], 0, np.nan, np.nan, np.nan)
    return DistanceBin(
        low_dof=EDGES_DOF[k],
        high_dof=EDGES_DOF[k + 1],
        frames=u.size,
        rmse_s=float(np.sqrt(np.mean(error_s**2))),
        std_dof=float(np.std(error_d)),
        median_relative_error=float(np.median(np.abs(error_d) / u)),
    )


def _pooled(squares: NDArray, frames: NDArray, reach_dof: float) -> NDArray[np.float64]:
    """Weigh mean squares of bins (..., bins) as an even draw from ± `reach_dof` would."""
    weights = bin_weights(reach_dof)
    used = weights > 0
    with np.errstate(invalid="ignore"):
        mean = squares[..., used] / frames[..., used]
    return np.sqrt(mean @ weights[used])


def _interval(squares: NDArray, frames: NDArray, reach_dof: float) -> tuple[float, float]:
    """Bootstrap over scenes: the frames of a scene are not independent."""
    scenes = squares.shape[0]
    if scenes == 0:
        return (np.nan, np.nan)
    rng = np.random.default_rng(0)
    times = rng.multinomial(scenes, np.full(scenes, 1 / scenes), size=RESAMPLINGS)
    values = _pooled(times @ squares, times @ frames, reach_dof)
    if not np.isfinite(values).any():
        return (np.nan, np.nan)
    low, high = np.nanquantile(values, [0.025, 0.975])
    return (float(low), float(high))
