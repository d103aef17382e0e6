"""Play, scatter, peak and exposure from curves whose truth is known."""

import numpy as np
import pytest

from bluesky_autofocus.calibration import (
    Play,
    Scatter,
    advise_exposure,
    measure_play,
    measure_scatter,
    steepest_position,
    sweep_peak,
)
from bluesky_autofocus.errors import CalibrationError

Z = np.linspace(-20, 20, 21)
STEP = 2.0


def sharpness(true, seed=0, noise=0.01):
    """A curve of sharpness with a peak at 3, with noise of its own on each frame."""
    scatter = np.random.default_rng(seed).normal(0, noise, np.shape(true))
    return np.exp(scatter) * 100 / (1 + ((np.asarray(true) - 3) / 4) ** 2)


@pytest.mark.parametrize("play", [0.0, 0.7, 5.3])
def test_play_is_the_shift_between_the_two_directions(play):
    found = measure_play((Z, sharpness(Z, 1)), (Z, sharpness(Z + play, 2)), step=STEP)
    assert isinstance(found, Play)
    assert found.value == pytest.approx(play, abs=0.1)
    assert found.std < 0.1
    assert found.seen == (play > 0)
    assert found.enough > play


def test_play_of_the_wrong_sign_is_none():
    said = measure_play((Z, sharpness(Z, 1)), (Z, sharpness(Z - 4, 2)), step=STEP)
    assert isinstance(said, str) and "drift" in said


def test_drift_makes_play_less_certain():
    sweeps = (Z, sharpness(Z, 1)), (Z, sharpness(Z + 2, 2))
    sure, drifted = measure_play(*sweeps, step=STEP), measure_play(*sweeps, step=STEP, drift=1.0)
    assert isinstance(sure, Play) and isinstance(drifted, Play)
    assert drifted.std == pytest.approx(0.5, rel=0.1) and sure.std < 0.1


def test_play_needs_both_directions():
    said = measure_play((Z, sharpness(Z)), ([], []), step=STEP)
    assert isinstance(said, str) and "0 from above" in said


def repeats(position_noise, frame_noise, offset=0.0):
    rng = np.random.default_rng(5)
    true = np.repeat(8.0 + offset + rng.normal(0, position_noise, 40), 2)
    return np.repeat(np.arange(40), 2).tolist(), np.full(80, 8.0), sharpness(true, 6, frame_noise)


def test_position_noise_is_told_from_frame_noise():
    curve = Z, sharpness(Z, noise=0)
    found = measure_scatter(*repeats(0.3, 0.02), curve)
    assert isinstance(found, Scatter)
    assert found.carriage == pytest.approx(0.3, rel=0.3)
    assert found.readback == 0
    assert abs(found.drift) < 4 * found.drift_std
    quiet = measure_scatter(*repeats(0.0, 0.02), curve)
    assert isinstance(quiet, Scatter)
    assert quiet.carriage < 0.08


def test_drift_shows_between_sweep_and_repeats():
    found = measure_scatter(*repeats(0.05, 0.005, offset=1.0), (Z, sharpness(Z, noise=0)))
    assert isinstance(found, Scatter)
    assert found.drift == pytest.approx(1.0, abs=0.2)


def test_scatter_needs_repeats():
    assert isinstance(measure_scatter([], [], [], (Z, sharpness(Z))), str)


def test_peak_and_flank():
    assert sweep_peak(Z[::-1], sharpness(Z[::-1]), "um") == pytest.approx(3, abs=0.5)
    assert 1 < abs(steepest_position(Z, sharpness(Z, noise=0)) - 3) < 8


@pytest.mark.parametrize(
    ("z", "values", "said"),
    [
        (Z[:6], sharpness(Z[:6]), "6 different positions"),
        (np.zeros(20), np.ones(20), "1 different positions"),
        (Z, np.random.default_rng(1).normal(10, 1, 21), "no texture here"),
        (Z[:11], sharpness(Z[:11]), "does not peak inside"),
    ],
    ids=["few planes", "no travel", "blank", "focus outside"],
)
def test_a_sweep_without_a_focus_is_an_error_with_its_reason(z, values, said):
    with pytest.raises(CalibrationError, match=said):
        sweep_peak(z, values, "um")


@pytest.mark.parametrize(
    ("level", "saturated", "factor"),
    [(0.6, 0.0, 1.0), (0.07, 0.0, 10.0), (0.01, 0.0, 20.0), (0.6, 0.01, 0.5)],
    ids=["fine", "dark", "darker than can be helped", "saturated"],
)
def test_exposure_advice(level, saturated, factor):
    frame = np.full((100, 100), level * 4095)
    frame.flat[: int(saturated * frame.size)] = 4095
    advice = advise_exposure([frame], 4095)
    assert advice.factor == pytest.approx(factor)
    assert ("fine" in advice.said) == (factor == 1)
