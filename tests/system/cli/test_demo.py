"""`bluesky-autofocus demo` from its command line to its figure, its verdict and its exit status."""

import json
import re
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import pytest
from PIL import Image

from bluesky_autofocus.focal_stack import FocalStack
from bluesky_autofocus.verdict import Verdict

pytestmark = pytest.mark.system

STACKS = Path(__file__).parents[3].parent / "shared" / "data" / "stacks"
RECORDED = ["firepick_xp005/neopixel", "bnl_wafer/level1_iy000", "openflexure_onion/stack"]
# In focus on a recorded stack means within this many plane spacings of the reference, which is a
# measurement itself: between two planes nobody knows more.
MOST_SPACINGS = 3.0

SEARCHES = {
    "golden": ("--search", "golden"),
    "brent": ("--search", "brent"),
    "hill_climb": ("--search", "hill_climb", "--start", "70"),
}
FAULTS = {
    "stage_stall": Verdict.STAGE_FAULT,
    "camera_hang": Verdict.CAMERA_FAULT,
    "camera_dark": Verdict.TOO_DARK,
    "camera_saturate": Verdict.SATURATED,
}
CASES = {
    "plain": (),
    **SEARCHES,
    **{fault: ("--fault", fault, "--search", "golden") for fault in FAULTS},
    **{name: ("--stack", str(STACKS / name)) for name in RECORDED if (STACKS / name).is_dir()},
}


@pytest.fixture(scope="module")
def demos(run_command, tmp_path_factory):
    """All demos of this module, three at a time, as they mostly wait; ask for one by its name."""
    homes = Queue()
    for number in range(3):
        homes.put(tmp_path_factory.mktemp(f"home{number}"))

    def run(*arguments):
        # Each worker has its own: SQLite refuses a second writer of one catalog now and then.
        home = homes.get()
        try:
            return run_command("demo", "--json", *arguments, at=home)
        finally:
            homes.put(home)

    with ThreadPoolExecutor(max_workers=homes.qsize()) as pool:
        asked: dict[str, Future] = {name: pool.submit(run, *CASES[name]) for name in CASES}
        yield lambda name: asked[name].result(timeout=300)
        for future in asked.values():
            future.cancel()


def in_step(ended) -> bool:
    return ended.status == (0 if ended.json["verdict"] == "in_focus" else 1)


@pytest.mark.timeout(200)
def test_ends_in_focus_with_one_json_object(demos):
    ended = demos("plain")
    assert ended.status == 0, ended.err
    assert ended.out.count("\n") == 1
    said = ended.json
    assert said["verdict"] == "in_focus"
    assert abs(said["error_dof"]) < 0.5
    assert said["search"] == "belief"
    assert 2 <= said["frames"] <= 6
    assert said["seconds"] > 0
    assert said["start"] == pytest.approx(123.27, abs=0.01)
    assert said["final"] == pytest.approx(said["reference"], abs=3.6)
    assert said["expected_error"] < 3.6
    (profiles,) = re.findall(r'TILED_PROFILES"\] = "(.*)"', said["read_with"])
    home = Path(profiles).parents[1]
    assert (home / "autofocus" / "frames").is_dir()
    assert not (home / ".config" / "tiled").exists()


def test_says_nothing_but_its_own_lines(demos):
    lines = demos("plain").err.splitlines()
    frames = demos("plain").json["frames"]
    assert len(lines) == 7 + frames, demos("plain").err
    assert [line[:8] for line in lines[:2]] == ["Catalog:", "Station:"]
    assert all(len(line) < 80 for line in lines[3:-1])


def test_figure_is_a_png(demos):
    ended = demos("plain")
    figure = ended.folder / ended.json["figure"]
    assert figure.name == f"focus-{ended.json['uid'][:8]}.png"
    with Image.open(figure) as picture:
        assert picture.format == "PNG"
        assert picture.width > 1000


@pytest.mark.timeout(200)
@pytest.mark.parametrize("name", ["plain", "camera_hang"])
def test_run_is_read_back_in_a_plain_new_python(demos, in_python, name):
    said = demos(name).json
    positions, verdict = in_python(
        f"{said['read_with']}\n"
        "import json\n"
        "print(json.dumps(run.table()['stage'].tolist()))\n"
        "print(run.table('outcome')['outcome_verdict'].iloc[-1])\n"
    ).splitlines()
    assert len(json.loads(positions)) == said["frames"]
    assert json.loads(positions)[0] == pytest.approx(said["start"], abs=0.1)
    assert verdict == said["verdict"]


def test_leaves_no_process(demos, left_over):
    assert left_over(demos("plain")) == []


@pytest.mark.parametrize("search", SEARCHES)
def test_each_search_ends_with_a_verdict(demos, search):
    ended = demos(search)
    assert ended.json["verdict"] in set(Verdict)
    assert ended.json["search"] == search
    assert in_step(ended)
    if ended.json["verdict"] == "in_focus":
        assert abs(ended.json["error_dof"]) < 0.5


@pytest.mark.parametrize(("fault", "verdict"), FAULTS.items())
def test_fault_ends_with_its_verdict(demos, fault, verdict):
    ended = demos(fault)
    said = ended.json
    assert said["verdict"] == verdict, ended.err
    assert ended.status == 1
    assert said["final"] == said["start"]
    assert "Traceback" not in ended.err
    assert "CA.Client.Exception" not in ended.err
    assert said["figure"] is None or said["figure"].endswith(".png")


@pytest.mark.timeout(200)
@pytest.mark.parametrize("name", RECORDED)
def test_recorded_stack(demos, name):
    if name not in CASES:
        pytest.skip(f"{STACKS / name} is not there: recorded stacks are not part of the project")
    ended, stack = demos(name), FocalStack.read(STACKS / name)
    said = ended.json
    assert said["verdict"] in set(Verdict)
    assert in_step(ended)
    assert said["unit"] == stack.unit
    assert said["error_against"] == "plane with the strongest blurred gradient"
    assert said["reference"] in stack.positions
    assert ("error_dof" in said) is (said["search"] == "belief")
    spacing = (stack.positions[-1] - stack.positions[0]) / (len(stack) - 1)
    error = said["final"] - said["reference"]
    if said["verdict"] == "in_focus":
        assert abs(error) <= MOST_SPACINGS * spacing
    print(f"{name}: {said['verdict']} by {said['search']}, {error:+.4g} {said['unit']}")
