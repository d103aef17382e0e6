"""A sample of one texture whose frames follow the model of the belief, at any stage position."""

from collections.abc import Callable

import numpy as np
import pytest

from bluesky_autofocus.belief import FrameSpectrum, Observation, SpectrumLayout
from bluesky_autofocus.belief.transfer_table import transfer_table
from bluesky_autofocus.estimator.distribution import GRID_Y
from bluesky_autofocus.optics.axis import to_y

Sample = Callable[[float], Observation]

LAYOUT = SpectrumLayout(512, 512)
SAMPLING_Q = 1.0


@pytest.fixture
def sample() -> Callable[..., Sample]:
    """Return what makes samples, by focus position, contrast and seed."""

    def make(focus_dof: float, *, contrast: float = 0.5, seed: int = 0) -> Sample:
        rng = np.random.default_rng(seed)
        bias = 0.15 * rng.normal()
        middle = (LAYOUT.low_per_px + LAYOUT.high_per_px) / 2
        texture = contrast**2 * middle**-1.5
        noise = 2e-4

        def frame(position_dof: float) -> Observation:
            u = position_dof - focus_dof
            left = transfer_table(LAYOUT, SAMPLING_Q).power(np.array([u]))[0]
            power = texture * left + noise
            power = power * rng.gamma(LAYOUT.modes * 4) / (LAYOUT.modes * 4)
            y = float(to_y(u))
            std = 0.12 + 0.3 * min(y / 5, 1) ** 2
            centre = y + std * rng.normal() + bias * min(y / 2.5, 1)
            p = np.exp(-0.5 * ((GRID_Y - centre) / std) ** 2) + 1e-9
            return Observation(
                sharpness=1 - y / 5.6,
                spectrum=FrameSpectrum(LAYOUT, power),
                sampling_q=SAMPLING_Q,
                probabilities=p / p.sum(),
                in_focus=abs(u) < 0.5,
            )

        return frame

    return make
