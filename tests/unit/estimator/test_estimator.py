"""The estimator with the weights of the package, on scenes that it has not been trained on."""

import numpy as np
import pytest

from bluesky_autofocus.errors import FrameError, OpticsError, WeightsError
from bluesky_autofocus.estimator import HELD_OUT, VALIDITY_CODES, SharpnessEstimator, Validity
from bluesky_autofocus.imaging import (
    Illumination,
    Renderer,
    Sensor,
    expose,
    procedural_object,
    terraces,
)
from bluesky_autofocus.optics import Optics

OPTICS = Optics(0.30, 0.55, magnification=10, pixel_um=4.0)
SHAPE = (512, 640)
SENSOR = Sensor(bits=12, full_well_e=20_000)


@pytest.fixture(scope="module")
def estimator():
    return SharpnessEstimator(OPTICS, full_scale=4095)


@pytest.fixture(scope="module")
def renderer():
    sample = procedural_object(HELD_OUT[1], (1024, 1024), seed=1001)
    return Renderer(sample, OPTICS, frame_shape=SHAPE)


def frame_at(renderer, u, level=0.3, seed=1):
    light = Illumination(level).field(SHAPE)
    return expose(renderer.image(u) * light, SENSOR, seed=seed)


def test_a_frame_in_focus_is_sharp_and_said_to_be_in_focus(estimator, renderer):
    estimate = estimator.summary(frame_at(renderer, 0.2))
    assert estimate.validity is Validity.GOOD
    assert estimate.in_focus
    assert estimate.sharpness > 0.97
    assert 1.0 < estimate.sharpness_unclipped < 1.12
    assert estimate.probabilities.sum() == pytest.approx(1)


@pytest.mark.parametrize("u", [-3.0, 8.0, -15.0])
def test_distance_and_interval_hold_the_truth(estimator, renderer, u):
    estimate = estimator.summary(frame_at(renderer, u))
    assert not estimate.in_focus
    assert abs(u) / 2 < estimate.distance_dof < 2 * abs(u)
    low, high = estimate.interval_dof(0.999)
    assert low < abs(u) < high
    inner = estimate.interval_dof(0.5)
    assert low < inner[0] < estimate.distance_dof < inner[1] < high


@pytest.mark.parametrize("level", [0.06, 0.6])
def test_the_light_hardly_changes_sharpness(estimator, renderer, level):
    normal = estimator.summary(frame_at(renderer, 2.0, level=0.2))
    other = estimator.summary(frame_at(renderer, 2.0, level=level))
    assert other.sharpness == pytest.approx(normal.sharpness, abs=0.03)


def test_the_same_frame_gives_the_same_answer_bit_for_bit(estimator, renderer):
    frame = frame_at(renderer, 6.0)
    again = SharpnessEstimator(OPTICS, full_scale=4095)
    strided = np.repeat(np.repeat(frame, 2, axis=0), 2, axis=1)[::2, ::2]
    one, two, three = estimator(frame), again(frame.copy()), again(strided)
    for other in (two, three):
        assert np.array_equal(one.probabilities, other.probabilities)
        assert np.array_equal(one.summary.probabilities, other.summary.probabilities)
    assert np.array_equal(one.summary.probabilities, estimator.summary(frame).probabilities)


