"""Where a peak falls on either side."""

import numpy as np

from ..verdict import Side
from .curve import Curve
from .protocol import Move, Window
from .steps import Sample, Steps

__all__ = ["BRACKET_FRAMES", "LEAST_FALL", "bracket", "flank"]

# A peak falls by this share of its height on either side inside the window.
LEAST_FALL = 0.2
# A side is looked at again where the curve has fallen to this share of its height.
FLANK_HEIGHT = 0.3
# The top is to have lower neighbours on both sides, neither so many times farther than the other
# or than a plateau is wide.
UNEVEN_GAPS = 3.0
BRACKET_FRAMES = 4


def bracket(
    explored: tuple[Sample, ...], window: Window, tolerance_dof: float
) -> Steps[tuple[Sample, ...]]:
    """Step out from the top on a side where its next lower neighbour is too far.

    A search that closes in from one side may stop short of the peak or step over it, and one
    that meets a plateau may stop on it.

    Parameters
    ----------
    explored : tuple of Sample
        Frames so far.
    window : Window
        Positions that may be visited.
    tolerance_dof : float
        Distance below which two positions are the same.

    Returns
    -------
    tuple of Sample
        All frames.

    Yields
    ------
    Move
        At most `BRACKET_FRAMES` of them.
    """
    for _ in range(BRACKET_FRAMES):
        curve = Curve.of(explored)
        if curve is None:
            break
        left, right = (float(curve.positions[index]) for index in curve.plateau)
        others = [
            sample.position_dof
            for sample in explored
            if sample.is_number and not (sample.usable and sample.sharpness == curve.top_value)
        ]
        lower = [x for x in others if x < left - tolerance_dof]
        upper = [x for x in others if x > right + tolerance_dof]
        below = left - max(lower, default=window.low_dof)
        above = min(upper, default=window.high_dof) - right
        far, near = max(below, above), min(below, above)
        if near < tolerance_dof:
            break
        if right - left > tolerance_dof:
            near = min(near, right - left)
        if far <= max(UNEVEN_GAPS * near, 4 * tolerance_dof):
            break
        step = min(UNEVEN_GAPS * near, far / 2)
        target = right + step if above > below else left - step
        explored += ((yield Move(target, "look for a fall beside the peak")),)
    return explored


def flank(
    curve: Curve, side: Side, window: Window, tolerance_dof: float
) -> tuple[float, float | None] | None:
    """Choose where to look again, with what was seen there before, if anything.

    Nothing is chosen if the top lies at the end of the window.

    Parameters
    ----------
    curve : Curve
        Usable samples.
    side : Side
        Side of the top.
    window : Window
        Positions that may be visited.
    tolerance_dof : float
        Distance from the end of the window that counts as at the end.

    Returns
    -------
    (float, float or None) or None
        Position, and sharpness seen there.
    """
    end = window.low_dof if side is Side.LOW else window.high_dof
    if abs(curve.top_position - end) <= tolerance_dof:
        return None
    beyond = curve.side(side)
    if beyond.values.size == 0:
        return end, None
    chosen = int(np.argmin(beyond.values))
    low = np.flatnonzero(beyond.values <= curve.base + FLANK_HEIGHT * curve.height)
    if low.size:
        # The nearest but one: beside the nearest there may be a cliff, as between two planes.
        outward = low[::-1] if side is Side.LOW else low
        chosen = int(outward[min(1, low.size - 1)])
    elif curve.top_value - beyond.values[chosen] < LEAST_FALL * curve.height:
        return end, None
    return window.clip(float(beyond.positions[chosen])), float(beyond.values[chosen])
