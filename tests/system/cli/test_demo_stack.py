"""`demo --stack` by belief: on planes rendered with known optics, and known focus."""

import shutil

import numpy as np
import pytest
from PIL import Image

from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.optics import Optics

pytestmark = pytest.mark.system

OPTICS = Optics(0.3, 0.55, magnification=10, pixel_um=4.0)
DOF_UM = OPTICS.depth_of_field_um
FOCUS_UM, START_UM = 30.0, -120.0
STEP_UM = 3.0
SAID = "\n".join(
    f"{key}: {getattr(OPTICS, key)}"
    for key in ("numerical_aperture", "wavelength_um", "magnification", "pixel_um")
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    texture = procedural_object("grain", (448, 448), seed=5)
    renderer = Renderer(texture, OPTICS, frame_shape=(384, 384))
    rows = ["file,z,unit"]
    for index, z_um in enumerate(np.arange(-150.0, 150.1, STEP_UM).tolist()):
        light = renderer.image(float(OPTICS.defocus_dof(z_um - FOCUS_UM))) * np.float32(0.3)
        Image.fromarray(expose(light, Sensor(), seed=index)).save(folder / f"{index}.png")
        rows.append(f"{index}.png,{z_um!r},um")
    (folder / "positions.csv").write_text("\n".join(rows))
    (folder / "optics.yml").write_text(SAID)
    return folder


@pytest.mark.timeout(200)
@pytest.mark.parametrize("source", ["given", "fitted"])
def test_the_belief_finds_focus_among_planes(run_command, stack, source):
    given = ("--optics", str(stack / "optics.yml")) if source == "given" else ()
    ended = run_command("demo", "--json", "--stack", str(stack), "--start", str(START_UM), *given)
    assert ended.status == 0, ended.err
    said = ended.json
    assert (said["verdict"], said["search"], said["optics"]) == ("in_focus", "belief", source)
    assert abs(said["final"] - FOCUS_UM) <= DOF_UM / 2
    assert "error_dof" in said
    assert "error_position" not in said
    assert said["frames"] <= 8
    # It stops at planes only.
    assert (said["final"] / STEP_UM) == pytest.approx(round(said["final"] / STEP_UM), abs=0.01)
    assert said["optics_note"] in " ".join(ended.err.split())


@pytest.mark.timeout(200)
def test_a_stack_that_supports_no_optics_is_swept_and_says_why(run_command, stack, tmp_path):
    copy = shutil.copytree(stack, tmp_path / "stack")
    listed = (stack / "positions.csv").read_text().replace(",um", ",index")
    (copy / "positions.csv").write_text(listed)
    ended = run_command("demo", "--json", "--stack", str(copy))
    said = ended.json
    assert (said["search"], said["optics"]) == ("sweep", "unknown")
    assert "is no length" in said["optics_note"]
    assert "error_position" in said
    refused = run_command("demo", "--json", "--stack", str(copy), "--search", "belief")
    assert refused.status == 2
    assert "is no length" in refused.json["error"]