def test_the_map_tells_two_altitudes_apart(estimator, renderer):
    u = np.where(np.arange(SHAPE[1]) < SHAPE[1] // 2, 0.0, 12.0).astype(np.float32)
    result = estimator(frame_at(renderer, np.broadcast_to(u, SHAPE).copy()))
    rows, cols = result.sharpness.shape
    assert (
        (rows, cols) == (SHAPE[0] // 64, SHAPE[1] // 64) == (result.row_px.size, result.col_px.size)
    )
    near, far = result.sharpness[:, : cols // 2 - 1], result.sharpness[:, cols // 2 + 1 :]
    assert np.median(near) > 0.9
    assert np.median(far) < 0.75
    assert result.valid.mean() >= 0.5


@pytest.mark.parametrize("u, step", [(10.0, 5.0), (-10.0, 5.0), (10.0, -5.0), (-10.0, -5.0)])
def test_two_frames_tell_the_side(estimator, renderer, u, step):
    result = estimator.pair(frame_at(renderer, u), frame_at(renderer, u + step, seed=2), step)
    assert np.median(result.defocus_dof) == pytest.approx(u, rel=0.4)
    assert (np.sign(result.defocus_dof)[result.claimed] == np.sign(u)).mean() > 0.95
    assert result.claimed.mean() > 0.5


@pytest.mark.parametrize(
    "frame, validity",
    [
        (np.full((256, 256), 1000, np.uint16), {Validity.NO_TEXTURE}),
        (
            expose(np.full((512, 512), 0.3, np.float32), SENSOR, seed=3),
            {Validity.NO_TEXTURE, Validity.UNCERTAIN},
        ),
        (expose(np.full((512, 512), 0.001, np.float32), SENSOR, seed=3), {Validity.TOO_DARK}),
        (np.full((256, 256), 4095, np.uint16), {Validity.SATURATED}),
        (np.zeros((256, 256), np.uint16), {Validity.TOO_DARK}),
    ],
)
def test_where_nothing_can_be_told_it_says_so(estimator, frame, validity):
    result = estimator(frame)
    assert result.summary.validity in validity
    assert not result.summary.in_focus
    assert result.valid.mean() < 0.05
    assert np.isfinite(result.sharpness).all()


def test_a_clipped_corner_is_marked_in_the_map(estimator, renderer):
    frame = frame_at(renderer, 1.0)
    frame[:128, :128] = 4095
    codes = estimator(frame).validity_codes
    assert (codes[:2, :2] == VALIDITY_CODES.index(Validity.SATURATED)).all()
    assert (codes[3:, 3:] != VALIDITY_CODES.index(Validity.SATURATED)).all()


@pytest.mark.parametrize("shape", [(64, 64), (70, 300), (129, 1111)])
def test_small_and_odd_frames_are_estimated(estimator, shape):
    frame = np.random.default_rng(0).integers(100, 3000, shape).astype(np.uint16)
    result = estimator(frame)
    assert result.sharpness.shape == tuple(max(1, n // 64) for n in shape)


@pytest.mark.parametrize("call", ["summary", "__call__"])
def test_what_is_no_frame_is_refused(estimator, call):
    with pytest.raises(FrameError, match="not finite"):
        getattr(estimator, call)(np.full((64, 64), np.nan))


@pytest.mark.parametrize("step", [0.0, 0.01, np.nan, np.inf, 1000.0])
def test_a_step_that_tells_nothing_is_refused(estimator, renderer, step):
    frame = frame_at(renderer, 1.0)
    with pytest.raises(FrameError, match="step"):
        estimator.pair(frame, frame, step)


def test_two_fields_are_refused(estimator, renderer):
    frame = frame_at(renderer, 1.0)
    with pytest.raises(FrameError, match="one field"):
        estimator.pair(frame, frame[:, :512], 1.0)


def test_optics_out_of_range_are_refused():
    with pytest.raises(OpticsError, match="q = "):
        SharpnessEstimator(Optics(0.9, 0.5, magnification=5, pixel_um=6.5))
    with pytest.raises(OpticsError, match="needs them"):
        SharpnessEstimator(None)  # pyright: ignore[reportArgumentType]


def test_bad_full_scale_and_bad_weights_are_refused(tmp_path):
    with pytest.raises(FrameError, match="-1"):
        SharpnessEstimator(OPTICS, full_scale=-1)
    with pytest.raises(WeightsError, match="none.safetensors"):
        SharpnessEstimator(OPTICS, weights=tmp_path / "none.safetensors")


def test_the_level_of_an_interval_is_a_probability(estimator, renderer):
    with pytest.raises(FrameError, match="1.5"):
        estimator.summary(frame_at(renderer, 1.0)).interval_dof(1.5)


def test_terraces_of_the_forward_model_have_the_map_s_shape(estimator, renderer):
    relief = terraces(SHAPE, [0.0, 6.0, 20.0], seed=1)
    result = estimator(frame_at(renderer, relief))
    assert result.distance_dof.shape == result.probabilities.shape[:2]
