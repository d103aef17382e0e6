"""A whole calibration of a simulated station whose optics, play and noise are known."""

import numpy as np
import pytest

from bluesky_autofocus.benchmark.scenes import Scene, draw_scenes
from bluesky_autofocus.calibration import Arrival, BlurRate, Leg, Play, calibrate_arrivals
from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.estimator.families import CALIBRATION
from bluesky_autofocus.evaluation import Sampling
from bluesky_autofocus.optics import Optics, optics_of_sampling

DOF, PLAY, FOCUS = 5.0, 6.0, 12.0


@pytest.fixture(scope="module")
def arrivals():
    (spec,) = draw_scenes(3, "fit", 1, side_px=192, families=CALIBRATION)
    scene, taken = Scene(spec), []
    swept = [(z, Leg.SWEEP) for z in np.linspace(-200, 200, 21)]
    up = [(z, Leg.UP) for z in np.linspace(-28, 52, 17)]
    down = [(z, Leg.DOWN) for z in np.linspace(-28, 52, 17)[::-1]]
    for number, (z, leg) in enumerate(swept + up + down):
        true = z + (PLAY if leg is Leg.DOWN else 0)
        frame = scene.expose(scene.image((true - FOCUS) / DOF), scene.level("normal"), number)
        taken.append(Arrival(float(z), frame, leg, number))
    return spec, taken


def estimator_of(spec):
    full = 2.0**spec.sensor.bits - 1
    return lambda q: SharpnessEstimator(optics_of_sampling(q), full_scale=full), full


def test_known_optics_and_play_are_found_again(arrivals):
    spec, taken = arrivals
    make, full = estimator_of(spec)
    found = calibrate_arrivals(taken, unit="um", full_scale=full, estimator_of=make)
    assert isinstance(found.blur_rate, BlurRate) and isinstance(found.play, Play)
    rate = found.blur_rate
    true_rate = (8 / spec.sampling_q + 2) / DOF
    assert rate.pixels_per_unit == pytest.approx(true_rate, rel=0.15)
    assert abs(rate.pixels_per_unit - true_rate) < 2 * rate.pixels_per_unit_std
    assert rate.focus == pytest.approx(FOCUS, abs=0.5 * DOF)
    assert found.play.value == pytest.approx(PLAY, abs=0.2 * DOF)
    assert isinstance(found.scatter, str) and "repeated" in found.scatter
    guessed = rate.effective_optics(1.0)
    assert guessed.depth_of_field_um == pytest.approx(rate.depth_of_field)
    assert guessed.sampling_q == pytest.approx(rate.sampling.recorded_q)


def test_a_known_pixel_gives_the_aperture():
    real = Optics(0.3, 0.55, 10, 3.45)
    exact = BlurRate(
        focus=0.0,
        focus_std=0.1,
        depth_of_field=real.depth_of_field_um * (8 / 1.4 + 2) / (8 / real.sampling_q + 2),
        fit_std=0.1,
        sampling=Sampling(1.4, 1),
    )
    found = exact.effective_optics(1.0, sample_pixel_um=0.345)
    assert found.numerical_aperture == pytest.approx(0.3)
    assert found.depth_of_field_um == pytest.approx(real.depth_of_field_um)
