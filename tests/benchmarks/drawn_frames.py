"""Frames that are drawn at random instead of rendered: what a camera and the estimator might say.

The spectrum follows the defocused transfer function, the estimate errs as the estimator does on
textures that it does not know; then comes what goes wrong: light, noise, drift, a frozen camera,
values that are no numbers.
"""

from dataclasses import replace
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from bluesky_autofocus.belief import FrameSpectrum, Observation, SpectrumLayout
from bluesky_autofocus.belief.transfer_table import transfer_table
from bluesky_autofocus.estimator.distribution import BINS, GRID_Y
from bluesky_autofocus.estimator.estimate import IN_FOCUS_DOF, mass_within
from bluesky_autofocus.measurement import SATURATED_SHARE, Condition
from bluesky_autofocus.optics.axis import to_y

__all__ = ["KINDS", "DrawnFrames"]

KINDS = {
    "textured": 0.5,
    "faint": 0.12,
    "clipped": 0.08,
    "blank": 0.08,
    "dark": 0.04,
    "saturated": 0.04,
    "changing light": 0.05,
    "jumping": 0.03,
    "frozen": 0.03,
    "garbage": 0.03,
}
"""What can be under the objective, and how often it is."""

LAYOUT = SpectrumLayout(512, 512)
MIDDLE = (LAYOUT.low_per_px + LAYOUT.high_per_px) / 2
BANDS = MIDDLE.size
# What the belief takes for the sampling, and what it is: optics are known to some percent.
SAMPLINGS = ((0.7, 0.7), (1.0, 1.04), (1.0, 0.96), (1.6, 1.6))
NODES = np.array([-0.5, -0.25, 0.0, 0.25, 0.5])
IN_FOCUS_SHARE = 0.5


