"""From the frames of one sweep to what it says of the station."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..measures import measure
from .arrival import Arrival, Leg, of_leg
from .blur_rate import BlurRate, StationEstimator, fit_blur_rate
from .exposure import ExposureAdvice, advise_exposure
from .play import Play, measure_play
from .scatter import Scatter, measure_scatter
from .sharpness_curve import sweep_peak

__all__ = ["MEASURE", "Calibration", "calibrate_arrivals"]

MEASURE = "blurred_gradient"
"""The focus measure whose curves are compared."""

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Calibration:
    """What one sweep says of a station; a string says why something cannot be told.

    Parameters
    ----------
    unit : str
        The stage's unit, in which all lengths are.
    frames : int
        How many frames it rests on.
    peak : float
        Where the sharpness peaks.
    blur_rate : BlurRate or str
        Sampling and depth of field.
    play : Play or str
        Backlash.
    scatter : Scatter or str
        Position noise.
    exposure : ExposureAdvice
        Whether the frames were exposed well.
    """

    unit: str
    frames: int
    peak: float
    blur_rate: BlurRate | str
    play: Play | str
    scatter: Scatter | str
    exposure: ExposureAdvice


def calibrate_arrivals(
    arrivals: Sequence[Arrival],
    *,
    unit: str,
    full_scale: float,
    estimator_of: Callable[[float], StationEstimator],
    approach: Leg = Leg.UP,
) -> Calibration:
    """Analyse the frames of a calibration, or of any sweep.

    Parameters
    ----------
    arrivals : sequence of Arrival
        In the order in which they were taken.
    unit : str
        The stage's unit.
    full_scale : float
        Grey level at which the camera saturates.
    estimator_of : callable
        Makes the estimator for a sampling q.
    approach : Leg
        The leg in whose direction the repeated arrivals were made.

    Returns
    -------
    Calibration
        What they say.

    Raises
    ------
    CalibrationError
        If there are too few positions, or the sharpness has no peak within them.
    """
    value = measure(MEASURE)

    def curve(*legs: Leg) -> Curve:
        kept = of_leg(arrivals, *legs)
        return (
            np.array([arrival.position for arrival in kept]),
            np.array([max(float(value(arrival.frame)), 1e-12) for arrival in kept]),
        )

    seen = of_leg(arrivals, Leg.SWEEP, approach)
    peak = sweep_peak(*curve(Leg.SWEEP, approach), unit)
    up, down = curve(Leg.UP), curve(Leg.DOWN)
    repeats = [arrival for arrival in arrivals if arrival.leg is Leg.REPEAT]
    scatter = measure_scatter(
        [arrival.number for arrival in repeats],
        [arrival.position for arrival in repeats],
        [max(float(value(arrival.frame)), 1e-12) for arrival in repeats],
        up if approach is Leg.UP else down,
    )
    drift = 0.0
    if isinstance(scatter, Scatter) and abs(scatter.drift) > 3 * scatter.drift_std:
        drift = scatter.drift
    step = float(np.median(np.diff(up[0]))) if up[0].size > 1 else 0.0
    return Calibration(
        unit=unit,
        frames=len(arrivals),
        peak=peak,
        blur_rate=fit_blur_rate(seen, estimator_of),
        play=measure_play(up, down, step=step, drift=drift),
        scatter=scatter,
        exposure=advise_exposure((arrival.frame for arrival in seen), full_scale),
    )
