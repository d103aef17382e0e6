"""The picture of a search by belief."""

import numpy as np
import pytest

from bluesky_autofocus.belief import FocusBelief, FrameSpectrum, Observation, SpectrumLayout
from bluesky_autofocus.belief_figure import belief_figure
from bluesky_autofocus.estimator.distribution import GRID_Y
from bluesky_autofocus.scale import Scale

LAYOUT = SpectrumLayout(256, 256)
WINDOW = (-300.0, 200.0)
SCALE = Scale(5.0, "um")
FRAME = np.random.default_rng(1).integers(0, 255, (32, 48), dtype=np.uint8)


@pytest.fixture(scope="module")
def beliefs() -> list[FocusBelief]:
    """Of frames 9 and 4 depths of field above a focus at 1."""
    belief = FocusBelief(SCALE.to_dof(WINDOW[0]), SCALE.to_dof(WINDOW[1]))
    out = []
    for position, y in ((10.0, 3.1), (5.0, 2.3)):
        p = np.exp(-0.5 * ((GRID_Y - y) / 0.1) ** 2)
        power = 1e-4 + LAYOUT.low_per_px ** (-y / 2) * 1e-5
        belief = belief.ingest(
            position,
            Observation(
                sharpness=0.5,
                spectrum=FrameSpectrum(LAYOUT, power),
                sampling_q=1.0,
                probabilities=p / p.sum(),
            ),
        )
        out.append(belief)
    return out


def test_each_step_has_its_line_and_the_probability_at_its_place(beliefs):
    figure = belief_figure(
        FRAME,
        FRAME,
        [50.0, 25.0],
        [belief.posterior for belief in beliefs],
        scale=SCALE,
        window=WINDOW,
        title="a run",
        reference=(5.0, "true focus"),
    )
    figure.canvas.draw()
    _, _, whole, near = figure.axes
    assert whole.get_xlim() == WINDOW
    assert [text.get_text() for text in whole.get_yticklabels()] == ["1", "2"]
    assert all(text.get_text().endswith("%") for text in near.get_yticklabels())
    low, high = near.get_xlim()
    assert low < SCALE.to_stage(beliefs[-1].posterior.best_dof) < high
    assert whole.get_xlabel() == "focus position (um)"
    curves = [line for line in whole.lines if len(np.asarray(line.get_xdata())) > 2]
    assert len(curves) == 2
    first = curves[0]
    x, y = np.asarray(first.get_xdata()), -np.asarray(first.get_ydata())
    # After one frame focus is 9 depths of field to either side, and nowhere between.
    assert y[np.argmin(abs(x - 5))] > 0.5 and y[np.argmin(abs(x - 95))] > 0.5
    assert y[np.argmin(abs(x - 50))] < 0.1
