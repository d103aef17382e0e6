"""Where the peak of a focus curve lies, and how well that is known."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import leastsq

from .curve import Curve

__all__ = ["Peak", "fit_peak"]

# Samples up to the first below this share of the height are the peak.
SHOULDER = 0.25
MAX_EVALUATIONS = 60
# Below this share of the level a height is lost in the rounding of the values.
LEAST_HEIGHT = 1e-12


@dataclass(frozen=True)
class Peak:
    """A fitted peak.

    Parameters
    ----------
    position_dof : float
        Where it is, in depths of field.
    error_dof : float
        Standard error of the position, in depths of field.
    method : str
        How it was found: ``lorentzian``, ``parabola`` or ``plateau``.
    """

    position_dof: float
    error_dof: float
    method: str


@lru_cache(maxsize=64)
def fit_peak(curve: Curve) -> Peak:
    """Fit the peak about the greatest value of a curve.

    An energy of fine structure follows ``c + A / (1 + ((z - z0) / w)²)`` closely (Hopkins,
    Proc. R. Soc. A 231, 1955, for the defocused transfer function), so that is fitted first.
    Where it does not fit, a parabola through the logarithm of the three samples about the top
    is taken, and where that has no top, the middle of the samples above 90 % of the height.

    Parameters
    ----------
    curve : Curve
        Usable samples.

    Returns
    -------
    Peak
        Position within the upper half of the peak, and its standard error.
    """
    x, y = _about_the_top(curve)
    return _lorentzian(curve, x, y) or _parabola(curve) or _plateau(curve)


def _about_the_top(curve: Curve) -> tuple[NDArray, NDArray]:
    """Return the samples of the peak, two more on each side, and at least seven if there are."""
    below = np.flatnonzero(curve.values < curve.base + SHOULDER * curve.height)
    low = max(int(below[below < curve.top].max(initial=0)) - 1, 0)
    high = int(below[below > curve.top].min(initial=curve.values.size - 1)) + 2
    low, high = min(low, max(curve.top - 3, 0)), max(high, curve.top + 4)
    return curve.positions[low:high], curve.values[low:high]


def _bracket(curve: Curve) -> tuple[float, float]:
    """Return the positions next to that of the top, or its own where there is none."""
    here = curve.top_position
    below = curve.positions[curve.positions < here]
    above = curve.positions[curve.positions > here]
    return (
        float(below[-1]) if below.size else here,
        float(above[0]) if above.size else here,
    )


def _lorentzian(curve: Curve, x: NDArray, y: NDArray) -> Peak | None:
    if x.size < 5 or curve.height <= LEAST_HEIGHT * curve.level:
        return None
    low, high = _bracket(curve)
    upper = x[y >= curve.base + 0.5 * curve.height]
    low, high = min(low, float(upper[0])), max(high, float(upper[-1]))
    width = (high - low) / 2
    if width <= 0.0:
        return None
    # In units of the width and of the height the problem is well scaled, whatever the measure.
    u = (x - curve.top_position) / width
    v = (y - curve.base) / curve.height
    ones = np.ones_like(u)

    def residual(parameters: NDArray) -> NDArray:
        centre, log_width, amplitude, offset = parameters
        t = (u - centre) * np.exp(-np.clip(log_width, -5, 5))
        return offset + amplitude / (1 + t * t) - v

    def jacobian(parameters: NDArray) -> NDArray:
        centre, log_width, amplitude, _ = parameters
        scale = np.exp(-np.clip(log_width, -5, 5))
        t = (u - centre) * scale
        shape = 1 / (1 + t * t)
        slope = 2 * amplitude * t * shape * shape
        return np.array([slope * scale, slope * t, shape, ones])

    # Its return type depends on full_output, which its annotations do not tell.
    result: tuple[Any, ...] = leastsq(
        residual,
        np.array([0.0, -0.5, 1.0, 0.0]),
        Dfun=jacobian,
        col_deriv=True,
        full_output=True,
        maxfev=MAX_EVALUATIONS,
    )  # pyright: ignore[reportAssignmentType]
    found, covariance, info, _, status = result
    position = curve.top_position + width * float(found[0])
    if status not in (1, 2, 3, 4) or covariance is None or found[2] <= 0.0:
        return None
    if not low <= position <= high:
        return None
    free = x.size - 4
    scatter = float(np.sum(info["fvec"] ** 2)) / free
    error = width * float(np.sqrt(max(covariance[0, 0], 0.0) * scatter))
    if not np.isfinite(error) or error > high - low:
        return None
    return Peak(position, error, "lorentzian")


def _parabola(curve: Curve) -> Peak | None:
    top = curve.top
    if not 0 < top < curve.values.size - 1:
        return None
    x = curve.positions[top - 1 : top + 2] - curve.top_position
    y = curve.values[top - 1 : top + 2]
    if np.any(np.diff(x) <= 0.0) or y.min() <= 0.0:
        return None
    y = np.log(y) - np.log(y[1])
    # Vertex of the parabola through three points, the middle one being the origin.
    bend = y[0] * x[2] - y[2] * x[0]
    if not bend < 0.0 or y[0] >= 0.0 or y[2] >= 0.0:
        return None
    vertex = 0.5 * (y[0] * x[2] ** 2 - y[2] * x[0] ** 2) / bend
    return Peak(curve.top_position + float(vertex), float(x[2] - x[0]) / 4, "parabola")


def _plateau(curve: Curve) -> Peak:
    low = high = curve.top
    near = curve.values >= curve.base + 0.9 * curve.height
    while low > 0 and near[low - 1]:
        low -= 1
    while high + 1 < near.size and near[high + 1]:
        high += 1
    first, last = float(curve.positions[low]), float(curve.positions[high])
    before, after = curve.positions[max(low - 1, 0)], curve.positions[min(high + 1, near.size - 1)]
    return Peak((first + last) / 2, float(after - before) / 12**0.5, "plateau")
