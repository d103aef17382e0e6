"""Whether the last frame confirms that the sample is in focus, and if not, why."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ..estimator.estimate import mass_within
from .focus_belief import FocusBelief, SeenFrame
from .spectral_ratio import change

__all__ = ["ENOUGH_MASS", "MOST_MISFIT", "Confirmation", "Doubt", "confirmation"]

ENOUGH_MASS = 0.93
"""Probability within half a depth of field of a position from which focus is taken to be there."""

MOST_MISFIT = 40.0
"""Frames of one texture are explained to this much each, see `FocusBelief.misfit`: in simulation
95 % of them to 9 and all to 35; frames that have nothing in common to about 100."""

# To end, focus has to be known better than to go there; as well as that is enough once so many
# frames are as near as this to the place: more of them would say the same again.
CONFIRMED_MASS = 0.98
MANY_FRAMES, AROUND_DOF = 4, 1.0
# How far from the likeliest focus position the last frame may be.
TOLERANCE_DOF = 0.3
# A change of the spectrum that noise, light and vibration do not make; see `change`.
LEAST_CHANGE = 4.0
# The estimator has to find it possible, at least, that the frame is near focus: a grating looks
# sharp again where a lobe of the transfer function meets it. Of simulated frames within half a
# depth of field none had less than .4, of those beyond 1.3 nearly all have less than .02.
NEAR_DOF = 1.0
LEAST_NEAR = 0.15
# A frame with power in nearly all bands is not one of such lobes, which leave most bands dark: of
# simulated frames 3 depths of field away and farther none had more than .72 of them, of those in
# focus three in four have .75 (tests/benchmarks/bench_wrong_estimator.py). There the estimator is
# wrong about a texture that it does not know.
BROAD = 0.75
# A frame that much farther from focus cannot have more power in its fine structure.
FARTHER_DOF = 1.0
MORE_POWER = 1.3
# Noise is measured against the light, which changes between frames by as much as this.
LIGHT_CHANGE = 0.1
CLIPPED = 0.05


class Doubt(StrEnum):
    """What speaks against the last frame being in focus."""

    NONE = "none"
    MASS = "mass"
    ELSEWHERE = "elsewhere"
    UNCHANGED = "unchanged"
    MISFIT = "misfit"
    ESTIMATE = "estimate"
    SHARPER = "sharper"


@dataclass(frozen=True)
class Confirmation:
    """What the last frame says of focus.

    Parameters
    ----------
    doubt : Doubt
        None if it confirms focus.
    detail : str
        The same with numbers.
    """

    doubt: Doubt
    detail: str

    def __bool__(self) -> bool:
        """Tell whether focus is confirmed."""
        return self.doubt is Doubt.NONE


def confirmation(belief: FocusBelief, tolerance_dof: float = TOLERANCE_DOF) -> Confirmation:
    """Judge whether the last frame was taken in focus.

    Parameters
    ----------
    belief : FocusBelief
        Belief after at least one frame, the last of which is to be judged.
    tolerance_dof : float
        How far the last frame may be from the likeliest focus position.

    Returns
    -------
    Confirmation
        Whether it is, or what speaks against it: first that focus is not known well enough or lies
        elsewhere; then, where the belief is sure, that the frames themselves contradict it.
    """
    last, posterior = belief.frames[-1], belief.posterior
    mass = posterior.within(last.position_dof)
    around = sum(abs(f.position_dof - posterior.best_dof) <= AROUND_DOF for f in belief.frames)
    if mass < (CONFIRMED_MASS if around < MANY_FRAMES else ENOUGH_MASS):
        return Confirmation(Doubt.MASS, f"The probability of focus here is {mass:.2f}.")
    away = abs(last.position_dof - posterior.best_dof)
    if away > tolerance_dof:
        return Confirmation(Doubt.ELSEWHERE, f"Focus is {away:.2f} depths of field away.")
    others = belief.frames[:-1]
    differs = max((_change(last, other) for other in others), default=0.0)
    if differs < LEAST_CHANGE:
        return Confirmation(
            Doubt.UNCHANGED,
            f"The spectra of {len(belief.frames)} frames differ by {differs:.1f}, and "
            f"{LEAST_CHANGE:g} is needed to say that anything changes with focus.",
        )
    misfit = belief.misfit(posterior.best_dof)
    if misfit > MOST_MISFIT:
        return Confirmation(
            Doubt.MISFIT,
            f"The frames do not show one texture: misfit {misfit:.0f}, at most {MOST_MISFIT:g}.",
        )
    near = float(mass_within(last.observation.probabilities, NEAR_DOF))
    clipped = last.observation.saturated_fraction >= CLIPPED
    broad = belief.signal_share(last, posterior.best_dof) >= BROAD
    if near < LEAST_NEAR and not clipped and not broad:
        return Confirmation(
            Doubt.ESTIMATE,
            f"The last frame alone is near focus with a probability of {near:.3f} only.",
        )
    for other in others:
        farther = abs(other.position_dof - posterior.best_dof) - away
        if farther > FARTHER_DOF and (more := _fine_power(other, last)) > MORE_POWER:
            return Confirmation(
                Doubt.SHARPER,
                f"A frame {farther:.1f} depths of field farther away has {more:.2f} times the "
                "power in its fine structure.",
            )
    return Confirmation(Doubt.NONE, "")


def _change(a: SeenFrame, b: SeenFrame) -> float:
    return change(a.observation.spectrum, b.observation.spectrum)


def _fine_power(a: SeenFrame, b: SeenFrame) -> float:
    """Power of a frame over that of another, summed over the bands of high frequency."""
    first, second = a.observation.spectrum, b.observation.spectrum
    floor = min(first.noise, second.noise)
    fine = first.layout.low_per_px > np.median(first.layout.low_per_px)
    weight = first.layout.modes * fine
    excess = [float((s.power - floor) @ weight) for s in (first, second)]
    values = float(weight.sum())
    noise = floor * (3 * float(np.sqrt(values)) + LIGHT_CHANGE * values)
    return (excess[0] + 1e-30) / (max(excess[1], 0) + noise + 1e-30)
