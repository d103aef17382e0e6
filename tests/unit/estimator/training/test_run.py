"""A whole training on a few small frames: made, interrupted, gone on with, refused."""

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from bluesky_autofocus import __version__
from bluesky_autofocus.errors import TrainingError
from bluesky_autofocus.estimator import load_weights
from bluesky_autofocus.estimator.map_network import MapNet
from bluesky_autofocus.estimator.networks import Widths
from bluesky_autofocus.estimator.training import run, trainer
from bluesky_autofocus.estimator.training.folder import TrainingFolder
from bluesky_autofocus.estimator.training.options import TrainingOptions
from bluesky_autofocus.estimator.training.run import train

OPTIONS = TrainingOptions(
    scenes=9,
    seed=3,
    epochs_scale=0.3,
    calibration_scenes=10,
    widths=Widths(code=8, hidden=16, blocks=1, channels=8, ring_channels=8, ring_values=2),
)


@pytest.fixture(scope="session")
def trained(tmp_path_factory, small_frames):
    told = []
    folder = tmp_path_factory.mktemp("trained") / "new" / "folder"
    result = train(folder, OPTIONS, progress=lambda *said: told.append(said))
    assert result is not None
    return result, told


def test_weights_can_be_used(trained, small_widths):
    result, _ = trained
    weights = load_weights(result.weights)
    assert weights.version == f"{__version__}, seed 3, 9 scenes"
    assert (
        weights.sha256 == result.card["sha256"] == sha256(result.weights.read_bytes()).hexdigest()
    )
    assert vars(weights.calibration) == result.card["calibration"]


def test_the_card_tells_how(trained):
    result, _ = trained
    card = json.loads((result.weights.parent / "estimator.json").read_text())
    assert card == json.loads(json.dumps(result.card))
    assert card["options"]["scenes"] == 9
    assert card["options"]["schedules"]["summary"]["epochs"] == 4
    assert card["processes"] == 1
    assert card["versions"]["torch"] == torch.__version__
    assert {"training scenes", "summary", "maps", "pairs", "calibration"} < set(card["seconds"])
    figures = card["figures_on_calibration_families"]
    assert 0 < figures["summary"]["varied"]["rmse_s"] < 1
    assert 0.7 <= figures["summary"]["plain"]["coverage_90"] <= 1
    assert 0.4 < figures["maps"]["varied"]["share_valid"] <= 1
    assert card["end_to_end"]["frames"] >= 32
    assert (result.weights.parent / "end_to_end.safetensors").exists()


def test_progress_goes_through_all_stages(trained):
    _, told = trained
    stages = list(dict.fromkeys(stage for stage, *_ in told))
    assert stages == [
        "training scenes", "varied scenes", "plain scenes", "summary", "maps", "pairs",
        "end to end", "calibration",
    ]  # fmt: skip
    for stage in stages:
        (*_, last) = (said for said in told if said[0] == stage)
        assert last[1] == last[2], stage


def test_the_same_again_is_there_already(trained, monkeypatch):
    result, _ = trained
    monkeypatch.setattr(run, "_networks", None)
    again = train(result.weights.parent, OPTIONS)
    assert again is not None
    assert again.card == json.loads(json.dumps(result.card))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(OPTIONS, seed=4), "seed 3 there and 4 now"),
        (replace(OPTIONS, scenes=7), "scenes 9 there and 7 now"),
        (replace(OPTIONS, epochs_scale=2), "epochs_scale 0.3 there and 2 now"),
        (replace(OPTIONS, widths=Widths()), "widths"),
    ],
)
def test_a_folder_of_other_options_is_refused(trained, other, said):
    result, _ = trained
    with pytest.raises(TrainingError, match=f"{said}.*another folder"):
        train(result.weights.parent, other)


@pytest.mark.parametrize("network", ["summary", "maps", "pairs"])
def test_interrupted_and_gone_on_with(trained, tmp_path, monkeypatch, network):
    """Whatever is being fitted when Ctrl-C comes, the weights are those of one go."""
    result, _ = trained
    examples = tmp_path / "out" / "examples"
    shutil.copytree(result.weights.parent / "examples", examples)
    shutil.copy(result.weights.parent / "options.json", examples.parent)
    monkeypatch.setattr(trainer, "CHECKPOINT_S", 0.0)
    steps = []

    def interrupt(stage, done, of, loss):
        if stage == network:
            steps.append(done)
            if done == (3 if of > 3 else 1) and len(steps) == done:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "out", OPTIONS, progress=interrupt)
    assert not (tmp_path / "out" / "estimator.safetensors").exists()
    times = [path.stat().st_mtime_ns for path in sorted(examples.rglob("*.npz"))]
    interrupted = len(steps)
    again = train(tmp_path / "out", OPTIONS, progress=interrupt)
    assert steps[interrupted] == steps[interrupted - 1]
    assert [path.stat().st_mtime_ns for path in sorted(examples.rglob("*.npz"))] == times
    assert again is not None
    assert same_networks(again.weights, result.weights)


def same_networks(a: Path, b: Path) -> bool:
    """Tell whether all values are the same; the order of what is said about them may differ."""
    first, second = load_file(a), load_file(b)
    return first.keys() == second.keys() and all(
        torch.equal(value, second[name]) for name, value in first.items()
    )


def test_a_damaged_checkpoint_is_named(trained, tmp_path):
    result, _ = trained
    path = result.weights.parent / "checkpoints" / "maps.ckpt"
    broken = path.read_bytes()[:1000]
    net = MapNet(OPTIONS.widths)
    (tmp_path / "maps.ckpt").write_bytes(broken)
    with pytest.raises(TrainingError, match=r"maps\.ckpt cannot be gone on from.*Delete it"):
        trainer.train_network(
            net, lambda b: [], lambda rng: [], trainer.Schedule(1), seed=0,
            checkpoint=tmp_path / "maps.ckpt",
        )  # fmt: skip


def test_foreign_and_used_folders_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(TrainingError, match=r"holds notes\.txt and was not made by a training"):
        train(tmp_path, OPTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(TrainingError, match="cannot be written"):
        train(tmp_path / "notes.txt" / "out", OPTIONS)
    with (
        TrainingFolder(tmp_path / "used").claimed({}),
        pytest.raises(TrainingError, match="Another process trains in"),
    ):
        train(tmp_path / "used", OPTIONS)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scenes": 1}, "scenes is 1; give 2 to"),
        ({"calibration_scenes": 9}, "calibration_scenes is 9; give 10 to"),
        ({"seed": -1}, "seed is -1"),
        ({"epochs_scale": float("nan")}, "epochs is nan"),
    ],
)
def test_options_that_cannot_be(options, said):
    with pytest.raises(TrainingError, match=said):
        TrainingOptions(**options)


def test_bad_workers_and_devices(tmp_path):
    with pytest.raises(TrainingError, match="0 workers"):
        train(tmp_path, OPTIONS, workers=0)
    with pytest.raises(TrainingError, match="device is 'tpu-like'"):
        train(tmp_path, OPTIONS, device="tpu-like")
    if not torch.cuda.is_available():
        with pytest.raises(TrainingError, match="finds no CUDA"):
            train(tmp_path, OPTIONS, device="cuda")
