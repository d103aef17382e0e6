"""What a search says when it does not end in focus."""

import numpy as np
import pytest
from numpy.typing import NDArray

from bluesky_autofocus.measurement import Condition, Measurement
from bluesky_autofocus.search import Curve, Sample, Window
from bluesky_autofocus.search.refusals import bad_frames, flat, hidden
from bluesky_autofocus.verdict import Verdict

WINDOW = Window(-50.0, 50.0)


def level(positions: NDArray[np.float64]) -> Curve:
    return Curve(positions, np.ones(positions.size))


@pytest.mark.parametrize(
    "positions",
    [
        np.linspace(-50, 50, 21),
        np.linspace(-50, 50, 11),
        np.linspace(-50, 50, 21)[4:],
        np.linspace(-48, 41, 10),
    ],
)
def test_frames_over_most_of_the_window_show_that_there_is_no_texture(
    positions: NDArray[np.float64],
):
    outcome = flat(level(positions), 0.1, WINDOW)
    assert outcome.verdict is Verdict.NO_TEXTURE


@pytest.mark.parametrize(
    ("positions", "seen"),
    [
        (np.array([0.0]), "10%"),
        (np.array([-50.0, 50.0]), "10%"),
        (np.array([0.0, 0.1, 0.2, 5.2]), "15%"),
        (np.linspace(-50, 50, 21)[8:], "65%"),
        (np.array([-11.8, 11.8, -26.4, -35.4, -41, -44.4, -46.5, -47.9, -48.7, 0.0]), "59%"),
    ],
)
def test_frames_over_a_part_of_the_window_leave_it_open(positions: NDArray[np.float64], seen: str):
    outcome = flat(level(np.sort(positions)), 0.1, WINDOW)
    assert outcome.verdict is Verdict.NOT_CONVERGED
    assert (
        f"The search saw no clear peak, but only {seen} of the window; a sweep sees the whole "
        "window." in outcome.detail
    )


def test_a_window_of_less_than_a_depth_of_field_is_seen_with_few_frames():
    window = Window(0.0, 0.9)
    assert flat(level(np.array([0.2, 0.7])), 0.1, window).verdict is Verdict.NO_TEXTURE


def test_a_dark_frame_counts_whatever_its_sharpness():
    dark = tuple(
        Sample(x, Measurement(value, condition=Condition.TOO_DARK))
        for x, value in enumerate((float("nan"), 0.0, float("inf")))
    )
    outcome = bad_frames((*dark, Sample(9.0, Measurement(1.0))), 0.5)
    assert outcome is not None
    assert outcome.verdict is Verdict.TOO_DARK
    assert outcome.detail == "3 of 4 frames were too dark."
    assert bad_frames((*dark, Sample(9.0, Measurement(1.0))), 0.8) is None


def test_a_saturated_frame_hides_what_is_sharper_only_in_the_peak():
    bright = Measurement(1.0, condition=Condition.SATURATED)
    samples = (Sample(-9.0, bright), Sample(0.0, Measurement(2.0)), Sample(3.0, bright))
    outcome = hidden(samples, -5.0, 5.0)
    assert outcome is not None
    assert outcome.verdict is Verdict.SATURATED
    assert "1 of 2 frames in the peak" in outcome.detail
    assert hidden(samples, -5.0, 2.0) is None
