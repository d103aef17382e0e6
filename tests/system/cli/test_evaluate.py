"""The evaluation as its users run it, with the shipped estimator on rendered stacks."""

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from bluesky_autofocus.estimator import SharpnessEstimator
from bluesky_autofocus.imaging import Renderer, Sensor, expose, procedural_object
from bluesky_autofocus.measures import MEASURES
from bluesky_autofocus.optics import Optics, optics_of_sampling

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
STACKS = ROOT.parent / "shared" / "data" / "stacks"
OPTICS = Optics(0.45, 0.55, magnification=1, pixel_um=0.286)
OPTICS_YAML = "numerical_aperture: 0.45\nwavelength_um: 0.55\nsample_pixel_um: 0.286\n"
FOCUS_UM = 2.0


def save(folder: Path, frames: dict[float, np.ndarray], *, unit: str = "um") -> Path:
    """Write a stack: colour PNG for 8 bits, TIFF for 16."""
    folder.mkdir(parents=True)
    rows = ["file,z,unit"]
    for index, (z, frame) in enumerate(frames.items()):
        if frame.dtype == np.uint8:
            name = f"{index}.png"
            Image.fromarray(np.stack([frame] * 3, axis=-1)).save(folder / name)
        else:
            name = f"{index}.tif"
            tifffile.imwrite(folder / name, frame)
        rows.append(f"{name},{z!r},{unit}")
    (folder / "positions.csv").write_text("\n".join(rows))
    return folder


def rendered(z_um, *, bits=8, per_um=1.0) -> dict[float, np.ndarray]:
    """Frames of grains, keyed by position."""
    renderer = Renderer(procedural_object("grain", (256, 320), seed=5), OPTICS)
    frames = {}
    for index, z in enumerate(z_um):
        light = 0.4 * renderer.image(float(OPTICS.defocus_dof(z - FOCUS_UM)))
        frames[float(z) * per_um] = expose(light, Sensor(bits=bits), seed=index)
    return frames


@pytest.fixture(scope="module")
def stacks(tmp_path_factory):
    """Two-sided in 8 bits of colour, one-sided in 12 of 16 bits and mm, blank, and malformed."""
    folder = tmp_path_factory.mktemp("stacks")
    blank = {float(z): np.full((256, 320), 100 + z, np.uint8) for z in range(4)}
    malformed = save(folder / "malformed", blank)
    (malformed / "2.png").write_bytes(b"no image")
    tiny = {float(z): np.full((40, 200), 10 * z, np.uint8) for z in range(3)}
    return {
        "two-sided": save(folder / "two", rendered(np.linspace(-38, 42, 13))),
        "one-sided": save(
            folder / "one", rendered(np.linspace(2, 42, 12), bits=12, per_um=1e-3), unit="mm"
        ),
        "blank": save(folder / "blank", blank),
        "malformed": malformed,
        "tiny": save(folder / "tiny", tiny),
    }


@pytest.fixture(scope="module")
def optics_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("optics") / "optics.yml"
    path.write_text(OPTICS_YAML)
    return path


@pytest.fixture(scope="module")
def evaluated(run_command, stacks, optics_file):
    """All stacks in one command, optics and focus given."""
    folders = [str(stacks[name]) for name in ("two-sided", "malformed", "blank", "tiny")]
    return run_command(
        "evaluate", *folders, "--json", "--optics", str(optics_file), "--focus", str(FOCUS_UM)
    )


def test_one_json_object_and_the_others_are_done(evaluated, stacks):
    assert evaluated.out.count("\n") == 1
    said = evaluated.json
    assert evaluated.status == 1
    assert [Path(stack["stack"]).name for stack in said["stacks"]] == ["two", "blank"]
    failed = {Path(entry["stack"]).name: entry["error"] for entry in said["failed"]}
    assert set(failed) == {"malformed", "tiny"}
    assert "2.png" in failed["malformed"]
    assert "(40, 200)" in failed["tiny"]
    assert "0.png" in failed["tiny"]
    for error in failed.values():
        assert error in evaluated.err
    assert "Traceback" not in evaluated.err
    assert (
        said["estimator"]["weights_sha256"]
        == SharpnessEstimator(optics_of_sampling(1.0)).weights_sha256
    )
    assert said["optics"]["depth_of_field_um"] == pytest.approx(OPTICS.depth_of_field_um)


