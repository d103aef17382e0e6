"""Where the search for regions takes its next frame."""

import numpy as np
from numpy.typing import NDArray

from ..regions import Altitude, FieldEvidence
from .protocol import Move, Window

__all__ = ["elsewhere", "toward"]

# Below this probability a frame goes where most of it lies within reach of a frame.
LIKELY_MASS, REACH_DOF, LEAST_STEP_DOF = 0.5, 6.0, 2.0
# In a small window a frame reaches no farther than so much of it: a second one has its place.
REACH_SHARE = 0.25
# So many cells that tell nothing are worth a look elsewhere, while that may show them.
MOST_UNKNOWN, LEAST_MASS = 0.08, 0.02
# The estimator may be wrong about cells in which nothing is to be seen.
EVEN_SHARE = 0.3


def toward(evidence: FieldEvidence, altitude: Altitude, count: int) -> Move:
    """Go to an altitude, or where it may be.

    Parameters
    ----------
    evidence : FieldEvidence
        What is known so far.
    altitude : Altitude
        One of the field's.
    count : int
        How many there are.

    Returns
    -------
    Move
        The next frame.
    """
    posterior = altitude.posterior
    number = f"altitude {altitude.label + 1} of {count}"
    if posterior.best_mass >= LIKELY_MASS:
        return Move(posterior.best_dof, f"{number} ({posterior.best_mass:.0%})")
    places = evidence.places(altitude.cells)
    fresh = np.where(_distance(evidence) > LEAST_STEP_DOF, places, 0.0)
    return Move(_densest(posterior.position_dof, fresh), f"{number} may be near")


def elsewhere(evidence: FieldEvidence, unknown: NDArray[np.bool_], window: Window) -> Move | None:
    """Look where cells that tell nothing may come into focus.

    Parameters
    ----------
    evidence : FieldEvidence
        What is known so far.
    unknown : numpy.ndarray of bool
        Which cells tell nothing yet, shape (rows, cols).
    window : Window
        Positions that may be visited.

    Returns
    -------
    Move or None
        The next frame; None where few cells tell nothing, or there is no place left to look at.
    """
    alone = len(evidence.belief.frames) < 2
    if unknown.mean() < MOST_UNKNOWN and not alone:
        return None
    position, width = evidence.position_dof, evidence.belief.width_dof
    inside = (position >= window.low_dof) & (position <= window.high_dof)
    even = inside * width / window.width_dof
    mass = evidence.places(unknown if unknown.any() else ~unknown)
    mass = (1 - EVEN_SHARE) * mass + EVEN_SHARE * even
    reach = min(REACH_DOF, REACH_SHARE * window.width_dof)
    seen = ~inside | (_distance(evidence) <= reach)
    mass[seen] = 0.0
    if mass.sum() < LEAST_MASS:
        if not alone:
            return None
        mass = np.where(seen, 0.0, even)
    return Move(_densest(position, mass), f"{unknown.mean():.0%} of the field unknown")


def _distance(evidence: FieldEvidence) -> NDArray[np.float64]:
    """Return how far each focus position is from the nearest frame."""
    taken = np.array([frame.position_dof for frame in evidence.belief.frames])
    return np.abs(evidence.position_dof[:, None] - taken).min(axis=1)


def _densest(position_dof: NDArray[np.float64], mass: NDArray[np.float64]) -> float:
    """Middle of the stretch within reach of a frame that holds most of the probability."""
    total = np.concatenate([[0.0], np.cumsum(mass)])
    x = position_dof
    first = np.searchsorted(x, x - REACH_DOF, side="left")
    after = np.searchsorted(x, x + REACH_DOF, side="right")
    around = np.where(mass > 0, total[after] - total[first], -1.0)
    return float(x[int(around.argmax())])