class DrawnFrames:
    """Frames of one sample, in order of time.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    focus_dof : float
        Where focus is at the beginning, depths of field.
    rng : numpy.random.Generator
        Draws everything.
    """

    def __init__(self, kind: str, focus_dof: float, rng: np.random.Generator) -> None:
        self.kind = kind
        self.focus_dof = focus_dof
        self.distance_dof = inf
        self._rng = rng
        self._known_q, self._true_q = SAMPLINGS[int(rng.integers(len(SAMPLINGS)))]
        contrast = 0.0 if kind == "blank" else float(np.exp(rng.uniform(np.log(0.1), 0)))
        if kind == "faint":
            contrast *= 0.1
        rough = np.exp(rng.uniform(0, 0.8) * rng.normal(size=BANDS))
        self._texture = 0.05 * contrast**2 * MIDDLE ** -rng.uniform(1, 2.2) * rough
        self._noise = float(10 ** rng.uniform(-4.5, -2.5))
        self._uneven = float(10 ** rng.uniform(-4, -1)) if rng.random() < 0.5 else 0.0
        self._bias_y = 0.2 * float(rng.normal())
        self._thick_dof = float(rng.uniform(0, 1)) if rng.random() < 0.3 else 0.0
        self._flicker = float(rng.choice([0.0, 0.02, 0.1]))
        self._drift_dof = float(rng.choice([0.0, 0.02, 0.05]))
        self._clipped = float(rng.uniform(0, 0.3)) if kind == "clipped" else 0.0
        self._event = int(rng.integers(1, 8))
        self._edge_dof = focus_dof + float(rng.normal(0, 10))
        self._frames = 0
        self._last: Observation | None = None

    def take(self, position_dof: float) -> Observation:
        """Take a frame; afterwards ``distance_dof`` says how far from focus it was.

        Parameters
        ----------
        position_dof : float
            Where the sample is, depths of field.

        Returns
        -------
        Observation
            What is seen.
        """
        rng = self._rng
        self._frames += 1
        self.focus_dof += self._drift_dof * float(rng.normal())
        if self.kind == "jumping" and self._frames == self._event:
            self.focus_dof += float(rng.normal(0, 5))
        self.distance_dof = position_dof - self.focus_dof
        if self.kind == "frozen" and self._frames > self._event and self._last is not None:
            return self._last
        seen = self._spoiled(self._seen(position_dof), position_dof)
        self._last = seen
        return seen

    def _seen(self, position_dof: float) -> Observation:
        rng, u = self._rng, self.distance_dof
        light = float(np.exp(self._flicker * rng.normal()))
        table = transfer_table(LAYOUT, self._true_q)
        left = table.power(u + self._thick_dof * NODES).mean(axis=0)
        clipped = self._clipped * float(np.exp(-0.1 * abs(u)))
        error = np.cumsum(rng.normal(0, 0.03, BANDS)) + rng.normal(0, 0.05 + clipped, BANDS)
        power = self._texture * left * np.exp(error) + self._noise / light
        power[:2] += self._uneven
        power *= rng.gamma(LAYOUT.modes) / LAYOUT.modes
        spectrum = FrameSpectrum(LAYOUT, power)
        p = self._estimate(u, spectrum.has_signal)
        condition = Condition.SATURATED if clipped > SATURATED_SHARE else Condition.GOOD
        return Observation(
            sharpness=float(LAYOUT.modes * MIDDLE**2 @ power),
            mean_fraction=0.4 * light,
            saturated_fraction=clipped,
            condition=condition,
            spectrum=spectrum,
            sampling_q=self._known_q,
            probabilities=p,
            nothing=not spectrum.has_signal,
            in_focus=condition is Condition.GOOD
            and spectrum.has_signal
            and float(mass_within(p, IN_FOCUS_DOF)) >= IN_FOCUS_SHARE,
        )

    def _estimate(self, u_dof: float, signal: bool) -> NDArray[np.float64]:
        rng, y = self._rng, float(to_y(u_dof))
        std = 0.12 + 0.3 * min(y / 5, 1) ** 2
        centre = y + std * float(rng.normal()) + self._bias_y * min(y / 2.5, 1)
        if not signal or self.kind == "blank":
            # What light and dirt alone show has nothing to do with focus.
            centre, std = float(rng.uniform(3, 5.6)), 0.8
        elif rng.random() < 0.01:
            centre = float(rng.uniform(0, 5.6))
        p = np.exp(-0.5 * ((GRID_Y - centre) / std) ** 2) + 1e-6
        return p / p.sum()

    def _spoiled(self, seen: Observation, position_dof: float) -> Observation:
        rng = self._rng
        bad = self.kind in ("dark", "saturated")
        dark = self.kind == "dark"
        if self.kind == "changing light":
            # In turn by place and by chance: a bright facet, or a shutter that sticks.
            by_place = self._event % 2 == 0
            bad = position_dof > self._edge_dof if by_place else rng.random() < 0.3
            dark = self._event > 4
        if bad:
            condition = Condition.TOO_DARK if dark else Condition.SATURATED
            clipped = 0.0 if dark else float(rng.uniform(0.2, 1))
            power = seen.spectrum.power * np.exp(clipped * rng.normal(size=BANDS))
            if dark or clipped > 0.5:
                power = 1e-2 * rng.gamma(LAYOUT.modes) / LAYOUT.modes
            return replace(
                seen,
                condition=condition,
                saturated_fraction=clipped,
                in_focus=False,
                spectrum=FrameSpectrum(LAYOUT, power),
            )
        if self.kind == "garbage" and rng.random() < 0.4:
            return _garbage(seen, rng)
        return seen


def _garbage(seen: Observation, rng: np.random.Generator) -> Observation:
    """Replace a part of an observation by what no frame has."""
    power = seen.spectrum.power.copy()
    power[int(rng.integers(BANDS))] = float(rng.choice([nan, inf, -1.0]))
    return (
        replace(seen, sharpness=float(rng.choice([nan, inf, -inf, 1e308]))),
        replace(seen, spectrum=FrameSpectrum(LAYOUT, power)),
        replace(seen, spectrum=FrameSpectrum(LAYOUT, np.zeros(BANDS))),
        replace(seen, probabilities=np.full(BINS, nan)),
        replace(seen, probabilities=np.zeros(BINS)),
        replace(seen, saturated_fraction=nan),
    )[int(rng.integers(6))]
