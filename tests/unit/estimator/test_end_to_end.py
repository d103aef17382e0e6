import json
from importlib.resources import files

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy.ndimage import gaussian_filter

from bluesky_autofocus.errors import FrameError, WeightsError
from bluesky_autofocus.estimator import end_to_end
from bluesky_autofocus.estimator.end_to_end import (
    SIDE,
    EndToEndDistance,
    EndToEndNetwork,
    small_frame,
)
from bluesky_autofocus.estimator.training.end_to_end import (
    EndToEndExamples,
    end_to_end_examples,
    fit_end_to_end,
    save_end_to_end,
)
from bluesky_autofocus.estimator.training.scenes import TrainingFrame
from bluesky_autofocus.optics import Optics

OPTICS = Optics(0.3, 0.5, 10, 5.0)


def frame(blur_px: float, seed: int = 0, size: int = SIDE) -> np.ndarray:
    noise = gaussian_filter(np.random.default_rng(seed).standard_normal((size, size)), blur_px)
    return (1000 + 200 * noise / noise.std()).astype(np.uint16)


def blurred_examples(count: int) -> EndToEndExamples:
    """Little blur at 1 DoF, much at 30; the side is a coin's."""
    near = np.arange(count) % 2 == 0
    images = [small_frame(frame(1 if n else 12, k), 1.0)[0] for k, n in enumerate(near)]
    side = np.random.default_rng(0).choice([-1, 1], count)
    return EndToEndExamples(
        np.array(images, dtype=np.float16),
        np.zeros((count, 2), dtype=np.float32),
        (np.where(near, 1, 30) * side).astype(np.float32),
    )


@pytest.fixture(scope="module")
def fitted() -> EndToEndNetwork:
    return fit_end_to_end(blurred_examples(32), epochs=20)


def test_distance_is_learned_where_the_side_cannot_be(fitted, tmp_path):
    path = tmp_path / "own.safetensors"
    save_end_to_end(fitted, path)
    distance = EndToEndDistance(OPTICS, path)
    near = [abs(distance(frame(1, seed))) for seed in (100, 101)]
    far = [abs(distance(frame(12, seed))) for seed in (100, 101)]
    assert max(near) < 2
    assert min(far) > 5


def test_the_same_seed_gives_the_same_weights():
    examples = blurred_examples(32)
    first, second, other = (
        fit_end_to_end(examples, epochs=1, seed=seed).state_dict() for seed in (3, 3, 4)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["head.0.weight"], other["head.0.weight"])


def test_progress_is_told_after_each_epoch():
    told = []
    fit_end_to_end(
        blurred_examples(32), epochs=2, progress=lambda share, loss: told.append((share, loss))
    )
    assert [share for share, _ in told] == [0.5, 1.0]
    assert all(np.isfinite(loss) for _, loss in told)


def test_too_few_examples_are_refused():
    with pytest.raises(ValueError, match="at least 32"):
        fit_end_to_end(blurred_examples(31))


def test_frames_that_show_nothing_are_no_examples():
    def taken(blank: bool) -> TrainingFrame:
        u_dof = np.full((64, 80), -7, dtype=np.float32)
        return TrainingFrame(frame(1, size=80)[:64], 65535.0, 2.0, u_dof, blank, 0, 0.0)

    examples = end_to_end_examples([taken(False), taken(True)])
    assert examples.images.shape == (1, SIDE, SIDE)
    assert examples.u_dof.tolist() == [-7]
    np.testing.assert_allclose(examples.sampling[0], np.log([2.0, 2.0 * 64 / SIDE]), rtol=1e-6)


def test_light_changes_nothing():
    distance = EndToEndDistance(OPTICS)
    dim = frame(3, size=400)
    assert distance(dim * 4) == pytest.approx(distance(dim), rel=1e-3)


def test_the_other_side_at_the_opposite_odds_is_the_same_answer(tmp_path):
    """Which of the two a network learns follows from its first weights."""
    network = EndToEndNetwork()
    path, mirrored = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    state = network.state_dict()
    save_file(state, path)
    save_file({k: -v if k.startswith("head.2") else v for k, v in state.items()}, mirrored)
    one, other = (EndToEndDistance(OPTICS, weights)(frame(3)) for weights in (path, mirrored))
    assert one == other != 0


def test_the_same_frame_gives_the_same_answer():
    first, second = EndToEndDistance(OPTICS), EndToEndDistance(OPTICS)
    assert first(frame(3)) == second(frame(3))


@pytest.mark.parametrize(
    "bad",
    [
        np.full((64, 64), 7, dtype=np.uint8),
        np.zeros((64, 64)),
        np.full((64, 64), np.nan),
        np.where(np.eye(64) > 0, np.inf, 1.0),
        np.ones((64, 64), dtype=bool),
        np.ones((64, 64), dtype=complex),
        np.ones((64, 64, 3)),
        np.ones((64, 1)),
        np.ones((0, 64)),
    ],
    ids=["constant", "dark", "nan", "inf", "bool", "complex", "colour", "narrow", "empty"],
)
def test_bad_frames_are_refused(bad):
    with pytest.raises(FrameError):
        EndToEndDistance(OPTICS)(bad)


def test_damaged_weights_of_the_package_are_refused(monkeypatch, tmp_path):
    folder = tmp_path / "weights"
    folder.mkdir()
    for name in ("end_to_end.safetensors", "end_to_end.json"):
        content = (files("bluesky_autofocus.estimator") / "weights" / name).read_bytes()
        if name.endswith("safetensors"):
            content = content[:-1] + bytes([content[-1] ^ 1])
        (folder / name).write_bytes(content)
    monkeypatch.setattr(end_to_end, "files", lambda _: tmp_path)
    with pytest.raises(WeightsError, match="checksum"):
        EndToEndDistance(OPTICS)


def test_foreign_weights_are_refused(tmp_path):
    foreign, text, missing = (tmp_path / name for name in ("a", "b", "c"))
    save_file({"layer": torch.zeros(3)}, foreign)
    text.write_text("not weights")
    for path in (foreign, text, missing):
        with pytest.raises(WeightsError, match=str(path)):
            EndToEndDistance(OPTICS, path)


def test_the_shipped_weights_are_small_and_have_a_card():
    folder = files("bluesky_autofocus.estimator") / "weights"
    assert len((folder / "end_to_end.safetensors").read_bytes()) <= 1_000_000
    card = json.loads((folder / "end_to_end.json").read_text())
    assert {"sha256", "seed", "frames", "epochs"} <= set(card)
