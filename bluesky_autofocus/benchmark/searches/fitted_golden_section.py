"""Golden section and a curve fit over the learned distance, in the manner of DeepFocus."""

import numpy as np

from ...optics.axis import to_y
from .value import Value

__all__ = ["MOST_FRAMES", "fitted_golden_section"]

GOLDEN = (3 - 5**0.5) / 2
MOST_FRAMES = 12
TOLERANCE_DOF = 0.25
STEP_DOF = 0.05


def fitted_golden_section(value: Value, low: float, high: float, start: float) -> float:
    """Fit the known curve to three frames, go to its peak, and fit again until it stays.

    The three are the start and both places of the golden section. DeepFocus fits a calibrated
    response of its network in this way [1]_; ours is distance itself.

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

    References
    ----------
    .. [1] A. Shajkofci and M. Liebling, ISBI 2020, arXiv 2001.00667.
    """
    width = high - low
    places = np.linspace(low, high, round(width / STEP_DOF) + 1)
    seen = [start, low + GOLDEN * width, high - GOLDEN * width]
    said = [float(to_y(value(x))) for x in seen]
    while True:
        misfit = np.abs(to_y(places[:, None] - np.array(seen)) - np.array(said)).sum(axis=1)
        best = float(places[int(np.argmin(misfit))])
        if abs(best - seen[-1]) <= TOLERANCE_DOF or len(seen) >= MOST_FRAMES:
            return best
        seen.append(best)
        said.append(float(to_y(value(best))))
