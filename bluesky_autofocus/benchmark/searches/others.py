"""Searches of other tools, as they are published, for comparison alone."""

from collections.abc import Callable

import numpy as np
import scipy.optimize

from ...optics.axis import to_y

__all__ = ["Value", "bounce", "fitted_golden_section", "oughta_focus"]

Value = Callable[[float], float]
"""Takes a frame at a position and says how sharp it is: larger is sharper."""

TOLERANCE_DOF = 0.25
MOST_EVALUATIONS = 40
FIRST_BOUNCE_DOF = 64.0
GOLDEN_FRAMES = 12
GOLDEN_DOF = 2.0
GOLDEN = (3 - 5**0.5) / 2


def oughta_focus(value: Value, low: float, high: float, start: float) -> float:
    """Brent's method over the whole window, in the manner of Micro-Manager's OughtaFocus.

    It ends at an absolute tolerance, and looks at nothing again.

    Parameters
    ----------
    value : callable
        Sharpness at a position.
    low, high, start : float
        The window, and where the stage starts, depths of field.

    Returns
    -------
    float
        Where it ends.

    References
    ----------
    .. [1] R. P. Brent, Algorithms for Minimization without Derivatives (1973), chapter 5.
    """
    del start
    found = scipy.optimize.minimize_scalar(
        lambda x: -value(float(x)),
        bounds=(low, high),
        method="bounded",
        options={"xatol": TOLERANCE_DOF, "maxiter": MOST_EVALUATIONS},
    )
    return float(found.x)


def bounce(value: Value, low: float, high: float, start: float) -> float:
    """Look to both sides, go to the better, and halve the step where neither is better.

    In the manner of Odemis, with a first step of 64 depths of field.

    Parameters
    ----------
    value : callable
        Sharpness at a position.
    low, high, start : float
        The window, and where the stage starts, depths of field.

    Returns
    -------
    float
        Where it ends.
    """
    here, best, step = start, value(start), FIRST_BOUNCE_DOF
    while step > TOLERANCE_DOF:
        tried = [x for x in (here - step, here + step) if low <= x <= high]
        values = [value(x) for x in tried]
        if values and max(values) > best:
            best = max(values)
            here = tried[values.index(best)]
        else:
            step /= 2
    return here


def fitted_golden_section(value: Value, low: float, high: float, start: float) -> float:
    """Golden section over learned distance, then a fit to all that was seen.

    In the manner of DeepFocus, which fits a calibrated response to a few samples.

    Parameters
    ----------
    value : callable
        Minus the estimated distance from focus, depths of field.
    low, high, start : float
        The window, and where the stage starts, depths of field.

    Returns
    -------
    float
        Where the distances fit best.
    """
    seen = {start: value(start)}
    left, right = low, high
    a, b = left + GOLDEN * (right - left), right - GOLDEN * (right - left)
    for x in (a, b):
        seen[x] = value(x)
    while right - left > GOLDEN_DOF and len(seen) < GOLDEN_FRAMES:
        if seen[a] > seen[b]:
            right, b = b, a
            a = left + GOLDEN * (right - left)
            seen[a] = value(a)
        else:
            left, a = a, b
            b = right - GOLDEN * (right - left)
            seen[b] = value(b)
    at, said = np.array(list(seen)), to_y(-np.array(list(seen.values())))
    places = np.linspace(low, high, 20 * round(high - low) + 1)
    misfit = np.abs(to_y(places[:, None] - at) - said).sum(axis=1)
    return float(places[int(np.argmin(misfit))])
