"""A few small scenes, made once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bluesky_autofocus.estimator.families import TRAINING
from bluesky_autofocus.estimator.training import plain as plain_module
from bluesky_autofocus.estimator.training import scene_sets
from bluesky_autofocus.estimator.training import scenes as scenes_module
from bluesky_autofocus.estimator.training.generate import generate
from bluesky_autofocus.estimator.training.scene_sets import Scenes


@pytest.fixture(scope="session", autouse=True)
def small_frames() -> Iterator[None]:
    """Let this process, if not those that it starts, draw small frames and two scenes a shard."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenes_module, "OBJECT_SHAPE", (256, 256))
        patch.setattr(scenes_module, "SMALL_OBJECT_SHAPE", (256, 256))
        patch.setattr(scenes_module, "FRAME_SHAPES", ((128, 128), (128, 192)))
        patch.setattr(scenes_module, "FRAME_SHAPE_SHARES", (0.5, 0.5))
        patch.setattr(plain_module, "OBJECT_SHAPE", (256, 256))
        patch.setattr(plain_module, "SHAPES", ((192, 192), (128, 128)))
        patch.setattr(scene_sets, "SHARD_SCENES", 2)
        yield


@pytest.fixture
def full_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw as processes of their own do, but one scene a shard."""
    monkeypatch.setattr(scenes_module, "OBJECT_SHAPE", (1152, 1152))
    monkeypatch.setattr(scenes_module, "SMALL_OBJECT_SHAPE", (768, 768))
    shapes = ((384, 512), (512, 512), (640, 768), (1024, 1024))
    monkeypatch.setattr(scenes_module, "FRAME_SHAPES", shapes)
    monkeypatch.setattr(scenes_module, "FRAME_SHAPE_SHARES", (0.28, 0.37, 0.2, 0.15))
    monkeypatch.setattr(scene_sets, "SHARD_SCENES", 1)


@pytest.fixture(scope="session")
def scenes() -> Scenes:
    return Scenes(seed=7, count=5, families=TRAINING)


@pytest.fixture(scope="session")
def shard_folder(
    tmp_path_factory: pytest.TempPathFactory, scenes: Scenes, small_frames: None
) -> Path:
    """Five scenes in shards of two."""
    folder = tmp_path_factory.mktemp("shards")
    generate(folder, scenes)
    return folder
