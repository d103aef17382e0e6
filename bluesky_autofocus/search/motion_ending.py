"""How a search ends whose sample may have moved along the focus axis meanwhile."""

from collections.abc import Sequence

from ..verdict import Outcome
from .field_frames import usable_field
from .refusals import not_converged
from .sample_motion import SampleMotion, SamplePart, sample_motion
from .steps import Sample

__all__ = ["MOST_MOVED_DOF", "has_moved", "unless_moved"]

MOST_MOVED_DOF = 0.5
"""What was in focus still is, after a motion of no more."""

# By so much better must a motion explain the frames than none does, natural logarithm.
LEAST_EVIDENCE = 5.0


def has_moved(motion: SampleMotion) -> bool:
    """Tell whether frames show that a sample has moved too far.

    Parameters
    ----------
    motion : SampleMotion
        What they tell.

    Returns
    -------
    bool
        Whether what was in focus no longer is.
    """
    return abs(motion.moved_dof) > MOST_MOVED_DOF and motion.evidence >= LEAST_EVIDENCE


def unless_moved(
    outcome: Outcome, samples: Sequence[Sample], parts: Sequence[SamplePart], advice: str = ""
) -> Outcome:
    """Say how a search ended whose last frame is there to show a motion of the sample.

    Parameters
    ----------
    outcome : Outcome
        How it ended, were the sample steady.
    samples : sequence of Sample
        All frames, in order of time.
    parts : sequence of SamplePart
        Parts of one height each.
    advice : str, optional
        What else can be done if it has.

    Returns
    -------
    Outcome
        The same if the sample is steady; not converged if it has moved, or the last frame does not
        tell.
    """
    again = samples[-1]
    if not usable_field(again.position_dof, again.measurement):
        return not_converged(
            f"{outcome.detail} The frame that was to show whether the sample has moved is too dark "
            f"or saturated. Make the light steady. {advice}".rstrip()
        )
    motion = sample_motion(samples, parts)
    if not has_moved(motion):
        return outcome
    return not_converged(
        f"{outcome.detail} The sample moved meanwhile, by {motion.moved_dof:+.1f} depths of field: "
        f"the blur has changed in the frame taken at {again.position_dof:.1f} to see that. At most "
        f"{MOST_MOVED_DOF:g} is allowed. Steady sample and stage, wait until they are warm, or "
        f"look in a smaller window. {advice}".rstrip()
    )
