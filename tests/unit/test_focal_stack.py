"""Focal stacks: order, laziness, blending, and every way in which a folder can be wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from bluesky_autofocus import focal_stack
from bluesky_autofocus.errors import FocalStackError
from bluesky_autofocus.focal_stack import FocalStack

STACKS = Path(__file__).parents[3] / "shared" / "data" / "stacks"

ROWS = ["c.png,4.5,um", "a.png,-1,um", "b.png,0.5,um"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three planes of even grey: 10 at -1, 20 at 0.5, 40 at 4.5 µm, listed out of order."""
    for name, grey in (("a", 10), ("b", 20), ("c", 40)):
        Image.fromarray(np.full((6, 8), grey, dtype=np.uint8)).save(tmp_path / f"{name}.png")
    write(tmp_path, ROWS)
    return tmp_path


def write(folder: Path, rows: list[str], header: str = "file,z,unit") -> None:
    (folder / "positions.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def test_planes_are_sorted_by_position(folder: Path) -> None:
    stack = FocalStack.read(folder)
    assert len(stack) == 3
    assert stack.positions.tolist() == [-1, 0.5, 4.5]
    assert (stack.unit, stack.shape, stack.folder, stack.duplicates) == ("um", (6, 8), folder, ())
    assert [int(stack.plane(i)[0, 0]) for i in range(3)] == [10, 20, 40]
    assert stack.plane(0).dtype == np.uint8


def test_nearest_and_interpolated(folder: Path) -> None:
    stack = FocalStack.read(folder)
    nearest = {z: int(stack.nearest(z)[0, 0]) for z in (-99, -0.3, -0.2, 2.4, 2.6, 99)}
    assert nearest == {-99: 10, -0.3: 10, -0.2: 20, 2.4: 20, 2.6: 40, 99: 40}
    blended = {z: int(stack.interpolated(z)[0, 0]) for z in (-99, -1, -0.25, 0.5, 1.5, 4.5, 99)}
    assert blended == {-99: 10, -1: 10, -0.25: 15, 0.5: 20, 1.5: 25, 4.5: 40, 99: 40}
    assert stack.interpolated(1.5).dtype == np.uint8
    for look_up in (stack.nearest, stack.interpolated):
        with pytest.raises(FocalStackError, match="position nan is not finite"):
            look_up(float("nan"))


def test_planes_are_loaded_when_asked_for_and_kept(folder: Path) -> None:
    stack = FocalStack.read(folder)
    assert stack.plane(1) is stack.plane(1)
    (folder / "b.png").unlink()
    assert stack.plane(1)[0, 0] == 20
    (folder / "c.png").write_bytes((folder / "a.png").read_bytes()[:45])
    with pytest.raises(FocalStackError, match=r"c\.png cannot be read"):
        stack.plane(2)
    with pytest.raises(FocalStackError, match="no plane 3 .* Give 0 to 2"):
        stack.plane(3)


def test_cache_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(focal_stack, "CACHE_BYTES", 2 * 6 * 8)
    stack = FocalStack.read(folder)
    first = stack.plane(0)
    assert stack.plane(1) is stack.plane(1)
    assert stack.plane(0) is first
    stack.plane(2)
    assert stack.plane(0) is first
    stack.plane(1)
    stack.plane(2)
    assert stack.plane(0) is not first


def test_planes_cannot_be_spoilt(folder: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        FocalStack.read(folder).plane(0)[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        FocalStack.read(folder).positions[0] = 1


def test_first_of_two_planes_at_one_position_stays(folder: Path) -> None:
    write(folder, [*ROWS, "c.png,-1.0,um"])
    stack = FocalStack.read(folder)
    assert len(stack) == 3
    assert stack.plane(0)[0, 0] == 10
    assert stack.duplicates == ("c.png",)


@pytest.mark.parametrize(("said", "unit"), [("mm", "mm"), ("µm", "um"), ("index", "index")])
def test_units(folder: Path, said: str, unit: str) -> None:
    write(folder, [row.replace("um", said) for row in ROWS])
    assert FocalStack.read(folder).unit == unit


def test_list_of_a_spreadsheet_is_read(folder: Path) -> None:
    text = "\r\n".join(["file, z, unit, note", *(f"{row}, x" for row in ROWS), ""])
    (folder / "positions.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert FocalStack.read(folder).positions.tolist() == [-1, 0.5, 4.5]


def test_sixteen_bits_and_colour(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    deep = rng.integers(0, 65535, (3, 6, 8), dtype=np.uint16)
    for i in range(3):
        tifffile.imwrite(tmp_path / f"{i}.tif", deep[i])
    write(tmp_path, [f"{i}.tif,{i},um" for i in range(3)])
    stack = FocalStack.read(tmp_path)
    assert stack.plane(1).dtype == np.uint16
    assert np.array_equal(stack.plane(1), deep[1])
    colour = np.zeros((6, 8, 3), dtype=np.uint8)
    colour[..., 1] = 200
    for i in range(3):
        Image.fromarray(colour).save(tmp_path / f"{i}.png")
    write(tmp_path, [f"{i}.png,{i},um" for i in range(3)])
    assert np.all(FocalStack.read(tmp_path).plane(0) == round(0.587 * 200))


def damage_size(folder: Path) -> None:
    Image.fromarray(np.zeros((6, 9), dtype=np.uint8)).save(folder / "b.png")


def damage_file(folder: Path) -> None:
    (folder / "b.png").write_text("no image")


def damage_tiff(folder: Path) -> None:
    (folder / "b.tif").write_text("no image")
    write(folder, [*ROWS, "b.tif,9,um"])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / "positions.csv").unlink(), "positions.csv cannot be read: .*file,z,unit"),
        (lambda f: (f / "positions.csv").write_bytes(b"\xff\xfe\x00"), "cannot be read"),
        (lambda f: write(f, ROWS, header="file,height,unit"), "without z"),
        (lambda f: write(f, []), "has 0 planes"),
        (lambda f: (f / "positions.csv").write_text(""), "without file, z, unit"),
        (lambda f: write(f, ROWS[:2]), "has 2 planes .* at least 3"),
        (lambda f: write(f, [*ROWS[:2], "b.png,-1,um"]), "has 2 planes"),
        (lambda f: write(f, [*ROWS, "b.png,high,um"]), "line 5: z is 'high'"),
        (lambda f: write(f, [*ROWS, "b.png,nan,um"]), "line 5: z is 'nan'"),
        (lambda f: write(f, [*ROWS, "b.png,inf,um"]), "line 5: z is 'inf'"),
        (lambda f: write(f, [*ROWS, "b.png,9"]), "line 5: the unit is ''"),
        (lambda f: write(f, [*ROWS, "b.png,9,nm"]), "line 5: the unit is 'nm'. Give um, mm"),
        (lambda f: write(f, [*ROWS, "b.png,9,mm"]), "mixes the units mm, um"),
        (lambda f: write(f, [*ROWS, "d.png,9,um"]), r"line 5: there is no image .*d\.png"),
        (lambda f: write(f, [*ROWS, ",9,um"]), "line 5: the file is ''"),
        (lambda f: write(f, [*ROWS, "../b.png,9,um"]), "not inside"),
        (lambda f: write(f, [*ROWS, "/etc/hostname,9,um"]), "not inside"),
        (damage_size, r"different shapes: .*b\.png \(6, 9\)"),
        (damage_file, r"b\.png is not a readable image"),
        (damage_tiff, r"b\.tif is not a readable image"),
    ],
)
def test_malformed_folder_is_refused(
    folder: Path, damage: Callable[[Path], object], said: str
) -> None:
    damage(folder)
    with pytest.raises(FocalStackError, match=said):
        FocalStack.read(folder)


def test_link_out_of_the_folder_is_refused(folder: Path, tmp_path_factory: object) -> None:
    (folder / "inner").mkdir()
    write(folder / "inner", [f"{name}.png,{i},um" for i, name in enumerate("abc")])
    for name in "abc":
        (folder / "inner" / f"{name}.png").symlink_to(folder / f"{name}.png")
    with pytest.raises(FocalStackError, match="not inside"):
        FocalStack.read(folder / "inner")


def test_missing_folder_and_wrong_depth_are_refused(folder: Path) -> None:
    with pytest.raises(FocalStackError, match="is not a folder. Give one that holds positions.csv"):
        FocalStack.read(folder / "absent")
    tifffile.imwrite(folder / "b.tif", np.zeros((6, 8), dtype=np.float32))
    write(folder, [*ROWS[:2], "b.tif,9,um"])
    with pytest.raises(FocalStackError, match="pixels of type float32. Save .* 8 or 16 bits"):
        FocalStack.read(folder).plane(2)


@pytest.mark.skipif(not STACKS.is_dir(), reason=f"the recorded stacks are not at {STACKS}")
@pytest.mark.parametrize(
    ("name", "planes", "shape", "unit"),
    [
        ("bnl_wafer/level1_iy000", 11, (1200, 1920), "um"),
        ("firepick_xp005/neopixel", 121, (400, 400), "mm"),
        ("openflexure_onion/stack", 51, (612, 816), "um"),
        ("focusstack_pcb/depthmap", 10, (1536, 2048), "index"),
    ],
)
def test_recorded_stacks(name: str, planes: int, shape: tuple[int, int], unit: str) -> None:
    stack = FocalStack.read(STACKS / name)
    assert (len(stack), stack.shape, stack.unit) == (planes, shape, unit)
    assert np.all(np.diff(stack.positions) > 0)
    assert stack.plane(planes // 2).std() > 1
