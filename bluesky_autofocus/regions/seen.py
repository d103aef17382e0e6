"""Whether an altitude has been seen in focus."""

import numpy as np

from ..estimator.estimate import mass_within
from .field_belief import FieldBelief
from .field_evidence import FieldEvidence
from .region import Altitude

__all__ = ["SEEN_DOF", "is_seen"]

SEEN_DOF = 0.4
"""A frame so near to an altitude shows it in focus."""

ENOUGH_MASS, KNOWN_DOF = 0.9, 0.5
# The estimator, too, must hold the frame there to be near focus, in part at least.
SHARP_DOF, LEAST_SHARP = 2.0, 0.5


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
    nearest = min(belief.frames, key=lambda f: abs(f.position_dof - altitude.focus_dof))
    near = abs(nearest.position_dof - altitude.focus_dof) <= SEEN_DOF
    cells = nearest.observation.probabilities[altitude.cells]
    sharp = float(mass_within(cells, SHARP_DOF).mean())
    if not near or altitude.probability < ENOUGH_MASS or sharp < LEAST_SHARP:
        return False
    alone = FieldEvidence(belief).posterior(altitude.cells)
    about = np.abs(alone.position_dof - altitude.focus_dof) <= KNOWN_DOF
    return float(alone.mass[about].sum()) >= ENOUGH_MASS
