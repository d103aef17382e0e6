"""Examples on disk: bit for bit, whole or not at all, and the same whoever makes them."""

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bluesky_autofocus import workers as workers_module
from bluesky_autofocus.errors import TrainingError
from bluesky_autofocus.estimator.families import TRAINING
from bluesky_autofocus.estimator.training.dataset import Dataset
from bluesky_autofocus.estimator.training.end_to_end import end_to_end_examples
from bluesky_autofocus.estimator.training.examples import examples_of
from bluesky_autofocus.estimator.training.generate import generate
from bluesky_autofocus.estimator.training.own_images import find_own_images
from bluesky_autofocus.estimator.training.scene_sets import Scenes, Shard, frames_of, shards_of
from bluesky_autofocus.estimator.training.shards import read_shard, read_small_shard, write_shard


@pytest.fixture
def paths(shard_folder, scenes):
    return [shard.path for shard in shards_of(shard_folder, scenes)]


@pytest.fixture
def copied(paths, tmp_path):
    """The shards in a folder of their own, to be broken."""
    for path in paths:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def same(a, b) -> bool:
    arrays = zip(
        [*a.summary, *a.truth, *(level for frame in a.levels for level in frame)],
        [*b.summary, *b.truth, *(level for frame in b.levels for level in frame)],
        strict=True,
    )
    return a.info == b.info and all(
        x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in arrays
    )


def test_names_tell_the_scenes(paths, shard_folder):
    assert [path.name for path in paths] == [
        "scenes-000000-000001.npz", "scenes-000002-000003.npz", "scenes-000004-000004.npz",
    ]  # fmt: skip
    assert sorted(shard_folder.iterdir()) == paths


def test_read_back_bit_for_bit(paths, scenes):
    fresh = examples_of(frames_of(scenes, [2, 3]))
    read = read_shard(paths[1], Shard(paths[1].parent, scenes, 2, 4).origin)
    assert same(read, fresh)
    assert [type(value) for value in read.info[0]] == [float, float, bool, int, float]
    assert len({truth.shape for path in paths for truth in read_shard(path).truth}) > 1


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Let torch add up as it does where shards are made."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_scene_depends_on_its_number_alone(paths, scenes, one_thread):
    assert same(read_shard(paths[2]), examples_of(frames_of(scenes, [4])))
    assert not same(read_shard(paths[2]), examples_of(frames_of(replace(scenes, seed=8), [4])))


def test_shards_make_a_data_set(paths):
    data = Dataset(read_shard(path) for path in paths)
    assert len(data) == 5 * 4
    assert len(data.pairs()) == 2 * 2 * (5 - len(set(data.scene[data.blank.numpy()])))


def test_shards_that_are_there_are_kept(copied, scenes):
    times = [path.stat().st_mtime_ns for path in sorted(copied.iterdir())]
    told = []
    generate(copied, scenes, on_shard=lambda done, of: told.append((done, of)))
    assert told == [(3, 3)]
    assert [path.stat().st_mtime_ns for path in sorted(copied.iterdir())] == times


@pytest.mark.parametrize("damage", ["cut", "flipped", "missing"])
def test_a_damaged_shard_is_made_anew(copied, scenes, damage):
    path = shards_of(copied, scenes)[2].path
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        broken = bytearray(whole)
        broken[len(whole) // 2] ^= 1
        path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else bytes(broken))
    with pytest.raises(TrainingError, match=rf"{path.name} cannot be read.*Delete"):
        read_shard(path)
    told = []
    generate(copied, scenes, on_shard=lambda done, of: told.append((done, of)))
    assert told == [(2, 3), (3, 3)]
    assert path.read_bytes() == whole


def test_each_node_makes_its_share(tmp_path, paths, scenes):
    generate(tmp_path, scenes, share=(1, 2))
    assert [path.name for path in tmp_path.iterdir()] == [paths[1].name]
    generate(tmp_path, scenes, share=(0, 2))
    for path in paths:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_processes_make_the_same_examples(tmp_path, full_frames):
    """In processes of their own, and in this one with two threads."""
    scenes = Scenes(seed=7, count=2, families=TRAINING)
    generate(tmp_path, scenes, workers=2)
    assert not multiprocessing.active_children()
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        generate(tmp_path / "again", scenes, share=(1, 2))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    (path,) = (tmp_path / "again").iterdir()
    assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_a_process_that_dies_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(workers_module, "_start_worker", partial(os._exit, 1))
    with pytest.raises(TrainingError, match="process that makes examples died.*--workers"):
        generate(tmp_path, Scenes(seed=7, count=4, families=TRAINING), workers=2)
    assert not list(tmp_path.iterdir())


def test_small_frames_are_kept_of_the_first_scenes(copied, scenes):
    some = replace(scenes, small=3)
    shards = shards_of(copied, some)
    whole = shards[0].path.read_bytes()
    generate(copied, some)
    assert shards[0].path.read_bytes() == whole
    assert shards[2].small_path is None
    for shard in shards[:2]:
        fresh = end_to_end_examples(shard.frames())
        read = read_small_shard(small_path(shard), shard.origin)
        # The worker has one thread, and the last bit depends on their number.
        assert np.allclose(read.images, fresh.images, atol=1e-3)
        assert np.array_equal(read.sampling, fresh.sampling)
        assert np.array_equal(read.u_dof, fresh.u_dof)
    small_path(shards[1]).write_bytes(b"")
    generate(copied, some)
    assert read_small_shard(small_path(shards[1])).images.dtype == np.float16


def small_path(shard: Shard) -> Path:
    assert shard.small_path is not None
    return shard.small_path


def test_an_interrupted_write_leaves_nothing(tmp_path, paths, monkeypatch):
    def interrupted(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_shard(tmp_path / "a.npz", read_shard(paths[0]), {})
    assert not (tmp_path / "a.npz").exists()


def test_shards_of_other_scenes_are_refused(copied, scenes):
    with pytest.raises(TrainingError, match="come from.*seed.*another folder"):
        generate(copied, replace(scenes, seed=8))


def test_no_pickles(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.savez(file, origin=np.array([{}], dtype=object))
    with pytest.raises(TrainingError, match=r"a\.npz cannot be read"):
        read_shard(tmp_path / "a.npz")


@pytest.fixture
def own_folder(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (300, 280), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    (folder / "notes.txt").write_text("not an image")
    return folder


def test_own_images_are_drawn_from(own_folder):
    own = find_own_images(own_folder)
    assert [image.path.name for image in own] == ["a.png"]
    scenes = Scenes(seed=3, count=1, families=("mesh",), own=own)
    assert Shard(own_folder, scenes, 0, 1).origin["own"] == [own[0].sha256]
    first = next(iter(frames_of(scenes, [1])))
    without = next(iter(frames_of(replace(scenes, own=()), [1])))
    assert first.frame.shape != without.frame.shape or (first.frame != without.frame).any()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "holds no images"),
        (np.zeros((300, 300), np.uint8), "shows nothing"),
        (np.arange(300 * 20, dtype=np.uint8).reshape(300, 20), r"\(300, 20\).*256"),
    ],
)
def test_own_images_that_cannot_be_used(tmp_path, content, said):
    if content is not None:
        Image.fromarray(content).save(tmp_path / "a.png")
    with pytest.raises(TrainingError, match=said):
        find_own_images(tmp_path)


def test_own_images_that_are_none(tmp_path):
    with pytest.raises(TrainingError, match="not a folder"):
        find_own_images(tmp_path / "missing")
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(TrainingError, match=r"a\.png cannot be read"):
        find_own_images(tmp_path)
