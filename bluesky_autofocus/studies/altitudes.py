"""The altitudes of a stored stack, as labels for its sharpness map."""

from typing import TYPE_CHECKING

from .stored_stacks import StoredStack

if TYPE_CHECKING:
    from ..estimator import SharpnessEstimator
    from ..regions import FieldRegions

__all__ = ["regions_of_stack"]

REACH_DOF = 15.0


def regions_of_stack(
    stack: StoredStack, focus: float, estimator: "SharpnessEstimator"
) -> "FieldRegions":
    """Tell the altitudes of a field from the planes around its focus.

    Parameters
    ----------
    stack : StoredStack
        Of the sample.
    focus : float
        About where it is in focus, in the stage's unit.
    estimator : SharpnessEstimator
        Of its optics and camera.

    Returns
    -------
    FieldRegions
        Altitudes relative to that focus, depths of field.
    """
    from ..regions import FieldBelief, field_evidence, field_regions, observe_field

    belief = FieldBelief(-REACH_DOF, REACH_DOF)
    for position, frame in stack.planes():
        u_dof = (position - focus) / stack.source.depth_of_field
        if abs(u_dof) <= REACH_DOF:
            belief = belief.ingest(u_dof, observe_field(frame, estimator))
    return field_regions(field_evidence(belief))
