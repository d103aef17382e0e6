"""What the belief takes in of a frame."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..estimator import SharpnessEstimator
from ..estimator.distribution import BINS
from ..estimator.estimate import FrameEstimate
from ..estimator.validity import Validity
from ..measurement import Condition, Measurement
from .frame_spectrum import FrameSpectrum, frame_spectrum

__all__ = ["Observation", "observation_of", "observe"]

CONDITIONS = {Validity.SATURATED: Condition.SATURATED, Validity.TOO_DARK: Condition.TOO_DARK}


def _unknown() -> NDArray[np.float64]:
    return np.full(BINS, 1 / BINS)


@dataclass(frozen=True, kw_only=True)
class Observation(Measurement):
    """A measurement that also says how far from focus the frame is, and its spectrum.

    Parameters
    ----------
    sharpness, mean_fraction, saturated_fraction, condition
        As `Measurement`.
    spectrum : FrameSpectrum
        Radial power spectrum of the frame.
    sampling_q : float
        Sampling of the imaging system: sample pixel over ``λ / 4 NA``.
    probabilities : numpy.ndarray
        The estimator's distribution over `distribution.GRID_U_DOF`, shape (57,); default: all
        alike, which says nothing.
    nothing : bool, default False
        Whether the estimator sees nothing in the frame.
    in_focus : bool, default False
        Whether the estimator sees the frame in focus.
    """

    spectrum: FrameSpectrum
    sampling_q: float
    probabilities: NDArray[np.float64] = field(default_factory=_unknown)
    nothing: bool = False
    in_focus: bool = False

    @cached_property
    def is_number(self) -> bool:
        """Whether everything in it can be calculated with."""
        power, p = self.spectrum.power, self.probabilities
        return bool(
            np.isfinite(power).all()
            and power.min(initial=0.0) >= 0
            and power.max(initial=0.0) > 0
            and np.isfinite(p).all()
            and p.min() >= 0
            and p.sum() > 0
            and np.isfinite(self.saturated_fraction)
        )


def observe(frame: ArrayLike, estimator: SharpnessEstimator) -> Observation:
    """Measure all that the belief needs of a frame.

    Parameters
    ----------
    frame : array_like
        Grey levels, shape (rows, cols), at least 64 each.
    estimator : SharpnessEstimator
        Of the imaging system that took the frame.

    Returns
    -------
    Observation
        Sharpness, distribution over the distance, spectrum and condition.

    Raises
    ------
    FrameError
        If the frame cannot be estimated.
    """
    estimate = estimator.summary(frame)
    return observation_of(np.asarray(frame), estimate, estimator.optics.sampling_q)


def observation_of(
    frame: NDArray[np.number], estimate: FrameEstimate, sampling_q: float
) -> Observation:
    """Make an observation of a frame that has been estimated already.

    Parameters
    ----------
    frame : numpy.ndarray
        Grey levels, shape (rows, cols), at least 64 each.
    estimate : FrameEstimate
        What the estimator says about it.
    sampling_q : float
        Sample pixel over ``λ / 4 NA``.

    Returns
    -------
    Observation
        Sharpness, distribution over the distance, spectrum and condition.
    """
    return Observation(
        sharpness=estimate.sharpness,
        mean_fraction=estimate.mean_fraction,
        saturated_fraction=estimate.saturated_fraction,
        condition=CONDITIONS.get(estimate.validity, Condition.GOOD),
        spectrum=frame_spectrum(frame),
        sampling_q=sampling_q,
        probabilities=estimate.probabilities,
        nothing=estimate.validity is Validity.NO_TEXTURE,
        in_focus=estimate.in_focus,
    )
