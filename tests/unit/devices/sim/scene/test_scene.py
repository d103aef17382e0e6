"""Scenes: what the simulated camera sees, rendered and replayed."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from bluesky_autofocus.errors import SceneError
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.imaging import Illumination, Renderer, procedural_object
from devices.sim.scene import (
    DEFAULT_OPTICS,
    DEFAULT_SCENE,
    NOMINAL_EXPOSURE_S,
    SCENES,
    RenderedScene,
    ReplayedScene,
    Scene,
    checked_scene_name,
    make_scene,
)

SHAPE = (128, 128)


def shot(scene: Scene, position: float, **settings: float) -> np.ndarray:
    """Take a frame at nominal settings, unless told otherwise."""
    usual = {"exposure_s": NOMINAL_EXPOSURE_S, "gain": 1.0, "bits": 8, "index": 0}
    return scene.frame(position, **{**usual, **settings})  # pyright: ignore[reportArgumentType]


@pytest.fixture
def stack(tmp_path: Path) -> FocalStack:
    rng = np.random.default_rng(0)
    lines = ["file,z,unit"]
    for i in range(4):
        pixels = rng.integers(0, 256, (32, 48), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
        lines.append(f"{i}.png,{i / 10},mm")
    (tmp_path / "positions.csv").write_text("\n".join(lines))
    return FocalStack.read(tmp_path)


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_gives_frames(name: str) -> None:
    scene = make_scene(name, seed=1, shape=SHAPE)
    frame = shot(scene, scene.focus_position)
    assert scene.shape == frame.shape == SHAPE
    assert frame.dtype == np.uint8
    level = {"bright": 0.7, "dark": 0.05}.get(name, 0.41)
    assert frame.mean() / 255 == pytest.approx(level, abs=0.02)
    far = shot(scene, scene.focus_position + 30 * scene.depth_of_field)
    near_contrast, far_contrast = (gaussian_filter(f.astype(float), 2).std() for f in (frame, far))
    ratio = near_contrast / far_contrast
    assert 0.9 < ratio < 1.1 if name == "blank" else ratio > 1.3


@pytest.mark.parametrize("name", [DEFAULT_SCENE, "tilted", "terraces", "aberrated", "coins"])
def test_focus_position_is_where_the_frame_is_sharpest(name: str) -> None:
    scene = make_scene(name, seed=3, shape=(256, 256))
    steps = np.arange(-2, 2.01, 0.5)
    gradient = [
        np.square(
            np.diff(shot(scene, scene.focus_position + u * scene.depth_of_field).astype(float))
        ).mean()
        for u in steps
    ]
    assert abs(steps[int(np.argmax(gradient))]) <= 0.5


def test_scene_is_decided_by_its_seed() -> None:
    first, again, other = (make_scene("cells", seed=s, shape=SHAPE) for s in (4, 4, 5))
    assert first.focus_position == again.focus_position != other.focus_position
    assert abs(first.focus_position) <= 300
    assert np.array_equal(shot(first, 12.0, index=7), shot(again, 12.0, index=7))
    assert not np.array_equal(shot(first, 12.0, index=7), shot(first, 12.0, index=8))
    assert not np.array_equal(shot(first, 12.0), shot(other, 12.0))


def test_unit_of_the_stage() -> None:
    in_um = make_scene("cells", shape=SHAPE, focus_position=50.0)
    in_mm = make_scene("cells", shape=SHAPE, focus_position=0.05, unit="mm")
    assert in_um.depth_of_field == pytest.approx(DEFAULT_OPTICS.depth_of_field_um)
    assert in_mm.depth_of_field == pytest.approx(DEFAULT_OPTICS.depth_of_field_um / 1000)
    assert np.array_equal(shot(in_um, 80.0), shot(in_mm, 0.08))
    assert abs(make_scene("cells", shape=SHAPE, unit="mm").focus_position) <= 0.3


def test_exposure_gain_light_and_depth() -> None:
    scene = make_scene("cells", shape=SHAPE, focus_position=0.0)
    black = shot(scene, 0.0, light=0.0, bits=16).mean()
    usual = shot(scene, 0.0, bits=16).mean() - black
    for settings, factor in (
        ({"exposure_s": 0.025}, 0.5),
        ({"gain": 2.0, "exposure_s": 0.01}, 0.4),
        ({"light": 0.3}, 0.3),
    ):
        frame = shot(scene, 0.0, bits=16, **settings)
        assert (frame.mean() - black) / usual == pytest.approx(factor, rel=0.02)
    assert shot(scene, 0.0, exposure_s=5.0).min() == 255
    deep = shot(scene, 0.0, bits=12)
    assert deep.dtype == np.uint16 and 255 < deep.max() < 4096
    scene.light = 0.5
    assert (shot(scene, 0.0, bits=16).mean() - black) / usual == pytest.approx(0.5, rel=0.02)


def test_light_changes_at_one_place_are_seen() -> None:
    scene = RenderedScene(
        Renderer(procedural_object("blobs", SHAPE, seed=1), DEFAULT_OPTICS),
        focus_position=10.0,
        illumination=Illumination(0.2),
    )
    first = shot(scene, 10.0)
    assert shot(scene, 10.0, light=2.0).mean() > 1.8 * first.mean()
    assert np.array_equal(shot(scene, 10.0), first)
    assert np.std(shot(scene, 40.0).astype(float)) < np.std(first.astype(float))
    scene.drift = 30.0
    assert scene.focus_position == 40.0
    assert np.array_equal(shot(scene, 40.0), first)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"position": float("nan")}, "position is nan"),
        ({"exposure_s": -1.0}, "exposure is -1.0 s"),
        ({"exposure_s": float("inf")}, "exposure is inf s"),
        ({"light": -0.5}, "light -0.5"),
        ({"bits": 20}, "bits is 20"),
    ],
)
def test_bad_settings_are_refused(stack: FocalStack, settings: dict, said: str) -> None:
    position = settings.pop("position", 0.1)
    for scene in (make_scene("cells", shape=SHAPE), ReplayedScene(stack)):
        with pytest.raises(SceneError, match=said):
            shot(scene, position, **settings)


def test_unknown_names_and_units_are_refused() -> None:
    with pytest.raises(SceneError, match="no scene 'moss'. Choose one of: noise_fine, .*terraces"):
        checked_scene_name("moss")
    with pytest.raises(SceneError, match="no scene 'moss'"):
        make_scene("moss")
    with pytest.raises(SceneError, match="unit is 'inch'"):
        make_scene("cells", unit="inch")
    with pytest.raises(SceneError, match="focus_position is nan"):
        make_scene("cells", shape=SHAPE, focus_position=float("nan"))


def test_nominal_replay_is_bit_identical(stack: FocalStack) -> None:
    scene = ReplayedScene(stack)
    assert scene.focus_position is None and scene.depth_of_field is None
    assert (scene.shape, scene.unit, scene.name) == ((32, 48), "mm", stack.folder.name)
    for i, z in enumerate(stack.positions):
        frame = shot(scene, z + 0.03, index=i)
        assert frame.dtype == np.uint8
        assert np.array_equal(frame, stack.plane(i))
        assert frame.flags.writeable


def test_replay_between_planes(stack: FocalStack) -> None:
    nearest = ReplayedScene(stack)
    linear = ReplayedScene(stack, interpolation="linear")
    assert np.array_equal(shot(nearest, 0.14), stack.plane(1))
    blend = 0.6 * stack.plane(1) + 0.4 * stack.plane(2)
    assert np.abs(shot(linear, 0.14) - blend).max() <= 0.5001
    assert np.array_equal(shot(linear, 0.2), stack.plane(2))
    assert np.array_equal(shot(linear, 99.0), stack.plane(3))
    nearest.interpolation = "linear"
    assert np.array_equal(shot(nearest, 0.14), shot(linear, 0.14))
    with pytest.raises(SceneError, match="interpolation is 'cubic'. Give nearest or linear"):
        ReplayedScene(stack, interpolation="cubic")  # pyright: ignore[reportArgumentType]


def test_replay_scales_with_exposure_gain_and_light(stack: FocalStack) -> None:
    scene = ReplayedScene(stack)
    plane = stack.plane(0).astype(float)
    assert np.array_equal(shot(scene, 0, exposure_s=0.025), np.rint(plane / 2))
    assert np.array_equal(shot(scene, 0, gain=3.0), np.minimum(plane * 3, 255))
    assert np.all(shot(scene, 0, light=0.0) == 0)
    scene.light = 2.0
    assert np.array_equal(shot(scene, 0), np.minimum(plane * 2, 255))
    scene.light = 1.0
    deep = shot(scene, 0, bits=12)
    assert deep.dtype == np.uint16
    assert np.array_equal(deep, np.rint(plane * (4095 / 255)))
