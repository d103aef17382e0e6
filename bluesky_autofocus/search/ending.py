"""How every search ends: look again at both sides of the peak, go to it, and judge."""

import numpy as np

from ..verdict import Outcome, Side, Verdict
from .bracket import BRACKET_FRAMES, LEAST_FALL, bracket, flank
from .curve import Curve
from .protocol import Move, Window
from .refusals import bad_frames, flat, hidden, lost, not_converged, not_falling
from .steps import Sample, Steps
from .summit import RETURN_FRAMES, VISITS, Summit, go_to_peak

__all__ = ["ENDING_FRAMES", "ending"]

# A curve is flat below this share of its level: illumination and recorded scenes vary by a few
# percent without any focus in them.
LEAST_CONTRAST = 0.05
# Below this a difference of two values may vanish when it is squared.
LEAST_HEIGHT = 1e-100
# Heights that noise alone does not reach, in standard deviations; those are known less well from
# few samples, which doubles the first height at six of them.
SIGMAS = 5.0
FEW_SAMPLES = 6
PEAK_SIGMAS = 3.0
# A second frame has to share the peak by this much of its height.
SHARED_HEIGHT = 0.02
SHARED_SIGMAS = 3.0
LEAST_SAMPLES = 3
# The rise has to be this many times what the repeated frames changed by; unless it is clear, by
# that count and by its share of the level, and where it is fitted, all is looked at twice.
LEAST_SIGMAS = 2.0
CLEAR_SIGMAS = 6.0
CLEAR_RISE = 0.5
LOOKS = 2
ENDING_FRAMES = BRACKET_FRAMES + LOOKS * (2 + VISITS) + RETURN_FRAMES


def ending(
    explored: tuple[Sample, ...], window: Window, tolerance_dof: float, approach: Side
) -> Steps[Outcome]:
    """End a search after its exploration.

    Values met earlier do not make a verdict: noise, a drift of the lamp and a sample that moves
    all leave a greatest value somewhere. So the two sides and the peak are looked at once more,
    one after the other, and only if the rise is there again is the sample in focus; and only where
    no frame before was clearly sharper, see `go_to_peak`.

    Parameters
    ----------
    explored : tuple of Sample
        Frames of the exploration.
    window : Window
        Positions that may be visited.
    tolerance_dof : float
        How far the last frame may lie from the fitted peak.
    approach : Side
        Side from which positions are approached: that side is looked at last.

    Returns
    -------
    Outcome
        The verdict.

    Yields
    ------
    Move
        At most `ENDING_FRAMES` of them.
    """
    explored = yield from bracket(explored, window, tolerance_dof)
    curve = Curve.of(explored)
    if curve is None or np.unique(curve.positions).size < LEAST_SAMPLES:
        return bad_frames(explored, 0.5) or not_converged(
            f"Of {len(explored)} frames too few gave a number at different positions."
        )
    noise = _height_of_noise(curve)
    if curve.height < noise:
        return bad_frames(explored, 0.5) or flat(curve, noise, window)
    if not _is_wider_than_one_frame(curve):
        return bad_frames(explored, 0.5) or not_converged(
            f"One frame alone is sharper than the others, {curve.top_value:.3g} against "
            f"{np.sort(curve.values)[-2]:.3g}."
        )
    flanks: list[tuple[Side, float, float | None]] = []
    for side in (Side.HIGH, Side.LOW) if approach is Side.LOW else (Side.LOW, Side.HIGH):
        place = flank(curve, side, window, tolerance_dof)
        if place is None:
            return not_falling(curve, side, window)
        flanks.append((side, *place))
    (_, one, _), (_, other, _) = flanks
    if refusal := hidden(explored, min(one, other), max(one, other)):
        return refusal

    summit = Summit(explored)
    least = max(noise, LEAST_FALL * curve.height)
    foot = curve.base
    for _ in range(LOOKS):
        foot, changes = -np.inf, []
        for index, (side, position, before) in enumerate(flanks):
            last = yield Move(position, f"look again at the {side} side")
            summit = summit.after(last)
            if not last.usable:
                return lost(last)
            if curve.top_value - last.sharpness < least:
                return not_falling(curve, side, window)
            foot = max(foot, last.sharpness)
            if before is not None:
                changes.append(last.sharpness - before)
            flanks[index] = (side, position, last.sharpness)
        summit = yield from go_to_peak(summit, window, tolerance_dof)
        last = summit.last
        if not last.usable:
            return lost(last)
        changes.append(max(0.0, curve.top_value - last.sharpness))
        noise = max(noise, _height_of_noise(summit.curve))
        change = float(np.sqrt(np.mean(np.square(changes))))
        risen = last.sharpness - foot
        expected = max(least, noise, LEAST_SIGMAS * change, 0.5 * (curve.top_value - foot))
        if risen < expected:
            return not_converged(
                f"The sharpness rose by {risen:.3g} from both sides to the peak; {expected:.3g} "
                "was to be expected."
            )
        clear = max(CLEAR_RISE * curve.level, 2 * noise, CLEAR_SIGMAS * change)
        if risen >= clear and len(changes) == 1 + len(flanks) and not summit.returns:
            break
    last, around = summit.last, summit.curve.base
    times = (
        f"{last.sharpness / around:,.{0 if last.sharpness > 100 * around else 2}f} times that of"
        if around > 0.0
        else "higher than in"
    )
    return Outcome(
        Verdict.IN_FOCUS,
        position_dof=last.position_dof,
        expected_error_dof=summit.error_dof,
        detail=f"The sharpness is {times} its surroundings: {last.sharpness:.3g} against "
        f"{around:.3g}.",
    )


def _height_of_noise(curve: Curve) -> float:
    """Return the height above which a curve does not get by noise and light alone."""
    return max(
        LEAST_HEIGHT,
        LEAST_CONTRAST * curve.level,
        SIGMAS * (1 + FEW_SAMPLES / curve.values.size) * curve.noise,
        PEAK_SIGMAS * curve.peak_noise,
    )


def _is_wider_than_one_frame(curve: Curve) -> bool:
    """Tell whether a frame next to the top is above the tails too."""
    top, values = curve.top, curve.values
    beside = np.concatenate([values[max(top - 1, 0) : top], values[top + 1 : top + 2]])
    least = max(SHARED_HEIGHT * curve.height, SHARED_SIGMAS * curve.noise)
    return bool(np.any(beside - curve.base >= least))
