"""The PVs of a scene, without a network."""

import asyncio
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from caproto import AccessRights, CaprotoValueError, ChannelType
from PIL import Image

from bluesky_autofocus.focal_stack import FocalStack
from devices.sim.scene import RenderedScene, ReplayedScene, make_scene
from devices.sim.scene.pvs import SceneGroup


def shown(scene: RenderedScene | ReplayedScene) -> SceneGroup:
    group = SceneGroup("T:scene:", scene=scene)
    asyncio.run(group.initialise())
    return group


def put(group: SceneGroup, name: str, value: object) -> None:
    asyncio.run(group.pvdb[f"T:scene:{name}"].write(value))


@pytest.fixture
def rendered() -> RenderedScene:
    return make_scene("beads", shape=(64, 64), focus_position=-12.5)


@pytest.fixture
def replayed(tmp_path: Path) -> ReplayedScene:
    for i in range(3):
        Image.fromarray(np.full((8, 8), i, dtype=np.uint8)).save(tmp_path / f"{i}.png")
    rows = "\n".join(f"{i}.png,{i},mm" for i in range(3))
    (tmp_path / "positions.csv").write_text(f"file,z,unit\n{rows}\n")
    return ReplayedScene(FocalStack.read(tmp_path))


def test_rendered_scene_tells_its_truth(rendered: RenderedScene) -> None:
    group = shown(rendered)
    values = {name.rpartition(":")[2]: pv.value for name, pv in group.pvdb.items()}
    assert values == {
        "Name": "beads",
        "Unit": "um",
        "FocusPosition": -12.5,
        "DepthOfField": rendered.depth_of_field,
        "Interpolation": "rendered",
        "Light": 1.0,
        "Drift": 0.0,
    }
    assert group.focus_position.units == group.depth_of_field.units == "um"


def test_every_pv_is_documented_and_text_is_text(rendered: RenderedScene) -> None:
    for name, channel in shown(rendered).pvdb.items():
        assert channel.pvspec.doc, name
        assert channel.data_type != ChannelType.CHAR, name
        writable = AccessRights.WRITE in channel.check_access("", "")
        assert writable == name.endswith(("Light", "Interpolation", "Drift")), name


def test_replayed_scene_knows_no_truth(replayed: ReplayedScene) -> None:
    group = shown(replayed)
    assert isnan(group.focus_position.value) and isnan(group.depth_of_field.value)
    assert group.interpolation.value == "nearest"
    assert group.focus_position.units == "mm"


def test_interpolation_follows_a_put(replayed: ReplayedScene) -> None:
    group = shown(replayed)
    put(group, "Interpolation", "linear")
    assert replayed.interpolation == group.interpolation.value == "linear"
    put(group, "Interpolation", 1)
    assert replayed.interpolation == group.interpolation.value == "nearest"
    with pytest.raises(ValueError, match="a recorded stack is nearest or linear"):
        put(group, "Interpolation", "rendered")
    assert group.interpolation.value == "nearest"


def test_a_rendered_scene_is_not_interpolated(rendered: RenderedScene) -> None:
    group = shown(rendered)
    put(group, "Interpolation", "rendered")
    with pytest.raises(ValueError, match="rendered at every position"):
        put(group, "Interpolation", "linear")


def test_light_follows_a_put(rendered: RenderedScene) -> None:
    group = shown(rendered)
    put(group, "Light", 0.25)
    assert rendered.light == 0.25
    for bad in (-1.0, 101.0, float("nan")):
        with pytest.raises(CaprotoValueError, match="Limits are set to 0.0 and 100.0"):
            put(group, "Light", bad)
    assert rendered.light == group.light.value == 0.25


def test_the_focus_moves_with_the_drift(rendered: RenderedScene) -> None:
    group = shown(rendered)
    put(group, "Drift", 20.0)
    assert rendered.focus_position == group.focus_position.value == 7.5
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="is no finite distance"):
            put(group, "Drift", bad)
    assert rendered.drift == group.drift.value == 20.0


def test_a_recording_drifts_from_plane_to_plane(replayed: ReplayedScene) -> None:
    group = shown(replayed)
    put(group, "Drift", 1.0)
    frame = replayed.frame(2.0, exposure_s=0.05, gain=1.0, bits=8, index=0)
    assert (frame == 1).all()
    assert isnan(group.focus_position.value)


def test_long_names_fit_a_channel_access_string(rendered: RenderedScene) -> None:
    rendered.name = "n" * 60
    assert shown(rendered).name_.value == "n" * 39
