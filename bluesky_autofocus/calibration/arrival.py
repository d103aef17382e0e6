"""One frame of a calibration, and where the stage had been sent for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arrival", "Leg", "of_leg"]


class Leg(StrEnum):
    """Which part of a calibration a frame belongs to."""

    SWEEP = "sweep"
    """Over the whole range, to see the blur."""
    UP = "up"
    """Across the focus, every position reached from below."""
    DOWN = "down"
    """The same positions, every one reached from above."""
    REPEAT = "repeat"
    """One position again and again, two frames each, reached from the approach side."""


@dataclass(frozen=True)
class Arrival:
    """A frame where the stage said it was.

    Parameters
    ----------
    position : float
        Readback, in the stage's unit.
    frame : numpy.ndarray
        Grey levels, shape (rows, cols).
    leg : Leg
        Which part of the calibration it belongs to.
    number : int
        Number of the move that led here: frames with the same one were taken without moving.
    """

    position: float
    frame: NDArray[np.unsignedinteger]
    leg: Leg = Leg.SWEEP
    number: int = 0


def of_leg(arrivals: Sequence[Arrival], *legs: Leg) -> list[Arrival]:
    """Return the arrivals of some legs, in order of position.

    Parameters
    ----------
    arrivals : sequence of Arrival
        All of them.
    *legs : Leg
        Which to keep.

    Returns
    -------
    list of Arrival
        Sorted; of several at one position the first.
    """
    kept: dict[float, Arrival] = {}
    for arrival in arrivals:
        if arrival.leg in legs:
            kept.setdefault(arrival.position, arrival)
    return [kept[z] for z in sorted(kept)]
