"""Where the next frame tells most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..optics.axis import to_y
from .posterior import Posterior

__all__ = ["NextPosition", "next_position"]

# The posterior is represented by this many positions of equal probability, the next position is
# one of so many evenly spaced ones and of so many of those.
SUPPORT = 256
EVEN, PROBABLE = 33, 32
# Distances are told apart on the axis y = ½ ln(1 + (U / 0.4)²) to this much, near focus and far.
NEAR_STD_Y, FAR_STD_Y = 0.12, 0.35
FAR_Y = 5.0
STEP_Y = 0.08
PLACES = 90
# In nats: what a frame in focus is worth, what a frame at a place seen before costs, what moving
# by the whole travel costs.
FOCUS_BONUS = 2.5
SEEN_COST, SEEN_DOF = 1.0, 0.3
TRAVEL_COST = 0.05


@dataclass(frozen=True)
class NextPosition:
    """Where to look next, and what is expected of it.

    Parameters
    ----------
    position_dof : float
        Stage position, depths of field.
    information_nats : float
        Expected information on the focus position.
    focus_mass : float
        Probability that the frame is within half a depth of field of focus.
    """

    position_dof: float
    information_nats: float
    focus_mass: float


def next_position(
    posterior: Posterior,
    low_dof: float,
    high_dof: float,
    seen_dof: Sequence[float] = (),
) -> NextPosition:
    """Choose the position whose frame is expected to tell most.

    A frame tells its distance from focus, with some error. The information that is expected of it
    is the entropy of what will be measured, less the mean entropy of the error alone [1]_. Added
    are a bonus for being in focus, a penalty for looking twice at the same place, and a small one
    for a long way.

    Parameters
    ----------
    posterior : Posterior
        What is known.
    low_dof, high_dof : float
        Where the stage may go.
    seen_dof : sequence of float
        Where frames have been taken; the stage is at the last one.

    Returns
    -------
    NextPosition
        The best of some 70 positions, inside the limits.

    References
    ----------
    .. [1] D. V. Lindley, Ann. Math. Stat. 27, 986-1005 (1956).
    """
    focus = posterior.quantiles(SUPPORT)
    modes = [candidate.position_dof for candidate in posterior.candidates]
    probable = posterior.quantiles(PROBABLE)
    positions = np.concatenate([np.linspace(low_dof, high_dof, EVEN), probable, modes])
    positions = np.unique(np.clip(positions, low_dof, high_dof))
    information = _information(positions, focus)
    mass = np.array([posterior.within(position) for position in positions])
    score = information + FOCUS_BONUS * mass
    if len(seen_dof):
        seen = np.asarray(seen_dof, dtype=float)
        nearest = np.abs(positions[:, None] - seen).min(axis=1)
        score -= SEEN_COST * (nearest < SEEN_DOF)
        score -= TRAVEL_COST * np.abs(positions - seen[-1]) / (high_dof - low_dof)
    best = int(np.argmax(score))
    return NextPosition(float(positions[best]), float(information[best]), float(mass[best]))


def _information(positions: NDArray[np.float64], focus: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entropy of the predicted measurement less that of its error, in nats."""
    y = to_y(positions[:, None] - focus)
    place = np.minimum((y / STEP_Y).astype(np.intp), PLACES - 1)
    place += PLACES * np.arange(positions.size)[:, None]
    counts = np.bincount(place.ravel(), minlength=PLACES * positions.size)
    shares = counts.reshape(positions.size, PLACES) / focus.size
    predicted = shares @ SPREAD
    return _entropy(predicted) - shares @ SPREAD_ENTROPY


def _entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return -(p * np.log(np.maximum(p, 1e-12))).sum(axis=-1)


def _spread() -> NDArray[np.float64]:
    """Probability of measuring in each place what is in another, shape (true, measured)."""
    y = (np.arange(PLACES) + 0.5) * STEP_Y
    std = NEAR_STD_Y + (FAR_STD_Y - NEAR_STD_Y) * np.minimum(y / FAR_Y, 1) ** 2
    spread = np.exp(-0.5 * ((y[None, :] - y[:, None]) / std[:, None]) ** 2)
    return spread / spread.sum(axis=1, keepdims=True)


SPREAD = _spread()
SPREAD_ENTROPY = _entropy(SPREAD)
