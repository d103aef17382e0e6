"""Play of the stage, from one sweep up and one down."""

from dataclasses import dataclass
from math import hypot, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar

from .sharpness_curve import FEWEST_PLANES

__all__ = ["Play", "curve_shift", "measure_play"]

# Two curves must overlap by this share of their positions to be compared.
LEAST_OVERLAP = 0.5
TRIED_SHIFTS = 201
# A play of less than this many standard errors is none that was seen.
SEEN_SIGMAS = 2.0


@dataclass(frozen=True)
class Play:
    """How far the carriage lags behind the drive when the direction changes.

    Parameters
    ----------
    value : float
        The play, >= 0, in the stage's unit.
    std : float
        Its standard error.
    """

    value: float
    std: float

    @property
    def seen(self) -> bool:
        """Whether it is more than the error allows for."""
        return self.value > SEEN_SIGMAS * self.std

    @property
    def enough(self) -> float:
        """Distance to go past a target and back that takes all play out, with a margin."""
        return self.value + 3 * self.std


def measure_play(
    up: tuple[ArrayLike, ArrayLike],
    down: tuple[ArrayLike, ArrayLike],
    *,
    step: float,
    drift: float = 0.0,
) -> Play | str:
    """Compare the sharpness at positions reached from below with those reached from above.

    A carriage that lags shows the same curve of sharpness twice, one shifted against the other by
    the play. The shift is that at which the logarithms of the two agree best.

    Parameters
    ----------
    up, down : (array_like, array_like)
        Positions and sharpness, > 0, of each sweep; positions strictly rising.
    step : float
        Distance of neighbouring positions.
    drift : float, optional
        How far focus moved during the two sweeps; half of it is counted as an error.

    Returns
    -------
    Play or str
        Why it cannot be told, if it cannot.
    """
    at_up, at_down = (np.asarray(sweep[0], dtype=float) for sweep in (up, down))
    if min(at_up.size, at_down.size) < FEWEST_PLANES:
        return (
            f"{at_up.size} positions were reached from below and {at_down.size} from above; "
            f"{FEWEST_PLANES} each are needed, from a run of the plan calibrate"
        )
    shift, std = curve_shift(up, down)
    std = hypot(std, drift / 2)
    if not std < step:
        return f"the two directions agree only to ± {std:.2g}; use more light, or a finer sweep"
    if shift < -3 * std:
        return (
            f"positions reached from above look {-shift:.3g} ± {std:.2g} further up than those "
            "reached from below, which play cannot do: focus drifted, or the motor record corrects "
            "for backlash itself"
        )
    if shift > 0.9 * LEAST_OVERLAP * (at_up[-1] - at_up[0]):
        return "the play is longer than the sweep can show; sweep further"
    return Play(max(shift, 0.0), std)


def curve_shift(
    curve: tuple[ArrayLike, ArrayLike], other: tuple[ArrayLike, ArrayLike]
) -> tuple[float, float]:
    """Find how far one curve of sharpness is shifted against another.

    Parameters
    ----------
    curve : (array_like, array_like)
        Positions, strictly rising, and sharpness, > 0.
    other : (array_like, array_like)
        The same; the shift is positive if its peak is at lower positions.

    Returns
    -------
    (float, float)
        The shift and its standard error, from the scatter of the residuals.
    """
    z, log_sharp = np.asarray(curve[0], dtype=float), np.log(np.asarray(curve[1], dtype=float))
    at, seen = np.asarray(other[0], dtype=float), np.log(np.asarray(other[1], dtype=float))
    known = PchipInterpolator(z, log_sharp)

    def residuals(shift: float) -> NDArray[np.float64]:
        moved = at + shift
        inside = (moved >= z[0]) & (moved <= z[-1])
        return seen[inside] - known(moved[inside])

    def cost(shift: float) -> float:
        left = residuals(shift)
        return float(np.mean(left**2)) if left.size >= LEAST_OVERLAP * at.size else np.inf

    reach = LEAST_OVERLAP * (z[-1] - z[0])
    tried = np.linspace(-reach, reach, TRIED_SHIFTS)
    best = float(tried[int(np.argmin([cost(shift) for shift in tried]))])
    step = tried[1] - tried[0]
    found: Any = minimize_scalar(cost, bounds=(best - step, best + step), method="bounded")
    shift = float(found.x)
    left = residuals(shift)
    moved = at + shift
    slope = known.derivative()(moved[(moved >= z[0]) & (moved <= z[-1])])
    scatter = float(np.sum(left**2)) / max(left.size - 1, 1)
    steep = float(np.sum(slope**2))
    return shift, sqrt(scatter / steep) if steep > 0 else np.inf
