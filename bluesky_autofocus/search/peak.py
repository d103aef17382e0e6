"""Where the peak of a focus curve lies, and how well that is known."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import leastsq

from .curve import Curve

__all__ = ["Peak", "fit_peak"]

# Samples up to the first below this share of the height are the peak.
SHOULDER = 0.25
# A real curve is skewed or flat-topped, so its flanks may point beside its top. The tops above
# these shares of the height are fitted as well, where they hold enough samples.
TOP_SHARES = (1 / 2, 2 / 3, 4 / 5)
LEAST_SAMPLES = 7
# Fits agree if they differ by this many standard errors of the narrower one, as few samples tell
# it. A fit is not better than to this share of the peak's width.
AGREE_SIGMAS = 3.0
LEAST_ERROR = 1e-4
MAX_EVALUATIONS = 60
PLATEAU = 0.9
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
    Proc. R. Soc. A 231, 1955, for the defocused transfer function), so that is fitted first:
    to the whole peak, and to its upper half, third and fifth. The widest fit with which all
    narrower ones agree is taken (Lepskii, Theory Probab. Appl. 35, 1991): flanks lessen the noise
    where the peak is symmetric and count for nothing where it is not. Where none fits, a parabola
    through the logarithm of the three samples about the top is taken, and where that has no top,
    the middle of the samples above 90 % of the height.

    Parameters
    ----------
    curve : Curve
        Usable samples.

    Returns
    -------
    Peak
        Position within the upper half of the peak, and its standard error.
    """
    fits = [_lorentzian(curve, x, y) for x, y in (_whole_peak(curve), *_tops(curve))]
    return _widest_agreed([fit for fit in fits if fit]) or _parabola(curve) or _plateau(curve)


def _widest_agreed(fits: list[Peak]) -> Peak | None:
    """Return the first of some fits, given from wide to narrow, from which no later one differs.

    What it differs by from the fit before it adds to its error.
    """
    for index, fit in enumerate(fits):
        agrees = all(
            abs(fit.position_dof - narrower.position_dof) <= AGREE_SIGMAS * narrower.error_dof
            for narrower in fits[index + 1 :]
        )
        if agrees:
            shift = fit.position_dof - fits[index - 1].position_dof if index else 0.0
            return replace(fit, error_dof=hypot(fit.error_dof, shift))
    return None


def _tops(curve: Curve) -> Iterator[tuple[NDArray, NDArray]]:
    """Yield the neighbours of the top above each share of the height, if they are enough."""
    for share in TOP_SHARES:
        low, high = curve.above(share)
        values = curve.values[low : high + 1]
        # Equal values, as of one recorded plane, are one sample of the shape.
        if np.unique(values).size >= LEAST_SAMPLES and low < curve.top < high:
            yield curve.positions[low : high + 1], values


def _whole_peak(curve: Curve) -> tuple[NDArray, NDArray]:
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
    error = width * hypot(LEAST_ERROR, (max(float(covariance[0, 0]), 0.0) * scatter) ** 0.5)
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
    low, high = curve.above(PLATEAU)
    first, last = float(curve.positions[low]), float(curve.positions[high])
    before, after = (
        curve.positions[max(low - 1, 0)],
        curve.positions[min(high + 1, curve.values.size - 1)],
    )
    return Peak((first + last) / 2, float(after - before) / 12**0.5, "plateau")
