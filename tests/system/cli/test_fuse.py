"""`bluesky-autofocus fuse`: a folder becomes files, and what cannot be fused is told."""

import json

import numpy as np
import pytest
import tifffile
from drawn_stack import draw_stack
from PIL import Image

from bluesky_autofocus.imaging import cap
from bluesky_autofocus.replay import read_fused

pytestmark = pytest.mark.system

SIDE_PX = 256
RELIEF = cap((SIDE_PX, SIDE_PX), 8.0)
Z_DOF = np.arange(-10.0, 3.0, 1.2)


@pytest.fixture
def folder(tmp_path):
    """Planes of a cap, one file each."""
    stack = tmp_path / "stack"
    stack.mkdir()
    lines = ["file,z,unit"]
    for k, plane in enumerate(draw_stack(RELIEF, Z_DOF)):
        Image.fromarray(plane).save(stack / f"{k}.png")
        lines.append(f"{k}.png,{Z_DOF[k]:.3f},um")
    (stack / "positions.csv").write_text("\n".join(lines))
    return stack


def test_a_folder_becomes_image_heights_and_picture(run_command, folder, tmp_path):
    ended = run_command("fuse", str(folder), "--json", at=tmp_path)
    assert ended.status == 0, ended.err
    assert ended.json["planes"] == len(Z_DOF)
    assert ended.json["derived_uid"] is None
    assert ended.json["quality"]["valid_share"] > 0.8
    out = ended.folder / "fused-stack"
    made = sorted(path.name for path in out.iterdir())
    assert made == ["fused.h5", "fused.png", "height.tiff", "image.tiff"]
    height = tifffile.imread(out / "height.tiff")
    told = np.isfinite(height)
    assert np.sqrt(np.mean((height - RELIEF)[told] ** 2)) < 0.3
    arrays = read_fused(out / "fused.h5")
    assert np.array_equal(arrays["image"], tifffile.imread(out / "image.tiff"))
    assert np.array_equal(arrays["valid"], told)
    with Image.open(out / "fused.png") as picture:
        assert picture.size == (1430, 484)


def test_people_are_told_in_a_few_lines(run_command, folder, tmp_path):
    ended = run_command("fuse", str(folder), "--out", "there", "--no-align", at=tmp_path)
    assert ended.status == 0, ended.err
    assert "planes from -10 to" in ended.out
    assert "height    told for" in ended.out
    assert (ended.folder / "there" / "fused.png").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("/no/such",), ("/no/such", "not a folder")),
        (("abcdef",), ("'abcdef'", "Give a whole uid")),
        (("STACK", "--window", "1"), ("window_px is 1", "2 to 100")),
        (("STACK", "--out", "/proc/no"), ("/proc/no", "--out")),
    ],
)
def test_what_cannot_be_fused_is_told(run_command, folder, tmp_path, arguments, said):
    given = [str(folder) if word == "STACK" else word for word in arguments]
    ended = run_command("fuse", "--json", *given, at=tmp_path)
    assert ended.status == 2
    assert set(json.loads(ended.out)) == {"error"}
    for part in said:
        assert part in ended.json["error"]
    assert "Traceback" not in ended.err
