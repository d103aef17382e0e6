"""How a search for the planes of a focal stack ends."""

import numpy as np

from ..belief import Posterior
from ..regions import Relief
from ..verdict import Outcome, Side, Verdict
from .protocol import Window
from .refusals import not_converged

__all__ = ["CAN_BE_FUSED", "MOST_PLANES", "stack_outcome", "too_many"]

MOST_PLANES = 200
"""Planes of a stack, at most."""

CAN_BE_FUSED = "What was taken can be fused."
"""Of a stack that is not complete."""

# With more of the field that changes with focus and does not tell where it is in focus, a stack is
# not complete.
MOST_UNDECIDED = 0.15
# A moving sample may look like one that shows nothing: less of the field than this is none.
LEAST_KNOWN = 0.05
# Cells in focus so far outside the window count, if they are more than one.
BEYOND_DOF, LEAST_CELLS = 0.5, 2
# Many frames of one field agree better with one another than with the truth.
LEAST_ERROR_DOF = 0.05


def too_many(planes_dof: tuple[float, ...]) -> Outcome:
    """Say that a stack would take too many planes.

    Parameters
    ----------
    planes_dof : tuple of float
        Where they would be.

    Returns
    -------
    Outcome
        Not converged.
    """
    return not_converged(
        f"The sample seems to be in focus from {planes_dof[0]:.1f} to {planes_dof[-1]:.1f} depths "
        f"of field, which takes {len(planes_dof)} planes; at most {MOST_PLANES} are taken. Give a "
        "larger spacing or a smaller window."
    )


def stack_outcome(
    relief: Relief, main: Posterior, window: Window, planes: tuple[float, float, int]
) -> Outcome:
    """Say what a stack holds whose planes have all been taken.

    Parameters
    ----------
    relief : Relief
        Where the cells of the field are in focus.
    main : Posterior
        Of those cells that are in focus where most are.
    window : Window
        Where planes may be.
    planes : (float, float, int)
        The lowest and the highest, depths of field, and how many there are.

    Returns
    -------
    Outcome
        In focus if all that tells its focus has its planes.
    """
    low, high, count = planes
    told = (
        f"{count} planes from {low:.1f} to {high:.1f} depths of field; "
        f"{1 - relief.known_fraction:.0%} of the field does not tell where it is in focus."
    )
    focus = relief.focus_dof[relief.known]
    reach = window.low_dof - BEYOND_DOF, window.high_dof + BEYOND_DOF
    outside = focus[(focus < reach[0]) | (focus > reach[1])]
    if outside.size >= LEAST_CELLS:
        farthest = float(outside[np.abs(outside - sum(reach) / 2).argmax()])
        return Outcome(
            Verdict.OUT_OF_RANGE,
            farthest,
            side=Side.LOW if farthest < window.low_dof else Side.HIGH,
            detail=f"{told} {outside.size / focus.size:.0%} of it is in focus outside the window.",
        )
    if relief.known_fraction < LEAST_KNOWN:
        return not_converged(
            f"{told} That is too little to call it a stack. Steady sample and stage, look in more "
            "light, or in another window."
        )
    if relief.undecided_fraction > MOST_UNDECIDED:
        return not_converged(
            f"{told} Of {relief.undecided_fraction:.0%} something is seen that changes with focus. "
            f"{CAN_BE_FUSED}"
        )
    return Outcome(
        Verdict.IN_FOCUS,
        position_dof=window.clip(main.best_dof),
        expected_error_dof=max(main.local_sigma_dof, LEAST_ERROR_DOF),
        detail=told,
    )
