"""How every search ends: look again at both sides of the peak, go to it, and judge."""

from collections import Counter
from dataclasses import dataclass
from math import hypot

import numpy as np

from ..measurement import Condition
from ..verdict import Outcome, Side, Verdict
from .curve import Curve, Sample
from .peak import fit_peak
from .protocol import Move, Window

__all__ = ["ENDING_FRAMES", "Ending"]

# Two flanks, and two goes at the peak.
ENDING_FRAMES = 4
# A curve is flat below this share of its level: illumination and recorded scenes vary by a few
# percent without any focus in them.
LEAST_CONTRAST = 0.05
# A peak falls by this share of its height on either side inside the window.
LEAST_FALL = 0.2
# A flank is looked at again where the curve has fallen to this share of its height.
FLANK_HEIGHT = 0.3
# Heights that noise alone does not reach, in standard deviations.
TAIL_SIGMAS = 5.0
TOP_SIGMAS = 3.0
LEAST_SAMPLES = 3
BAD_LIGHT = {Condition.SATURATED: Verdict.SATURATED, Condition.TOO_DARK: Verdict.TOO_DARK}


@dataclass(frozen=True)
class Ending:
    """The end of a search, after its own exploration.

    Values met earlier do not make a verdict: noise, a drift of the lamp and a scene that moves
    all leave a greatest value somewhere. So the two flanks and the peak are looked at once more,
    one after the other, and only if the rise is there again is the sample in focus.

    Parameters
    ----------
    window : Window
        Positions that may be visited.
    tolerance_dof : float
        How far the last frame may lie from the fitted peak.
    approach : Side
        Side from which positions are approached: the flank on that side comes last.
    explored : tuple of Sample
        Frames of the exploration.
    taken : tuple of Sample
        Frames of the ending so far.
    """

    window: Window
    tolerance_dof: float
    approach: Side
    explored: tuple[Sample, ...]
    taken: tuple[Sample, ...]

    def suggest(self) -> Move | Outcome:
        """Return the next position, or the outcome."""
        curve = Curve.of(self.explored)
        if curve is None or np.unique(curve.positions).size < LEAST_SAMPLES:
            return self._bad_frames() or _not_converged(
                f"Of {len(self.explored)} frames too few gave a number."
            )
        needed = _least_rise(curve)
        if curve.height < needed:
            return self._mostly_bad() or _flat(curve, needed)
        sides = (Side.HIGH, Side.LOW) if self.approach is Side.LOW else (Side.LOW, Side.HIGH)
        flanks = {side: self._flank(curve, side) for side in sides}
        for side in sides:
            if flanks[side] is None:
                return self._beyond(curve, side)
        for side, sample in zip(sides, self.taken, strict=False):
            if not sample.usable:
                return self._lost(sample)
            if curve.top_value - sample.sharpness < max(needed, LEAST_FALL * curve.height):
                return self._beyond(curve, side)
        if len(self.taken) < len(sides):
            side = sides[len(self.taken)]
            return Move(flanks[side] or 0.0, f"look again at the {side} side")
        return self._at_the_peak(curve, needed)

    def _at_the_peak(self, curve: Curve, needed: float) -> Move | Outcome:
        flanks, visits = self.taken[:2], self.taken[2:]
        whole = Curve.of(self.explored + self.taken) or curve
        peak = fit_peak(whole)
        target = self.window.clip(peak.position_dof)
        if not visits:
            return Move(target, "confirm")
        last = visits[-1]
        if not last.usable:
            return self._lost(last)
        foot = max(sample.sharpness for sample in flanks)
        expected = curve.top_value - foot
        rise = last.sharpness - foot
        risen = rise >= max(needed, LEAST_FALL * curve.height, 0.5 * expected)
        off = abs(target - last.position_dof)
        if len(visits) < 2 and (not risen or off > self.tolerance_dof):
            return Move(target, "confirm again")
        if not risen:
            return _not_converged(
                f"At {last.position_dof:.4g} the sharpness rose by {rise:.3g} over its "
                f"surroundings, {max(needed, 0.5 * expected):.3g} was to be expected."
            )
        error = hypot(peak.error_dof, off)
        return Outcome(
            Verdict.IN_FOCUS,
            position_dof=last.position_dof,
            expected_error_dof=error,
            detail=(
                f"The sharpness peaks at {last.position_dof:.4g} ± {error:.2g} depths of field, "
                f"{last.sharpness / foot:.3g} times its surroundings."
                if foot > 0
                else f"The sharpness peaks at {last.position_dof:.4g} ± {error:.2g}."
            ),
        )

    def _flank(self, curve: Curve, side: Side) -> float | None:
        """Choose where to look again, or None if the top lies at the end of the window."""
        end = self.window.low_dof if side is Side.LOW else self.window.high_dof
        if abs(curve.top_position - end) <= self.tolerance_dof:
            return None
        beyond = curve.side(side)
        if beyond.values.size:
            low = beyond.values <= curve.base + FLANK_HEIGHT * curve.height
            order = slice(None, None, -1) if side is Side.LOW else slice(None)
            near = beyond.positions[order][low[order]]
            if near.size:
                return self.window.clip(float(near[0]))
            lowest = int(np.argmin(beyond.values))
            if curve.top_value - beyond.values[lowest] >= LEAST_FALL * curve.height:
                return self.window.clip(float(beyond.positions[lowest]))
        return end

    def _beyond(self, curve: Curve, side: Side) -> Outcome:
        """Judge a curve that does not fall towards one side."""
        here = curve.top_position
        outside = [
            sample
            for sample in self.explored + self.taken
            if sample.is_number
            and not sample.usable
            and (sample.position_dof < here) == (side is Side.LOW)
        ]
        if outside:
            kind, count = Counter(s.measurement.condition for s in outside).most_common(1)[0]
            return Outcome(
                BAD_LIGHT[kind],
                detail=f"The sharpness rises to {here:.4g}, and {count} frames beyond it are "
                f"{kind.value.replace('_', ' ')}.",
            )
        end = self.window.low_dof if side is Side.LOW else self.window.high_dof
        reach = abs(here - end) / self.window.width_dof
        if reach > 0.25:
            return _not_converged(
                f"The peak seen at {here:.4g} did not fall off again towards the {side} side."
            )
        return Outcome(
            Verdict.OUT_OF_RANGE,
            side=side,
            detail=f"The sharpness rises from {curve.base:.3g} to {curve.top_value:.3g} towards "
            f"the {side} end of the window, {end:.4g}, and does not fall again before it.",
        )

    def _lost(self, sample: Sample) -> Outcome:
        condition = sample.measurement.condition
        if sample.is_number and condition in BAD_LIGHT:
            return Outcome(
                BAD_LIGHT[condition],
                detail=f"The frame at {sample.position_dof:.4g} was "
                f"{condition.value.replace('_', ' ')} when the peak was looked at again.",
            )
        return _not_converged("The sharpness was not a number when the peak was looked at again.")

    def _mostly_bad(self) -> Outcome | None:
        bad = sum(not sample.usable for sample in self.explored)
        return self._bad_frames() if 2 * bad >= len(self.explored) else None

    def _bad_frames(self) -> Outcome | None:
        """Name the light as the reason if frames were bad for it more often than for others."""
        kinds = Counter(
            sample.measurement.condition if sample.is_number else None
            for sample in self.explored
            if not sample.usable
        )
        if not kinds:
            return None
        kind, count = kinds.most_common(1)[0]
        if kind is None:
            return None
        return Outcome(
            BAD_LIGHT[kind],
            detail=f"{count} of {len(self.explored)} frames were {kind.value.replace('_', ' ')}.",
        )