def test_two_sided_stack(evaluated):
    stack = evaluated.json["stacks"][0]
    assert stack["scale"] == {
        "value": pytest.approx(OPTICS.depth_of_field_um, rel=1e-5), "std": None, "fitted": False,
    }  # fmt: skip
    assert stack["reference"] == {"z": FOCUS_UM, "source": "given"}
    assert stack["rho"] > 0.95
    assert stack["median_relative_error"] < 0.3
    assert abs(stack["focus"]["error_dof"]) < 1
    assert stack["focus"]["place"] == "inside"
    assert set(stack["measures"]) == set(MEASURES)
    assert len(stack["planes"]) == 13
    for plane in stack["planes"]:
        low, high = plane["interval_90"]
        assert 0 <= low <= plane["distance"] <= high
        assert plane["distance"] == pytest.approx(
            plane["distance_dof"] * OPTICS.depth_of_field_um, rel=1e-4
        )


def test_planes_are_what_the_estimator_says(evaluated, stacks):
    estimator = SharpnessEstimator(OPTICS, full_scale=255)
    with Image.open(stacks["two-sided"] / "4.png") as image:
        estimate = estimator.summary(np.asarray(image)[..., 0])
    plane = evaluated.json["stacks"][0]["planes"][4]
    assert plane["file"] == "4.png"
    assert plane["sharpness"] == pytest.approx(estimate.sharpness, rel=1e-3)
    assert plane["distance_dof"] == pytest.approx(estimate.distance_dof, rel=1e-3)
    assert plane["validity"] == estimate.validity


def test_blank_stack_is_told_as_such(evaluated):
    stack = evaluated.json["stacks"][1]
    assert {plane["validity"] for plane in stack["planes"]} == {"no_texture"}
    assert stack["valid_planes"] == 0
    assert stack["measures"]["blurred_gradient"]["focus"] is None
    assert stack["focus"] is None
    assert any("do not tell where focus is" in note for note in stack["notes"])


def test_figures_are_pictures_in_the_working_directory(evaluated):
    for stack in evaluated.json["stacks"]:
        path = evaluated.folder / stack["figure"]
        assert path.name.startswith("evaluation-stacks")
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            assert picture.width > 1000


def test_page_names_every_key(evaluated):
    text = (ROOT / "docs/reference/cli.md").read_text()
    section = text.split("## `bluesky-autofocus evaluate`")[1].split("\n## ")[0]
    tables = section.split("| key | value |\n|---|---|\n")[1:]
    listed = []
    for table in tables:
        rows = [row.split("|")[1] for row in table.split("\n\n")[0].splitlines()]
        listed.append({name for row in rows for name in re.findall(r"`(\w+)`", row)})
    said = evaluated.json
    stack = said["stacks"][0]
    assert listed == [set(said), set(stack), set(stack["planes"][0])]


def test_unknown_optics_of_a_one_sided_stack_for_people(run_command, stacks, tmp_path):
    figure = tmp_path / "new" / "one.png"
    ended = run_command("evaluate", str(stacks["one-sided"]), "--figure", str(figure))
    assert ended.status == 0, ended.err
    assert figure.is_file()
    said = " ".join(ended.out.split())
    assert "optics unknown" in said
    assert "mm per depth of field, fitted" in said
    assert "reference 0.002 mm, peak of blurred_gradient" in said
    assert "low end" in said
    assert "was fitted to this stack's own predictions: it is no measurement" in said
    assert "blurred_gradient" in said
    assert max(map(len, ended.out.splitlines()[3:6])) < 100


