"""How every search ends: look again at both sides of the peak, go to it, and judge."""

from math import hypot

import numpy as np

from ..verdict import Outcome, Side, Verdict
from .curve import Curve
from .peak import fit_peak
from .protocol import Move, Window
from .refusals import bad_frames, flat, lost, not_converged, not_falling
from .steps import Sample, Steps

__all__ = ["ENDING_FRAMES", "ending"]

# A curve is flat below this share of its level: illumination and recorded scenes vary by a few
# percent without any focus in them.
LEAST_CONTRAST = 0.05
# Below this a difference of two values may vanish when it is squared.
LEAST_HEIGHT = 1e-100
# A peak falls by this share of its height on either side inside the window.
LEAST_FALL = 0.2
# A side is looked at again where the curve has fallen to this share of its height.
FLANK_HEIGHT = 0.3
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
# that count and by its share of the level, all is looked at twice. A second visit is for a peak
# that the first one shows to lie elsewhere.
LEAST_SIGMAS = 2.0
CLEAR_SIGMAS = 6.0
CLEAR_RISE = 0.5
LOOKS = 2
VISITS = 2
# The top is to have lower neighbours on both sides, neither so many times farther than the other
# or than a plateau is wide.
UNEVEN_GAPS = 3.0
BRACKET_FRAMES = 4
ENDING_FRAMES = BRACKET_FRAMES + LOOKS * (2 + VISITS)


def ending(
    explored: tuple[Sample, ...], window: Window, tolerance_dof: float, approach: Side
) -> Steps[Outcome]:
    """End a search after its exploration.

    Values met earlier do not make a verdict: noise, a drift of the lamp and a sample that moves
    all leave a greatest value somewhere. So the two sides and the peak are looked at once more,
    one after the other, and only if the rise is there again is the sample in focus.

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

    Yields
    ------
    Move
        At most `ENDING_FRAMES` of them.

    Returns
    -------
    Outcome
        The verdict.
    """
    explored = yield from _bracket(explored, window, tolerance_dof)
    curve = Curve.of(explored)
    if curve is None or np.unique(curve.positions).size < LEAST_SAMPLES:
        return bad_frames(explored, 0.5) or not_converged(
            f"Of {len(explored)} frames too few gave a number at different positions."
        )
    noise = _height_of_noise(curve)
    if curve.height < noise:
        return bad_frames(explored, 0.5) or flat(curve, noise)
    if not _is_wider_than_one_frame(curve):
        return bad_frames(explored, 0.5) or not_converged(
            f"One frame alone, at {curve.top_position:.4g}, is sharper than the others."
        )
    flanks: list[tuple[Side, float, float | None]] = []
    for side in (Side.HIGH, Side.LOW) if approach is Side.LOW else (Side.LOW, Side.HIGH):
        flank = _flank(curve, side, window, tolerance_dof)
        if flank is None:
            return not_falling(curve, side, window)
        flanks.append((side, *flank))

    samples = explored
    least = max(noise, LEAST_FALL * curve.height)
    last, foot = samples[-1], curve.base
    for _ in range(LOOKS):
        foot, changes = -np.inf, []
        for index, (side, position, before) in enumerate(flanks):
            last = yield Move(position, f"look again at the {side} side")
            samples += (last,)
            if not last.usable:
                return lost(last)
            if curve.top_value - last.sharpness < least:
                return not_falling(curve, side, window)
            foot = max(foot, last.sharpness)
            if before is not None:
                changes.append(last.sharpness - before)
            flanks[index] = (side, position, last.sharpness)
        for visit in range(VISITS):
            target = window.clip(fit_peak(Curve.of(samples) or curve).position_dof)
            if visit and abs(target - last.position_dof) <= tolerance_dof:
                break
            last = yield Move(target, "confirm nearer" if visit else "confirm")
            samples += (last,)
            if not last.usable:
                return lost(last)
        changes.append(max(0.0, curve.top_value - last.sharpness))
        seen = Curve.of(samples) or curve
        noise = max(noise, _height_of_noise(seen))
        change = float(np.sqrt(np.mean(np.square(changes))))
        risen = last.sharpness - foot
        expected = max(least, noise, LEAST_SIGMAS * change, 0.5 * (curve.top_value - foot))
        if risen < expected:
            return not_converged(
                f"At {last.position_dof:.4g} the sharpness rose by {risen:.3g} over both sides; "
                f"{expected:.3g} was to be expected."
            )
        clear = max(CLEAR_RISE * curve.level, 2 * noise, CLEAR_SIGMAS * change)
        if risen >= clear and len(changes) == 1 + len(flanks):
            break
    peak = fit_peak(Curve.of(samples) or curve)
    error = hypot(peak.error_dof, peak.position_dof - last.position_dof)
    return Outcome(
        Verdict.IN_FOCUS,
        position_dof=last.position_dof,
        expected_error_dof=error,
        detail=f"The sharpness peaks at {last.position_dof:.4g} ± {error:.2g} depths of field: "
        f"{last.sharpness:.3g}, and {foot:.3g} at its sides.",
    )


def _bracket(
    explored: tuple[Sample, ...], window: Window, tolerance_dof: float
) -> Steps[tuple[Sample, ...]]:
    """Step out from the top on a side where its next lower neighbour is too far.

    A search that closes in from one side may stop short of the peak or step over it, and one
    that meets a plateau may stop on it.
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


def _flank(
    curve: Curve, side: Side, window: Window, tolerance_dof: float
) -> tuple[float, float | None] | None:
    """Choose where to look again, with what was seen there before, if anything.

    Nothing is chosen if the top lies at the end of the window.
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