def _least_rise(curve: Curve) -> float:
    """Return the rise that noise and light alone do not reach."""
    return max(
        LEAST_CONTRAST * curve.level,
        TAIL_SIGMAS * curve.tail_noise,
        TOP_SIGMAS * curve.top_noise,
    )


def _flat(curve: Curve, needed: float) -> Outcome:
    return Outcome(
        Verdict.NO_TEXTURE,
        detail=f"The sharpness varies by {curve.height:.3g} about {curve.base:.3g} over "
        f"{curve.values.size} frames; {needed:.3g} is needed to tell it from noise."
        + _trend(curve),
    )


def _trend(curve: Curve) -> str:
    """Say which way a flat curve leans, if its slope is beyond doubt."""
    x = curve.positions - curve.positions.mean()
    y = curve.values - curve.values.mean()
    spread = float(x @ x)
    if curve.values.size < 8 or spread == 0.0:
        return ""
    slope = float(x @ y) / spread
    scatter = float(np.sum((y - slope * x) ** 2)) / (x.size - 2) / spread
    if abs(slope) <= TAIL_SIGMAS * scatter**0.5 or slope == 0.0:
        return ""
    return f" It leans towards the {Side.HIGH if slope > 0 else Side.LOW} end."


def _not_converged(detail: str) -> Outcome:
    return Outcome(Verdict.NOT_CONVERGED, detail=detail)
