"""Sweeps become examples, and weights learn from them without forgetting."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bluesky_autofocus.errors import FrameError, OpticsError, StationError, TrainingError
from bluesky_autofocus.estimator import load_weights
from bluesky_autofocus.estimator.training import fine_tune as module
from bluesky_autofocus.estimator.training.dataset import Dataset
from bluesky_autofocus.estimator.training.fine_tune import fine_tune
from bluesky_autofocus.estimator.training.options import TrainingOptions
from bluesky_autofocus.estimator.training.sweep import Sweep, examples_of_sweep
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics

OPTICS = Optics(0.3, 0.5, 10.0, 5.0)
FOCUS_MM = 0.5
OPTIONS = TrainingOptions(scenes=6, seed=3, calibration_scenes=10, end_to_end=False, epochs_scale=4)


def sweep_of(u_dof: np.ndarray, focus: float | None = FOCUS_MM) -> Sweep:
    """A rendered sweep, positions in mm."""
    renderer = Renderer(
        procedural_object("grain", (256, 256), seed=1), OPTICS, frame_shape=(192, 192)
    )
    frames = [
        expose(np.float32(0.4) * renderer.image(float(u)), Sensor(bits=12), seed=k)
        for k, u in enumerate(u_dof)
    ]
    z = FOCUS_MM + u_dof * OPTICS.depth_of_field_um * 1e-3
    return Sweep("sweep", frames.__getitem__, z, "mm", OPTICS, focus)


@pytest.fixture(scope="session")
def sweep() -> Sweep:
    return sweep_of(np.linspace(-18, 22, 21))


def test_truth_is_the_signed_distance(sweep, small_weights):
    made = examples_of_sweep(sweep, 9, weights=small_weights)
    held, learned = Dataset([made.held_back]), Dataset([made.learned])
    assert np.allclose(held.step_dof[:, 0], np.linspace(-18, 22, 21)[2::4], atol=1e-3)
    assert np.allclose(held.frame_u[:, 16], held.step_dof[:, 0], atol=1e-3)
    assert np.allclose(held.log_q.exp(), OPTICS.sampling_q)
    assert not set(np.round(learned.step_dof[:, 0].tolist(), 3)) & set(
        np.round(held.step_dof[:, 0].tolist(), 3)
    )
    assert made.said["used"] == 21
    assert made.said["focus_source"] == "given"
    assert made.said["depth_of_field"] == pytest.approx(OPTICS.depth_of_field_um * 1e-3)


def test_pairs_are_a_telling_step_apart(sweep, small_weights):
    learned = Dataset([examples_of_sweep(sweep, 9, weights=small_weights).learned])
    pairs = learned.pairs()
    assert len(pairs) == 2 * 16
    u = learned.step_dof[:, 0].numpy()
    first = u[pairs[:16]]
    assert sorted(first[:, 0]) == sorted(set(u))
    far = np.abs(first[:, 0]) > 6
    step = np.abs(first[:, 1] - first[:, 0])[far]
    assert (np.abs(step / np.abs(first[far, 0]) - 0.6) < 0.35).all()


def test_focus_is_found_in_the_sweep(sweep):
    """With the shipped weights or, where these tell nothing, by the classical measure."""
    said = examples_of_sweep(replace(sweep, focus=None), 9).said
    assert said["focus"] == pytest.approx(FOCUS_MM, abs=2 * said["depth_of_field"])


def test_planes_that_tell_nothing_are_left_out(sweep, small_weights):
    def frame(index):
        return np.full((192, 192), 4095, np.uint16) if index < 3 else sweep.frame(index)

    said = examples_of_sweep(replace(sweep, frame=frame), 9, weights=small_weights).said
    assert said["used"] == 18


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"z": np.arange(7.0)}, TrainingError, "has 7 planes; at least 8"),
        ({"focus": 50.0}, TrainingError, "has 0 planes that are.*from focus at 50"),
        ({"unit": "steps"}, StationError, "unit is 'steps'"),
        ({"z": np.array([np.nan] * 21)}, TrainingError, "position that is not finite"),
        ({"optics": Optics(0.01, 0.5, 10.0, 5.0)}, OpticsError, "sampling is q"),
        ({"frame": lambda k: np.zeros((192, 192))}, TypeError, ""),
        ({"frame": lambda k: np.zeros((20, 20), np.uint8)}, FrameError, "sweep, frame 0"),
    ],
)
def test_sweeps_that_cannot_be_learned_from(sweep, small_weights, change, error, said):
    if error is TypeError:
        error, said = FrameError, "pixels are float64.*8 or 16 bits"
    with pytest.raises(error, match=said):
        examples_of_sweep(replace(sweep, **change), 9, weights=small_weights)


@pytest.fixture(scope="session")
def tuned(sweep, small_weights, tmp_path_factory, small_frames):
    folder = tmp_path_factory.mktemp("tuned") / "out"
    return fine_tune(folder, OPTIONS, [sweep], weights=small_weights, force=True), folder


def test_the_sweep_is_learned(tuned, small_weights):
    result, folder = tuned
    card = json.loads((folder / "estimator.json").read_text())
    assert card == json.loads(json.dumps(result.card))
    before, after = (card[k]["held_back"]["summary"] for k in ("before", "after"))
    assert before["frames"] == after["frames"] == 5
    assert after["rmse_s"] < before["rmse_s"]
    weights, base = load_weights(result.weights), load_weights(small_weights)
    assert weights.version == "small, fine-tuned"
    assert weights.calibration == base.calibration
    assert card["from"] == base.sha256


def test_the_same_again_gives_the_same(tuned, sweep, small_weights):
    result, folder = tuned
    again = fine_tune(folder, OPTIONS, [sweep], weights=small_weights, force=True)
    assert again.card["after"] == result.card["after"]
    with pytest.raises(TrainingError, match="begun with other options: sweeps"):
        fine_tune(folder, OPTIONS, [replace(sweep, focus=0.51)], weights=small_weights)


def test_worse_weights_are_not_saved(tuned, sweep, small_weights, tmp_path, monkeypatch):
    """Unless forced: what counts is the error on simulated scenes."""
    _, folder = tuned
    (tmp_path / "out").mkdir()
    for name in ("examples", "options.json", "checkpoints"):
        (tmp_path / "out" / name).symlink_to(folder / name)
    monkeypatch.setattr(module, "MOST_WORSE", 0.01)
    result = fine_tune(tmp_path / "out", OPTIONS, [sweep], weights=small_weights)
    assert result.weights is None
    assert not (tmp_path / "out" / "estimator.safetensors").exists()
    assert "RMSE of s" in result.card["worse"][0]
    forced = fine_tune(tmp_path / "out", OPTIONS, [sweep], weights=small_weights, force=True)
    assert isinstance(forced.weights, Path)
    assert forced.card["worse"] == result.card["worse"]


def test_without_sweeps(tmp_path):
    with pytest.raises(TrainingError, match="no sweeps"):
        fine_tune(tmp_path, OPTIONS, [])