def test_how_to_page_is_true(in_python, stacks, tmp_path):
    page = (ROOT / "docs/how-to/evaluate-a-stack.md").read_text()
    code, optics, positions = (
        re.search(rf"^```{kind}\n(.*?)^```$", page, re.M | re.S).group(1)  # pyright: ignore[reportOptionalMemberAccess]
        for kind in ("python", "yaml", "")
    )
    path = tmp_path / "optics.yml"
    path.write_text(optics)
    header, *rows = positions.splitlines()
    assert header == (stacks["two-sided"] / "positions.csv").read_text().splitlines()[0]
    assert all(len(row.split(",")) == 3 for row in rows)
    out = in_python(f"optics_file = {str(path)!r}\nfolder = {str(stacks['two-sided'])!r}\n{code}")
    assert out.startswith("Focus(z=")
    assert float(out.split()[-1]) > 0.9


BAD = {
    "optics": (("--optics", "/no/such.yml"), ("/no/such.yml", "cannot be read")),
    "sampling": (("--optics", "OVERSAMPLED"), ("q = 0.20", "Bin the frames")),
    "focus": (("--focus", "inf"), ("--focus inf", "not finite")),
    "weights": (("--weights", "/no/such"), ("/no/such", "cannot be read")),
    "figures": (("--figures", "/dev/null"), ("/dev/null", "not a folder")),
    "both figures": (("--figure", "a.png", "--figures", "b"), ("a.png", "Give one of them")),
    "option": (("--speed", "9"), ("--speed",)),
}


@pytest.mark.parametrize(("arguments", "said"), BAD.values(), ids=BAD)
def test_bad_option_runs_nothing(run_command, stacks, tmp_path, arguments, said):
    fine = tmp_path / "fine.yml"
    fine.write_text("numerical_aperture: 0.25\nwavelength_um: 0.5\nsample_pixel_um: 0.1\n")
    arguments = [str(fine) if word == "OVERSAMPLED" else word for word in arguments]
    ended = run_command("evaluate", str(stacks["two-sided"]), "--json", *arguments)
    assert ended.status == 2
    assert set(ended.json) == {"error"}
    for part in said:
        assert part in ended.json["error"]
    assert "Traceback" not in ended.err
    assert list(ended.folder.glob("*.png")) == []


def test_no_stack_is_a_bad_option_too(run_command):
    ended = run_command("evaluate", "--json")
    assert ended.status == 2
    assert "STACK" in ended.json["error"]


def test_foreign_weights_run_nothing(run_command, stacks, tmp_path):
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"\x00" * 1000)
    ended = run_command("evaluate", str(stacks["two-sided"]), "--weights", str(weights))
    assert ended.status == 2
    assert "weights.safetensors" in ended.err
    assert ended.out == ""


def test_ctrl_c_ends_it(start_command, tmp_path):
    many = {float(z): np.random.default_rng(z).integers(0, 99, (512, 512)).astype(np.uint8)
            for z in range(3)}  # fmt: skip
    folder = save(tmp_path / "long", many)
    rows = [f"{z % 3}.png,{z},um" for z in range(4000)]
    (folder / "positions.csv").write_text("\n".join(["file,z,unit", *rows]))
    running = start_command("evaluate", str(folder), "--json")
    running.wait_for("4000 planes")
    running.interrupt()
    ended = running.ended(timeout_s=60)
    assert ended.status == 130
    assert set(ended.json) == {"error"}
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("name", ["bnl_wafer/level1_iy000", "focusstack_pcb/depthmap"])
def test_recorded_stack(run_command, tmp_path, name):
    if not (STACKS / name).is_dir():
        pytest.skip(f"{STACKS / name} is not there: recorded stacks are not part of the project")
    ended = run_command("evaluate", str(STACKS / name), "--json", "--figures", str(tmp_path))
    assert ended.status == 0, ended.err
    (stack,) = ended.json["stacks"]
    assert stack["scale"]["fitted"] is True
    assert all(plane["distance"] is None for plane in stack["planes"])
    assert (tmp_path / f"evaluation-{name.replace('/', '-')}.png").is_file()
    print(f"{name}: rho {stack['rho']}, blurred {stack['measures']['blurred_gradient']['rho']}")
