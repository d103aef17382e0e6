"""Whether an altitude has been seen in focus, and which cells have."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..estimator.estimate import mass_within
from .field_belief import FieldBelief, FieldFrame
from .field_evidence import FieldEvidence
from .field_regions import FieldRegions
from .region import UNKNOWN, Altitude

__all__ = ["SEEN_DOF", "is_seen", "seen_in_focus"]

SEEN_DOF = 0.4
"""A frame so near to an altitude shows it in focus."""

ENOUGH_MASS, KNOWN_DOF = 0.9, 0.5
# The estimator, too, must hold the frame there to be near focus, in part at least.
SHARP_DOF, LEAST_SHARP = 2.0, 0.5
# So must it hold a cell; one in a hundred that is in focus falls short of .43.
LEAST_SHARP_CELL = 0.3


def is_seen(belief: FieldBelief, altitude: Altitude) -> bool:
    """Tell whether an altitude is known and has been seen in focus.

    Parameters
    ----------
    belief : FieldBelief
        What frames say.
    altitude : Altitude
        One of the field's.

    Returns
    -------
    bool
        Whether a frame lies within 0.4 depths of field of it, it is known to half a depth of field
        with a probability of .9, also without what a common texture tells, and the estimator holds
        most of its cells in that frame to be within two depths of field.
    """
    if len(belief.frames) < 2:
        return False
    nearest = _nearest(belief, altitude)
    near = abs(nearest.position_dof - altitude.focus_dof) <= SEEN_DOF
    sharp = float(_sharp(nearest)[altitude.cells].mean())
    if not near or altitude.probability < ENOUGH_MASS or sharp < LEAST_SHARP:
        return False
    alone = FieldEvidence(belief).posterior(altitude.cells)
    about = np.abs(alone.position_dof - altitude.focus_dof) <= KNOWN_DOF
    return float(alone.mass[about].sum()) >= ENOUGH_MASS


def seen_in_focus(belief: FieldBelief, field: FieldRegions) -> FieldRegions:
    """Return a field with nothing but what has been seen in focus.

    Parameters
    ----------
    belief : FieldBelief
        What frames say.
    field : FieldRegions
        Altitudes and regions as they are believed to be.

    Returns
    -------
    FieldRegions
        With the altitudes that have been seen, numbered anew. Cells of others are unknown, and so
        are cells that the estimator holds to be blurred in the frame that shows their altitude in
        focus.
    """
    seen = [altitude for altitude in field.altitudes if is_seen(belief, altitude)]
    labels = field.labels.copy()
    for altitude in seen:
        blurred = _sharp(_nearest(belief, altitude)) < LEAST_SHARP_CELL
        labels[(labels == altitude.label) & blurred] = UNKNOWN
    return replace(field, labels=labels).only([altitude.label for altitude in seen])


def _nearest(belief: FieldBelief, altitude: Altitude) -> FieldFrame:
    return min(belief.frames, key=lambda f: abs(f.position_dof - altitude.focus_dof))


def _sharp(frame: FieldFrame) -> NDArray[np.float64]:
    """Probability, by the estimator's map, that a cell is near focus, shape (rows, cols)."""
    return mass_within(frame.observation.probabilities, SHARP_DOF)
