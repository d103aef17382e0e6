"""Whether a sample has moved while its altitudes were looked for, and the frame that tells."""

from collections.abc import Sequence

import numpy as np

from ..regions import Altitude
from .field_frames import usable_field
from .motion_ending import MOST_MOVED_DOF, has_moved
from .protocol import Move, Window
from .sample_motion import SamplePart, sample_motion
from .steps import Sample

__all__ = ["altitude_parts", "frame_beside", "frame_to_repeat"]

# By so much worse must motions of a depth of field or more explain the frames; by so much better
# some motion, if the sample is suspected of it. Natural logarithms.
RULED_OUT, SUSPICIOUS = 3.0, 1.5
# With less than this ruled out after that frame, another one is worth it.
HARDLY_RULED_OUT = 1.0
# At such distances from an altitude a frame changes most where the sample moves: nearer it looks
# the same on both sides of focus.
NEAR_DOF, ASIDE_DOF = (1.0, 3.0), 3.0
REASON = "has the sample moved?"


def altitude_parts(altitudes: Sequence[Altitude], samples: Sequence[Sample]) -> list[SamplePart]:
    """Say by which frames altitudes are known.

    Parameters
    ----------
    altitudes : sequence of Altitude
        Those that have been seen in focus.
    samples : sequence of Sample
        Frames of the search, in order of time.

    Returns
    -------
    list of SamplePart
        One for each altitude.
    """
    taken = np.array(
        [s.position_dof if usable_field(s.position_dof, s.measurement) else np.inf for s in samples]
    )
    return [
        SamplePart(a.cells, a.focus_dof, int(np.abs(taken - a.focus_dof).argmin()))
        for a in altitudes
    ]


def frame_to_repeat(
    samples: Sequence[Sample], parts: Sequence[SamplePart], window: Window
) -> Move | None:
    """Choose a frame to take again, unless the frames so far show that the sample is steady.

    What the last frame shows in focus is there now. Otherwise the earliest frame a little beside
    focus had the most time to change; where none is, one is taken beside the altitude seen first.

    Parameters
    ----------
    samples : sequence of Sample
        Frames of the search, in order of time.
    parts : sequence of SamplePart
        Altitudes that have been seen in focus.
    window : Window
        Positions that may be visited.

    Returns
    -------
    Move or None
        Where to take that frame; None where none is needed.
    """
    motion, last = sample_motion(samples, parts), len(samples) - 1
    suspect = abs(motion.moved_dof) > MOST_MOVED_DOF and motion.evidence >= SUSPICIOUS
    early = [part for part in parts if part.frame < last]
    if not suspect and (not early or motion.ruled_out >= RULED_OUT):
        return None
    foci = np.array([part.focus_dof for part in early or parts])
    for sample in samples:
        nearest = np.abs(sample.position_dof - foci).min()
        usable = usable_field(sample.position_dof, sample.measurement)
        if usable and NEAR_DOF[0] <= nearest <= NEAR_DOF[1]:
            return Move(sample.position_dof, REASON)
    first = min(early or parts, key=lambda part: part.frame)
    beside = first.focus_dof + ASIDE_DOF
    return Move(beside if beside in window else first.focus_dof - ASIDE_DOF, REASON)


def frame_beside(
    samples: Sequence[Sample], parts: Sequence[SamplePart], window: Window
) -> Move | None:
    """Choose another frame, if the one that was to show a motion does not tell.

    A sample that has moved through focus may look the same there. It does not on the other side.

    Parameters
    ----------
    samples : sequence of Sample
        Frames of the search, in order of time; the last one was to show a motion.
    parts : sequence of SamplePart
        Altitudes that have been seen in focus.
    window : Window
        Positions that may be visited.

    Returns
    -------
    Move or None
        Where to take that frame; None where none is needed, or the window ends before.
    """
    motion, here = sample_motion(samples, parts), samples[-1].position_dof
    if motion.ruled_out >= HARDLY_RULED_OUT or has_moved(motion):
        return None
    focus = min((part.focus_dof for part in parts), key=lambda place: abs(place - here))
    beside = focus - np.copysign(ASIDE_DOF, here - focus)
    return Move(float(beside), REASON) if beside in window else None
