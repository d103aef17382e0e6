"""Optics fitted to a stack: what supports them, and what speaks against them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bluesky_autofocus.calibration.stack_optics import fit_stack_optics
from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics

OPTICS = Optics(0.3, 0.55, magnification=10, pixel_um=4.0)
STACKS = Path(__file__).parents[3] / ".." / "shared" / "data" / "stacks"
SIDE_PX = 384
Z_UM = np.linspace(-150.0, 150.0, 41)
FOCUS_UM = 30.0


def written(folder: Path, contrast: float = 1.0, unit: str = "um") -> FocalStack:
    side = SIDE_PX + 64
    renderer = Renderer(
        procedural_object("grain", (side, side), seed=5, contrast=contrast),
        OPTICS,
        frame_shape=(SIDE_PX, SIDE_PX),
    )
    rows = ["file,z,unit"]
    for index, z_um in enumerate(Z_UM.tolist()):
        light = renderer.image(float(OPTICS.defocus_dof(z_um - FOCUS_UM))) * np.float32(0.3)
        Image.fromarray(expose(light, Sensor(), seed=index)).save(folder / f"{index}.png")
        rows.append(f"{index}.png,{z_um!r},{unit}")
    (folder / "positions.csv").write_text("\n".join(rows))
    return FocalStack.read(folder)


def test_a_stack_of_one_texture_supports_optics(tmp_path):
    fitted = fit_stack_optics(written(tmp_path))
    assert isinstance(fitted, Optics), fitted
    rate = fitted.numerical_aperture / fitted.sample_pixel_um
    assert rate == pytest.approx(OPTICS.numerical_aperture / OPTICS.sample_pixel_um, rel=0.15)
    assert 0.5 < fitted.depth_of_field_um / OPTICS.depth_of_field_um < 2


def test_an_empty_field_supports_none(tmp_path):
    assert isinstance(fit_stack_optics(written(tmp_path, contrast=0.0)), str)


def test_an_order_is_no_length(tmp_path):
    assert fit_stack_optics(written(tmp_path, unit="index")) == (
        "the unit of the positions, 'index', is no length"
    )


@pytest.mark.parametrize(
    ("name", "supported"),
    [
        ("bnl_wafer/level1_iy000", True),
        ("firepick_xp005/neopixel", False),
        ("firepick_xp005/rep1_img1", False),
        ("firepick_xp005/rep2_img1", False),
    ],
)
def test_recorded_stacks_support_optics_or_do_not(name: str, supported: bool):
    if not STACKS.is_dir():
        pytest.skip(f"The recorded focal stacks are not at {STACKS}.")
    fitted = fit_stack_optics(FocalStack.read(STACKS / name))
    assert isinstance(fitted, Optics) is supported, fitted
