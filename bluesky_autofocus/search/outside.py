"""Focus beyond an end of the window: how probable it is, and what to say then."""

from math import inf

from ..belief import FocusBelief
from ..verdict import Outcome, Side, Verdict
from .protocol import Window

__all__ = ["END_DOF", "end_of", "is_at_end", "out_of_range", "outside"]

END_DOF = 0.6
"""At the end of the window is what lies this near to it: focus there is within reach."""


def end_of(window: Window, side: Side) -> float:
    """Return the last position on a side.

    Parameters
    ----------
    window : Window
        Allowed travel.
    side : Side
        Which end.

    Returns
    -------
    float
        Position in depths of field.
    """
    return window.low_dof if side is Side.LOW else window.high_dof


def outside(belief: FocusBelief, window: Window) -> dict[Side, float]:
    """Return the probability that focus lies beyond either end.

    Parameters
    ----------
    belief : FocusBelief
        What is known.
    window : Window
        Allowed travel.

    Returns
    -------
    dict
        Probability by side.
    """
    return {
        Side.LOW: belief.posterior.between(-inf, window.low_dof - END_DOF),
        Side.HIGH: belief.posterior.between(window.high_dof + END_DOF, inf),
    }


def is_at_end(belief: FocusBelief, window: Window, side: Side) -> bool:
    """Tell whether a frame was taken at an end of the window, and another one before it.

    Parameters
    ----------
    belief : FocusBelief
        What is known.
    window : Window
        Allowed travel.
    side : Side
        Which end.

    Returns
    -------
    bool
        Whether it was.
    """
    end = end_of(window, side)
    near = [abs(frame.position_dof - end) <= END_DOF for frame in belief.frames]
    return len(near) > 1 and any(near)


def out_of_range(belief: FocusBelief, window: Window, side: Side) -> Outcome:
    """Refuse because focus lies beyond an end of the window.

    Parameters
    ----------
    belief : FocusBelief
        What is known.
    window : Window
        Allowed travel.
    side : Side
        Which end.

    Returns
    -------
    Outcome
        Out of range, with the position where focus seems to be.
    """
    posterior, end = belief.posterior, end_of(window, side)
    low = side is Side.LOW
    beyond = posterior.part(-inf, end) if low else posterior.part(end, inf)
    mass = outside(belief, window)[side]
    return Outcome(
        Verdict.OUT_OF_RANGE,
        position_dof=beyond.median_dof,
        expected_error_dof=beyond.sigma_dof,
        side=side,
        detail=f"Focus seems to be at {beyond.median_dof:.1f} ± {beyond.sigma_dof:.1f} depths of "
        f"field, {abs(beyond.median_dof - end):.1f} beyond the end, and is beyond it with a "
        f"probability of {mass:.2f}.",
    )
